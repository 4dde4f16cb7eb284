"""A poisoned event parks its own stream: with its error, everything of the stream behind it, nothing else."""

import random
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts.envelope import Received
from shared.contracts.errors import Refused
from shared.contracts.event import Recorded
from shared.department.engine import Engine
from shared.eventstore.aggregate import Instruction
from shared.messaging import handling, intake, parking
from shared.messaging.reaction import Reaction
from tests import sample
from tests.sample import CUSTOMS_SERVICE, CratesUnloaded, inspect
from tests.shared.messaging.feeds import FEED, TRUTH, expected, feed_of, spoilt

PARKED = "select sequence, stream, error from parked order by sequence"
INSPECTED = "select coalesce(sum((data ->> 'crates')::int), 0) from events"
OPERATOR = "staff:0"


@pytest.fixture
async def customs(database: DepartmentDatabase, tmp_path: Path) -> AsyncIterator[Engine]:
    async with sample.engine(CUSTOMS_SERVICE, database, tmp_path) as engine:
        yield engine


async def rows(customs: Engine) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await customs.pool.fetch(TRUTH)]


async def parked(customs: Engine) -> list[tuple[int, str, str | None]]:
    return [(row["sequence"], row["stream"], row["error"]) for row in await customs.pool.fetch(PARKED)]


def poisoned(feed: list[Received], stream: str, nth: int = 2) -> list[Received]:
    """The nth event of one stream is in a schema newer than anyone here knows."""
    at = [i for i, message in enumerate(feed) if message.stream == stream][nth - 1]
    old = b":harbour.CratesUnloaded:1" if nth > 1 else b":harbour.ShipArrived:1"
    return [*feed[:at], spoilt(feed[at], old, old[:-1] + b"9"), *feed[at + 1 :]]


def of_others(feed: Iterable[Received], stream: str) -> list[Received]:
    return [message for message in feed if message.stream != stream]


@pytest.mark.parametrize("cut", [1, 7, 60])
async def test_a_poisoned_event_parks_its_own_stream_and_all_others_flow_on(customs: Engine, cut: int) -> None:
    feed = poisoned(feed_of(60, 4, random.Random(1)), "ship-2")
    for start in range(0, len(feed), cut):
        await customs.subscriptions[FEED].take_in(feed[start : start + cut])
    waiting = [message.sequence for message in feed if message.stream == "ship-2"][1:]
    found = await parked(customs)
    assert [sequence for sequence, _, _ in found] == waiting
    assert {stream for _, stream, _ in found} == {"ship-2"}
    assert [error is None for _, _, error in found] == [False] + [True] * (len(waiting) - 1)
    assert "schema 9" in (found[0][2] or "")
    others = of_others(feed, "ship-2")
    assert [row for row in await rows(customs) if row[0] != "ship-2"] == expected(others)
    assert customs.subscriptions[FEED].checkpoint == 60
    assert await customs.pool.fetchval("select count(*) from inbox") == 60


async def test_what_is_parked_stays_parked_for_the_next_instance(
    customs: Engine, database: DepartmentDatabase, tmp_path: Path
) -> None:
    feed = poisoned(feed_of(40, 2, random.Random(2)), "ship-1")
    await customs.subscriptions[FEED].take_in(feed[:30])
    async with sample.engine(CUSTOMS_SERVICE, database, tmp_path) as next_one:
        await next_one.subscriptions[FEED].take_in(feed[30:])
        waiting = [message.sequence for message in feed if message.stream == "ship-1"][1:]
        assert [sequence for sequence, _, _ in await parked(next_one)] == waiting


@pytest.mark.parametrize("where", ["read model", "reaction", "refusal", "database"])
async def test_a_bug_anywhere_parks_and_leaves_nothing_half_done(
    customs: Engine, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """The bad event has had no effect at all; retried when the bug is mended, it has all of it, in order."""
    feed = feed_of(60, 3, random.Random(3))
    bad = [message for message in feed if message.stream == "ship-0"][2]
    mended = customs.handling
    spoil(customs, monkeypatch, bad, where)
    await customs.subscriptions[FEED].take_in(feed)
    waiting = [m for m in feed if m.stream == "ship-0" and m.sequence >= bad.sequence]
    assert [sequence for sequence, _, _ in await parked(customs)] == [message.sequence for message in waiting]
    assert await rows(customs) == expected([message for message in feed if message not in waiting])
    assert await customs.pool.fetchval(INSPECTED) == unloaded(feed) - unloaded(waiting)
    assert await parking.count(customs.pool) == {FEED: len(waiting)}

    still_bad = await parking.retry(customs.pool, customs.subscriptions[FEED]._intake._handling)
    assert (still_bad.applied, still_bad.still_parked) == (0, len(waiting))
    first = (await parking.page(customs.pool))[0]
    assert (first.sequence, first.attempts) == (bad.sequence, 2)

    retried = await parking.retry(customs.pool, mended)
    assert (retried.applied, retried.still_parked) == (len(waiting), 0)
    assert await rows(customs) == expected(feed)
    assert await customs.pool.fetchval(INSPECTED) == unloaded(feed)


def unloaded(feed: Iterable[Received]) -> int:
    return sum(message.attributes["data"]["crates"] for message in feed if message.type.endswith("Unloaded"))


def spoil(customs: Engine, monkeypatch: pytest.MonkeyPatch, bad: Received, where: str) -> None:
    """One event meets a bug at one of the places where one can be."""

    def project(event: Recorded) -> Iterable[tuple[str, tuple[object, ...]]]:
        if event.id == bad.id and where == "read model":
            raise KeyError("somebody's name")
        if event.id == bad.id and where == "database":
            yield "arrived", (event.stream, 1)  # the key is taken
        yield from sample.project_ships(event)

    def react(event: Recorded) -> Iterable[Instruction]:
        if event.id == bad.id and where == "reaction":
            raise ZeroDivisionError
        if event.id == bad.id and where == "refusal":
            raise Refused("no", "否", "no")
        return inspect(event)

    spoilt_handling = handling.Handling(
        customs.registry, [replace(sample.SHIPS, project=project)], [Reaction("inspect", (CratesUnloaded,), react)]
    )
    monkeypatch.setattr(customs.subscriptions[FEED]._intake, "_handling", spoilt_handling)


async def test_an_error_is_told_without_anybodys_data(customs: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = feed_of(10, 1, random.Random(4))
    spoil(customs, monkeypatch, feed[3], "read model")
    await customs.subscriptions[FEED].take_in(feed)
    error = (await parked(customs))[0][2] or ""
    assert error.startswith("KeyError at tests/shared/messaging/test_parking.py:")
    assert "somebody" not in error


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.DiskFullError("no space"),
        asyncpg.AdminShutdownError("shutting down"),
        asyncpg.DeadlockDetectedError("deadlock"),
        asyncpg.UndefinedTableError("superseded"),
        asyncpg.InterfaceError("pool is closed"),
        asyncpg.InternalClientError("cannot switch to state 12"),
        ConnectionResetError(),
        TimeoutError(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_what_passes_by_itself_parks_nothing(
    customs: Engine, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    feed = feed_of(10, 2, random.Random(5))

    async def fails(*_: object) -> int:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(handling.Handling, "handle", fails)
        with pytest.raises(type(error)):
            await customs.subscriptions[FEED].take_in(feed)
    assert await customs.pool.fetchval("select count(*) from inbox") == 0
    assert await parked(customs) == []
    await customs.subscriptions[FEED].take_in(feed)
    assert await rows(customs) == expected(feed)


def test_a_wrong_argument_is_a_bug_and_no_trouble_of_the_database() -> None:
    assert intake.is_poison(asyncpg.exceptions._base.DataError("not an int"))


async def test_dropping_is_a_decision_that_is_told_and_lets_the_rest_of_the_stream_go_on(customs: Engine) -> None:
    feed = poisoned(feed_of(40, 2, random.Random(6)), "ship-0")
    await customs.subscriptions[FEED].take_in(feed[:35])
    bad = (await parking.page(customs.pool))[0]
    assert await parking.drop(customs.pool, FEED, bad.sequence, OPERATOR, "a type that was never shipped")
    assert not await parking.drop(customs.pool, FEED, bad.sequence, OPERATOR, "twice")
    assert bad.sequence not in [one.sequence for one in await parking.page(customs.pool)]
    kept = await parking.one(customs.pool, FEED, bad.sequence)
    assert kept is not None
    assert (kept.dropped_by, kept.reason) == (OPERATOR, "a type that was never shipped")
    retried = await parking.retry(customs.pool, customs.handling, FEED, "ship-0")
    assert retried.still_parked == 0
    await customs.subscriptions[FEED].take_in(feed[35:])
    assert await parking.count(customs.pool) == {}
    assert await rows(customs) == expected([message for message in feed if message.sequence != bad.sequence])


async def test_a_retry_beside_the_intake_keeps_the_order(customs: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The owner of the feed knows its parked streams by heart. What a retry takes out is noticed before anything more
    is applied: nothing overtakes, nothing stays behind."""
    feed = feed_of(300, 3, random.Random(7))
    bad = [message for message in feed if message.stream == "ship-1"][1]
    mended = customs.handling
    subscription = customs.subscriptions[FEED]
    with monkeypatch.context() as broken:
        spoil(customs, broken, bad, "read model")
        await subscription.take_in(feed[:200])
    await parking.retry(customs.pool, mended)
    await subscription.take_in(feed[200:250])
    await subscription.take_in(feed[250:])
    assert await parking.count(customs.pool) == {}
    assert await rows(customs) == expected(feed)


async def test_a_retry_of_many_goes_on_through_all_of_them(customs: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parking, "AT_ONCE", 10)
    feed = feed_of(200, 2, random.Random(8))
    mended = customs.handling
    with monkeypatch.context() as broken:
        spoil(customs, broken, feed[5], "read model")
        await customs.subscriptions[FEED].take_in(feed)
    assert (await parking.retry(customs.pool, mended)).still_parked == 0
    assert await rows(customs) == expected(feed)


async def test_the_operator_sees_what_an_event_is_and_no_citizens_data(customs: Engine) -> None:
    feed = feed_of(10, 1, random.Random(9))
    spoilt_feed = [feed[0], spoilt(feed[1], b"harbour.CratesUnloaded", b"harbour.Zzz"), *feed[2:]]
    await customs.subscriptions[FEED].take_in(spoilt_feed)
    unknown = await parking.shown(customs.pool, customs.registry, FEED, 2)
    assert unknown["type"] == "harbour.Zzz"
    assert unknown["data"] == {"ship": "…", "crates": "…"}
    known = await parking.shown(customs.pool, customs.registry, FEED, 3)
    assert known["data"] == {"ship": "…", "crates": 3}


async def test_pages_of_parked_events_follow_each_other(customs: Engine) -> None:
    await customs.subscriptions[FEED].take_in(poisoned(feed_of(30, 1, random.Random(10)), "ship-0"))
    first = await parking.page(customs.pool, limit=20)
    rest = await parking.page(customs.pool, after=(first[-1].feed, first[-1].sequence), limit=20)
    assert [one.sequence for one in [*first, *rest]] == list(range(2, 31))
