"""A primary dies under load, its standby takes over: whoever works follows by an address that names both."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from deploy.runner.given import Given
from deploy.runner.stack import Stack
from shared.eventstore import hosts
from tests.backup.load import AT_ONCE, Load, staffed
from tests.backup.pair import Pair
from tests.until import until

RTO = 60.0  # seconds, on a machine that has much else to do
ENOUGH = 30  # events
EPOCH = "select max(number) from epochs"
NAMED = "select count(*) filter (where recovered) as recovered, count(*) as lost from lost_events"


@asynccontextmanager
async def paired(directory: Path, *, synchronous: bool) -> AsyncIterator[Pair]:
    pair = Pair(directory)
    try:
        await pair.start("identity", synchronous=synchronous)
        yield pair
    finally:
        await pair.stop()


@asynccontextmanager
async def identity_on(pair: Pair, directory: Path) -> AsyncIterator[Load]:
    given = Given(database_url=pair.url(pair.database.app_url), database_owner_url=pair.url(pair.database.owner_url))
    async with Stack(directory / "stack", only=["identity"], given=given, tell=lambda _: None) as stack:
        await stack.ready()
        yield await staffed(stack)


async def test_a_synchronous_standby_loses_nothing(tmp_path: Path) -> None:
    async with paired(tmp_path, synchronous=True) as pair, identity_on(pair, tmp_path) as load, load.going_on():
        await load.accepts(0, ENOUGH)
        killed = time.monotonic()
        pair.primary.kill()
        await pair.promote()
        promoted = time.monotonic()
        first = await load.accepts(promoted, ENOUGH)
        lost = await load.lost(pair.standby.url("identity"), time.monotonic())
        print(
            f"\nsynchronous standby: {len(load.accepted)} events accepted, {len(lost)} lost, promoted after "
            f"{promoted - killed:.2f} s, RTO {first - killed:.2f} s"
        )
        assert not lost
        assert first - killed < RTO
        assert not load.record.failures


async def test_what_an_asynchronous_standby_lost_is_recovered_or_named(tmp_path: Path) -> None:
    async with paired(tmp_path, synchronous=False) as pair, identity_on(pair, tmp_path) as load:
        async with load.going_on():
            await load.accepts(0, ENOUGH)
            await pair.part()
            parted = time.monotonic()
            await load.accepts(parted, ENOUGH)
            killed = time.monotonic()
            pair.primary.kill()
            await pair.promote()
            promoted = time.monotonic()
            first = await load.accepts(promoted, ENOUGH)
        url = pair.standby.url("identity")
        connection = await asyncpg.connect(url)
        try:
            await until(lambda: connection.fetchval(EPOCH), timeout=RTO, what="a new epoch")
            row = await connection.fetchrow(NAMED)
        finally:
            await connection.close()
        assert row is not None
        gone = await load.lost(url, killed)
        print(
            f"\nasynchronous standby, {killed - parted:.1f} s behind: {row['lost']} events lost and named, "
            f"{row['recovered']} of them recovered, {len(gone)} accepted ones gone, RTO {first - killed:.2f} s"
        )
        assert row["recovered"]
        assert len(gone) <= row["lost"] - row["recovered"] + AT_ONCE  # and what the broker had not got yet


COUNT = "select count(*) from events"


async def test_a_primary_that_was_left_is_connected_to_no_more(tmp_path: Path) -> None:
    """It is up, takes writes and stands first in the address."""
    async with paired(tmp_path, synchronous=False) as pair:
        url = pair.url(pair.database.app_url)
        before = await hosts.connect(url)
        await pair.promote()
        await hosts.look(url)
        assert before.is_closed()
        for _ in range(2):
            connection = await hosts.connect(url)
            assert await connection.fetchval("select inet_server_port()") == pair.standby.port
            await connection.close()
            hosts._known.clear()  # as in a process that has just started


async def test_a_primary_that_was_left_is_given_no_event_more(tmp_path: Path) -> None:
    """Both take writes; a department that works with the first moves to the second by itself, as a whole."""
    async with paired(tmp_path, synchronous=False) as pair, identity_on(pair, tmp_path) as load, load.going_on():
        await load.accepts(0, ENOUGH)
        left, promoted = [await asyncpg.connect(one.url("identity")) for one in (pair.primary, pair.standby)]
        await pair.promote()
        copied = await promoted.fetchval(COUNT)

        async def has_moved() -> bool:
            return bool(await promoted.fetchval(COUNT) > copied)

        await until(has_moved, timeout=60, what="events are stored at the promoted server")
        kept = await left.fetchval(COUNT)
        await load.accepts(time.monotonic(), ENOUGH)
        assert await left.fetchval(COUNT) == kept
        for connection in (left, promoted):
            await connection.close()
