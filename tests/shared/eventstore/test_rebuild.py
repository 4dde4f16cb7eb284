"""A read model is rebuilt beside the one that serves, and swapped, while everybody writes and reads on."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts.errors import Broken
from shared.department.engine import Engine
from shared.eventstore import building, swap
from shared.eventstore.aggregate import Context
from shared.eventstore.building import AlreadyBuilding, Build, Progress
from shared.eventstore.differences import differences
from shared.eventstore.pace import UNHINDERED, Pace
from shared.eventstore.rebuild import NotOurVersion, only_builder, rebuild
from shared.messaging import parking
from tests import sample
from tests.sample import INSPECTION, SHIPS
from tests.shared.eventstore.voyages import (
    SERVICE,
    TABLES,
    VOYAGES,
    differs_from_truth,
    stored,
    under_load,
)
from tests.shared.messaging.feeds import FEED, feed_of, spoilt
from tests.until import until

SMALL_PAGES = Pace(rate=1e6)


@pytest.fixture
async def customs(database: DepartmentDatabase, tmp_path: Path) -> AsyncIterator[Engine]:
    async with sample.engine(SERVICE, database, tmp_path) as engine:
        await until(lambda: engine._continuity and engine._continuity.may_number.is_set(), what="it numbers")
        yield engine


@pytest.fixture
def url(database: DepartmentDatabase) -> str:
    return database.app_url


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few hundred events are many transactions."""
    monkeypatch.setattr("shared.eventstore.pace.AT_ONCE", 50)
    monkeypatch.setattr("shared.eventstore.pace.POLITE_AT_ONCE", 20)


async def schemas(customs: Engine) -> list[str]:
    return [row["schemaname"] for row in await customs.pool.fetch(TABLES)]


async def builds(customs: Engine) -> int:
    count: int = await customs.pool.fetchval("select count(*) from read_model_builds")
    return count


@pytest.mark.parametrize("seed", range(3))
async def test_rebuilt_again_and_again_under_load_nothing_is_lost_or_doubled(
    customs: Engine, url: str, seed: int
) -> None:
    """Own commands and foreign batches run through every swap."""
    feed = await stored(customs, own=150, given=150, seed=seed)
    async with under_load(customs, feed, seed):
        for _ in range(4):
            await rebuild(url, VOYAGES, customs.registry, pace=UNHINDERED)
        await rebuild(url, SHIPS, customs.registry, pace=UNHINDERED)
    assert await differs_from_truth(customs) == []
    assert await differences(url, VOYAGES, customs.registry) == []
    assert await differences(url, SHIPS, customs.registry) == []
    assert len(await schemas(customs)) == 1, "earlier builds are dropped"


async def test_readers_are_answered_all_the_time(customs: Engine, url: str) -> None:
    """And what they see never goes back: an empty or half-filled table is never shown."""
    feed = await stored(customs, own=100, given=100)
    least = 0
    async with under_load(customs, feed):
        rebuilding = asyncio.create_task(rebuild(url, VOYAGES, customs.registry, pace=UNHINDERED))
        while not rebuilding.done():
            seen = await customs.pool.fetchval("select sum(times) from sightings")
            assert seen >= least
            least = seen
        await rebuilding
    assert least >= 200


async def test_zero_events(customs: Engine, url: str) -> None:
    await rebuild(url, VOYAGES, customs.registry)
    assert await differences(url, VOYAGES, customs.registry) == []
    await customs.store.execute("inspection-1", INSPECTION, 1, Context())
    assert await differs_from_truth(customs) == []


async def test_the_department_may_be_stopped(database: DepartmentDatabase, tmp_path: Path) -> None:
    async with sample.engine(SERVICE, database, tmp_path, started=False) as customs:
        await stored(customs, own=120, given=60)
        registry = customs.registry
    await rebuild(database.app_url, VOYAGES, registry, pace=UNHINDERED)
    assert await differences(database.app_url, VOYAGES, registry) == []
    async with sample.engine(SERVICE, database, tmp_path) as customs:
        assert await differs_from_truth(customs) == []


async def test_what_has_no_number_yet_is_drained(database: DepartmentDatabase, tmp_path: Path) -> None:
    """Nobody leads: all own events lie in the outbox."""
    async with sample.engine(SERVICE, database, tmp_path, started=False) as customs:
        await stored(customs, own=30, given=0)
        assert await customs.pool.fetchval("select count(*) from log") == 0
        await rebuild(database.app_url, VOYAGES, customs.registry)
        assert await differs_from_truth(customs) == []


class Killed(BaseException):
    """As a kill: nothing is tidied up."""


def kill_after(pages: int) -> building.Told:
    seen = 0

    def told(_: Progress) -> None:
        nonlocal seen
        seen += 1
        if seen == pages:
            raise Killed

    return told


async def test_killed_half_way_it_goes_on_where_it_was(customs: Engine, url: str) -> None:
    feed = await stored(customs, own=300, given=300)
    begun: list[Build] = []
    with pytest.raises(Killed):
        await rebuild(url, VOYAGES, customs.registry, pace=UNHINDERED, told=kill_after(5), begun=begun.append)
    assert await differs_from_truth(customs) == [], "what serves is untouched"
    done: list[int] = []
    async with under_load(customs, feed):
        await rebuild(
            url, VOYAGES, customs.registry, pace=UNHINDERED, begun=begun.append, told=lambda p: done.append(p.done)
        )
    assert [(build.number, build.is_resumed) for build in begun] == [(begun[0].number, False), (begun[0].number, True)]
    assert done[0] >= 5 * 50, "five pages were not done again"
    assert await differs_from_truth(customs) == []


async def test_fresh_starts_over(customs: Engine, url: str) -> None:
    await stored(customs, own=100, given=100)
    begun: list[Build] = []
    with pytest.raises(Killed):
        await rebuild(url, VOYAGES, customs.registry, pace=UNHINDERED, told=kill_after(2), begun=begun.append)
    await rebuild(url, VOYAGES, customs.registry, fresh=True, begun=begun.append, pace=UNHINDERED)
    assert [build.is_resumed for build in begun] == [False, False]
    assert begun[0].number != begun[1].number
    assert await differs_from_truth(customs) == []
    assert len(await schemas(customs)) == 1


async def test_other_code_does_not_go_on_with_a_build(customs: Engine, url: str) -> None:
    await stored(customs, own=100, given=0)
    with pytest.raises(Killed):
        await rebuild(url, VOYAGES, customs.registry, pace=UNHINDERED, told=kill_after(1))
    begun: list[Build] = []
    changed = replace(VOYAGES, fingerprint="changed")
    await rebuild(url, changed, customs.registry, pace=UNHINDERED, begun=begun.append)
    assert not begun[0].is_resumed


async def test_a_build_that_fails_is_given_up_and_what_serves_is_untouched(customs: Engine, url: str) -> None:
    await stored(customs, own=100, given=0)

    def broken(_: object) -> list[tuple[str, tuple[object, ...]]]:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        await rebuild(url, replace(VOYAGES, project=broken), customs.registry)
    assert await builds(customs) == 0
    assert len(await schemas(customs)) == 1
    assert await differs_from_truth(customs) == []


async def test_a_second_rebuild_at_once_is_refused(customs: Engine, url: str) -> None:
    async with only_builder(url, VOYAGES):
        with pytest.raises(AlreadyBuilding, match="another process builds voyages right now"):
            await rebuild(url, VOYAGES, customs.registry)
        await rebuild(url, SHIPS, customs.registry)


async def test_only_the_version_that_stands_is_rebuilt(customs: Engine, url: str) -> None:
    with pytest.raises(NotOurVersion, match="stands in version 1, and this program knows version 2"):
        await rebuild(url, replace(VOYAGES, version=2), customs.registry)
    with pytest.raises(NotOurVersion, match="does not stand yet"):
        await rebuild(url, replace(VOYAGES, name="others"), customs.registry)


@pytest.mark.parametrize(
    ("old", "new", "what"), [("crates   bigint", "boxes bigint", "columns"), ("sightings", "sights", "tables")]
)
async def test_changed_tables_need_a_new_version(customs: Engine, url: str, old: str, new: str, what: str) -> None:
    tables = VOYAGES.parts | {"tables": VOYAGES.parts["tables"].replace(old, new)}
    with pytest.raises(Broken, match=f"other {what} than version 1 had: raise its version"):
        await rebuild(url, replace(VOYAGES, parts=tables), customs.registry)
    await customs.store.execute("inspection-1", INSPECTION, 1, Context())
    assert await differs_from_truth(customs) == []


async def test_the_swap_waits_for_a_long_writer_and_holds_nobody_up_meanwhile(
    customs: Engine, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0
    attempt = swap._catch_up_and_swap

    async def counted(connection: asyncpg.Connection, build: Build, told: building.Told) -> None:
        nonlocal tries
        tries += 1
        await attempt(connection, build, told)

    monkeypatch.setattr(swap, "_catch_up_and_swap", counted)
    await stored(customs, own=50, given=50)
    async with customs.pool.acquire() as connection:
        writing = connection.transaction()
        await writing.start()
        await connection.execute("insert into voyages_v1.voyages values ('long', 1, 0)")
        rebuilding = asyncio.create_task(rebuild(url, VOYAGES, customs.registry, pace=UNHINDERED))
        await until(lambda: tries > 2, what="the swap tried again")
        await asyncio.wait_for(customs.store.execute("inspection-1", INSPECTION, 1, Context()), timeout=30)
        assert not rebuilding.done()
        await writing.rollback()
    await rebuilding
    assert await differs_from_truth(customs) == []


async def test_a_writer_that_waits_for_the_swap_writes_into_the_new_build(
    customs: Engine, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The swap is held up when it has drained; a command comes and waits; then both go on."""
    drained, go_on = asyncio.Event(), asyncio.Event()
    drain = Build.drain

    async def held(build: Build, connection: asyncpg.Connection) -> int:
        count = await drain(build, connection)
        drained.set()
        await go_on.wait()
        return count

    monkeypatch.setattr(Build, "drain", held)
    await stored(customs, own=20, given=20)
    rebuilding = asyncio.create_task(rebuild(url, VOYAGES, customs.registry))
    await drained.wait()
    command = asyncio.create_task(customs.store.execute("inspection-late", INSPECTION, 7, Context()))
    await until(lambda: waits_for_a_view(customs), what="the command waits")
    go_on.set()
    await asyncio.gather(rebuilding, command)
    assert await customs.pool.fetchval("select crates from voyages where stream = 'inspection-late'") == 7
    assert await differs_from_truth(customs) == []


async def waits_for_a_view(customs: Engine) -> bool:
    return bool(await customs.pool.fetchval("select exists (select from pg_locks where not granted)"))


async def test_parked_events_are_skipped_and_those_retried_meanwhile_come_first(customs: Engine, url: str) -> None:
    """Later events of their stream are applied before the build is done, so the order would show."""
    feed = feed_of(300, 3, random.Random(1))
    bad = next(message for message in feed if message.stream == "ship-1" and message.sequence > 20)
    spoilt_feed = [
        spoilt(m, b":harbour.CratesUnloaded:1", b":harbour.CratesUnloaded:9") if m is bad else m for m in feed
    ]
    subscription = customs.subscriptions[FEED]
    await subscription.take_in(spoilt_feed[:200])
    skipped_before_the_kill = await customs.pool.fetchval("select count(*) from parked")
    assert skipped_before_the_kill > 10
    with pytest.raises(Killed):
        await rebuild(url, VOYAGES, customs.registry, pace=UNHINDERED, told=kill_after(3))
    assert await customs.pool.fetchval("select count(*) from read_model_skipped") > 0
    assert await parking.drop(customs.pool, FEED, bad.sequence, "operator", "sent by mistake")
    await parking.retry(customs.pool, customs.handling)
    await subscription.take_in(spoilt_feed[200:])
    assert await customs.pool.fetchval("select count(*) from parked") == 1
    await rebuild(url, VOYAGES, customs.registry, pace=UNHINDERED)
    rows = await customs.pool.fetch("select stream, disorder from voyages where stream like 'ship%' order by 1")
    assert [tuple(row) for row in rows] == [("ship-0", 0), ("ship-1", 1), ("ship-2", 0)], "but for the dropped one"
    sighted = "select count(*), sum(times) from sightings where stream like 'ship%'"
    assert [tuple(row) for row in await customs.pool.fetch(sighted)] == [(299, 299)]


async def test_retried_at_the_very_end_they_are_drained(
    customs: Engine, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the build has read everything, before it swaps."""
    feed = feed_of(60, 2, random.Random(2))
    bad = next(message for message in feed if message.stream == "ship-1" and message.attributes["streamversion"] > 1)
    spoilt_feed = [
        spoilt(m, b":harbour.CratesUnloaded:1", b":harbour.CratesUnloaded:9") if m is bad else m for m in feed
    ]
    await customs.subscriptions[FEED].take_in(spoilt_feed)
    attempt = swap._catch_up_and_swap

    async def after_retry(connection: asyncpg.Connection, build: Build, told: building.Told) -> None:
        await build.fill(connection, UNHINDERED)
        await parking.drop(customs.pool, FEED, bad.sequence, "operator", "sent by mistake")
        await parking.retry(customs.pool, customs.handling)
        await attempt(connection, build, told)

    monkeypatch.setattr(swap, "_catch_up_and_swap", after_retry)
    await rebuild(url, VOYAGES, customs.registry)
    assert await customs.pool.fetchval("select sum(times) from sightings where stream like 'ship%'") == 59
    assert await customs.pool.fetchval("select disorder from voyages where stream = 'ship-1'") == 1


async def test_a_check_tells_what_was_changed_by_hand_and_changes_nothing(customs: Engine, url: str) -> None:
    feed = await stored(customs, own=50, given=50)
    serving = await schemas(customs)
    for statement in (
        "update voyages_v1.voyages set crates = crates + 1 where stream = 'ship-7'",
        "delete from voyages_v1.sightings where stream = 'ship-7' and version = 1",
        "insert into voyages_v1.sightings values ('ship-none', 1, 1)",
    ):
        await customs.pool.execute(statement)
    async with under_load(customs, feed):
        found = await differences(url, VOYAGES, customs.registry)
    assert [str(one) for one in found] == [
        'sightings {"stream" : "ship-7", "version" : 1} missing',
        'sightings {"stream" : "ship-none", "version" : 1} extra',
        'voyages {"stream" : "ship-7"} differs: crates',
    ]
    assert await schemas(customs) == serving
    assert await builds(customs) == 0


async def test_tables_without_a_key_are_compared_too(database: DepartmentDatabase, tmp_path: Path) -> None:
    parts = {
        "tables": "create table crate_counts (crates bigint)",
        "followed": "insert into {schema}.crate_counts values ($1::bigint)",
    }

    def crates_of(event: object) -> list[tuple[str, tuple[object, ...]]]:
        return [("followed", (event.data.crates,))]  # type: ignore[attr-defined]

    counts = replace(VOYAGES, name="counts", parts=parts, project=crates_of)
    async with sample.engine(replace(SERVICE, read_models=(counts,)), database, tmp_path) as customs:
        for n in (1, 1, 2):
            await customs.store.execute(f"inspection-{n}", INSPECTION, n, Context())
        assert await differences(database.app_url, counts, customs.registry) == []
        await customs.pool.execute("insert into counts_v1.crate_counts values (1)")
        found = await differences(database.app_url, counts, customs.registry)
        assert [(one.table, one.what) for one in found] == [("crate_counts", "extra")]
