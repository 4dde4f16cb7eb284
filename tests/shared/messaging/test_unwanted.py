"""Types that nobody here wants: they stay in the inbox as they came, and park nothing."""

import random
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts import envelope
from shared.contracts.envelope import Received
from shared.contracts.event import Recorded
from shared.contracts.registry import Registry
from shared.department.engine import Engine
from shared.eventstore.pace import UNHINDERED
from shared.eventstore.rebuild import rebuild
from shared.messaging import parking
from tests import sample
from tests.sample import CUSTOMS_SERVICE, SHIPS, CratesUnloaded, ShipArrived
from tests.shared.messaging.feeds import FEED, TRUTH, expected, feed_of, received, spoilt

ONLY_ARRIVALS = replace(SHIPS, events=(ShipArrived,))
EARLIER_SERVICE = replace(CUSTOMS_SERVICE, read_models=(ONLY_ARRIVALS,), reactions=())


@pytest.fixture
async def customs(database: DepartmentDatabase, tmp_path: Path) -> AsyncIterator[Engine]:
    async with sample.engine(CUSTOMS_SERVICE, database, tmp_path, started=False) as engine:
        yield engine


def with_unknown(feed: list[Received]) -> list[Received]:
    """Every fifth event is of a type that a newer release of the provider has."""
    return [
        spoilt(message, b"harbour.CratesUnloaded", b"harbour.ShipPainted")
        if n % 5 == 4 and message.type == "harbour.CratesUnloaded"
        else message
        for n, message in enumerate(feed)
    ]


@pytest.mark.parametrize("cut", [1, 7, 100])
async def test_an_unknown_type_parks_nothing(customs: Engine, cut: int) -> None:
    feed = with_unknown(feed_of(100, 4, random.Random(1)))
    for start in range(0, len(feed), cut):
        await customs.subscriptions[FEED].take_in(feed[start : start + cut])
    assert await parking.count(customs.pool) == {}
    assert customs.subscriptions[FEED].checkpoint == 100
    assert await customs.pool.fetchval("select count(*) from inbox") == 100
    known = [message for message in feed if message.type != "harbour.ShipPainted"]
    assert [tuple(row) for row in await customs.pool.fetch(TRUTH)] == expected(known)


async def test_a_known_type_that_nobody_wants_is_not_decoded(
    database: DepartmentDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[str] = []
    decode = envelope.decode

    def counted(message: Received, registry: Registry) -> Recorded:
        decoded.append(message.type)
        return decode(message, registry)

    monkeypatch.setattr(envelope, "decode", counted)
    async with sample.engine(EARLIER_SERVICE, database, tmp_path, started=False) as customs:
        await customs.subscriptions[FEED].take_in(feed_of(50, 3, random.Random(2)))
    assert decoded == ["harbour.ShipArrived"] * 3


async def test_a_later_release_that_wants_it_reads_it_from_the_inbox(
    database: DepartmentDatabase, tmp_path: Path
) -> None:
    feed = feed_of(50, 3, random.Random(3))
    async with sample.engine(EARLIER_SERVICE, database, tmp_path, started=False) as earlier:
        await earlier.subscriptions[FEED].take_in(feed)
    async with sample.engine(CUSTOMS_SERVICE, database, tmp_path, started=False) as later:
        await rebuild(database.app_url, SHIPS, later.registry, pace=UNHINDERED)
        assert [tuple(row) for row in await later.pool.fetch(TRUTH)] == expected(feed)


async def test_a_wanted_type_in_a_newer_schema_is_still_parked(customs: Engine) -> None:
    feed = feed_of(10, 1, random.Random(4))
    newer = spoilt(feed[3], b":harbour.CratesUnloaded:1", b":harbour.CratesUnloaded:2")
    await customs.subscriptions[FEED].take_in([*feed[:3], newer, *feed[4:]])
    assert await parking.count(customs.pool) == {FEED: 7}


async def test_what_stands_behind_a_parked_event_waits_wanted_or_not(customs: Engine) -> None:
    """A later release may want it, and must find its stream in order."""
    feed = feed_of(10, 1, random.Random(5))
    newer = spoilt(feed[3], b":harbour.CratesUnloaded:1", b":harbour.CratesUnloaded:2")
    unknown = spoilt(feed[6], b"harbour.CratesUnloaded", b"harbour.ShipPainted")
    await customs.subscriptions[FEED].take_in([*feed[:3], newer, *feed[4:6], unknown, *feed[7:]])
    assert [one.sequence for one in await parking.page(customs.pool)] == list(range(4, 11))


async def test_a_provider_cannot_speak_for_another_in_its_own_feed(
    database: DepartmentDatabase, tmp_path: Path
) -> None:
    """A type of another department means nothing in this feed, whatever the provider writes into it."""
    async with sample.engine(CUSTOMS_SERVICE, database, tmp_path, started=False) as customs:
        feed = feed_of(3, 1, random.Random(6))
        forged = received(4, "inspection-1", 1, CratesUnloaded(ship="a", crates=9))
        forged = spoilt(forged, b"harbour.CratesUnloaded", b"customs.CratesInspected")
        await customs.subscriptions[FEED].take_in([*feed, forged])
        assert await parking.count(customs.pool) == {}
        assert [tuple(row) for row in await customs.pool.fetch(TRUTH)] == expected(feed)


async def test_what_a_later_release_cannot_read_is_parked_by_its_build(
    database: DepartmentDatabase, tmp_path: Path
) -> None:
    """It came when nobody wanted it. The release is built all the same, and an operator is told."""
    feed = feed_of(50, 3, random.Random(3))
    bad = next(message for message in feed if message.sequence > 20 and message.type == "harbour.CratesUnloaded")
    unreadable = spoilt(bad, b'"crates":', b'"boxes":')
    async with sample.engine(EARLIER_SERVICE, database, tmp_path, started=False) as earlier:
        await earlier.subscriptions[FEED].take_in([unreadable if message is bad else message for message in feed])
    async with sample.engine(CUSTOMS_SERVICE, database, tmp_path, started=False) as later:
        await rebuild(database.app_url, SHIPS, later.registry, pace=UNHINDERED)
        assert [one.sequence for one in await parking.page(later.pool)] == [bad.sequence]
        readable = [message for message in feed if message is not bad]
        assert [tuple(row) for row in await later.pool.fetch(TRUTH)] == expected(readable)
        await later.subscriptions[FEED].take_in([received(51, bad.stream, 99, CratesUnloaded(ship="a", crates=1))])
        assert await parking.count(later.pool) == {FEED: 2}, "later events of its stream wait behind it"
