"""Timers are made from the events: made again at any time, the same are open."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import date
from uuid import uuid4

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts.event import Metadata, Recorded
from shared.eventstore import append, read_model, timer_upkeep, timers
from shared.eventstore.timer import TimerRule
from shared.standards.legal_clock import LegalClock
from shared.standards.working_days import LAST_YEAR
from tests.sample_timers import (
    FIVE_DAYS,
    MINUTE,
    NOON,
    PERIOD,
    RINGING,
    RULES,
    MoodTaken,
    PeriodRuns,
    Tower,
    WatchEnded,
    WatchSet,
    do,
    ring,
    tower,
)
from tests.until import until


@pytest.fixture
async def town(database: DepartmentDatabase) -> AsyncIterator[Tower]:
    async with tower(database) as running:
        yield running


@pytest.mark.parametrize("seed", range(5))
async def test_made_again_from_the_events_the_same_are_open(town: Tower, seed: int) -> None:
    chance = random.Random(seed)
    clock = FIVE_DAYS
    for _ in range(60):
        watch = str(chance.randrange(8))
        match chance.randrange(6):
            case 0 | 1:
                await do(town, WatchSet(at=NOON + chance.randrange(2, 50) * MINUTE), watch=watch)
            case 2:
                await do(town, WatchEnded(), watch=watch)
            case 3:
                pending = LegalClock(date(LAST_YEAR, 12, 20), 30)
                await do(town, PeriodRuns(clock=chance.choice([clock, clock.stop(NOON), pending])), watch=watch)
            case 4:
                await do(town, WatchSet(at=NOON + MINUTE, bell=chance.choice("ab")), watch=watch)
            case 5:
                await do(town, MoodTaken(mood="rings"), watch=watch)
    before = await town.open()
    assert before
    await town.pool.execute("delete from timers")
    await timer_upkeep.rebuild_timers(town.pool, RULES, town.registry)
    assert await town.open() == before


async def test_fired_ones_made_again_have_no_effect(town: Tower) -> None:
    await do(town, WatchSet(at=NOON))
    await town.fire()
    await town.pool.execute("delete from timers")
    await timer_upkeep.rebuild_timers(town.pool, RULES, town.registry)
    await town.fire(days=1)
    assert await town.open() == []
    assert len(await town.rang()) == 1


async def test_a_rebuild_keeps_what_became_of_them_and_drops_what_no_event_says(town: Tower) -> None:
    await do(town, WatchSet(at=NOON))
    await town.fire()
    await do(town, WatchSet(at=NOON), watch="2")
    for stream, rule in (("watch-2", "ringing"), ("ship-1", "ringing"), ("watch-1", "gone")):
        await town.pool.execute(
            "insert into timers (stream, rule, name, set_by, story, due_at, try_at)"
            " values ($1, $2, 'odd', gen_random_uuid(), '', now(), now())",
            stream,
            rule,
        )
    await timer_upkeep.rebuild_timers(town.pool, RULES, town.registry)
    rows = await town.pool.fetch("select stream, name, fired_at is not null as fired from timers order by stream")
    assert [tuple(row) for row in rows] == [("watch-1", "ring", True), ("watch-2", "ring", False)]


async def test_a_rebuild_waits_for_a_command_that_is_being_stored(town: Tower) -> None:
    await do(town, WatchSet(at=NOON))
    later = Recorded(uuid4(), "watch-1", 2, "tower.WatchSet", WatchSet(at=NOON + MINUTE), Metadata(), NOON)
    async with town.pool.acquire() as connection, connection.transaction():
        await append.insert(connection, [append.row(later, town.registry)])
        await read_model.group(timers.beside_events(RULES, town.registry), [later]).run(connection)
        rebuilding = asyncio.create_task(timer_upkeep.rebuild_timers(town.pool, RULES, town.registry))
        await until(lambda: town.pool.fetchval("select true from pg_locks where not granted"))
    await rebuilding
    assert [row[-1] for row in await town.open()] == [NOON + MINUTE]


async def test_a_rebuild_misses_nothing_that_is_written_meanwhile(town: Tower) -> None:
    async def write(watch: str) -> None:
        for n in range(30):
            await do(town, WatchSet(at=NOON + n * MINUTE), watch=watch)
            if n % 3 == 0:
                await do(town, WatchEnded(), watch=watch)

    writing = asyncio.gather(*(write(str(n)) for n in range(20)))
    rebuilds = 0
    while not writing.done():
        await timer_upkeep.rebuild_timers(town.pool, RULES, town.registry)
        rebuilds += 1
    await writing
    assert rebuilds > 2
    before = await town.open()
    assert len(before) == 20
    await town.pool.execute("delete from timers")
    await timer_upkeep.rebuild_timers(town.pool, RULES, town.registry)
    assert await town.open() == before


async def test_a_rule_that_comes_later_sees_what_happened_before(database: DepartmentDatabase) -> None:
    async with tower(database, rules=()) as town:
        await do(town, WatchSet(at=NOON), PeriodRuns(clock=FIVE_DAYS))
        await timer_upkeep.stand(town.pool, [RINGING], town.registry)
        assert [row[1] for row in await town.open()] == ["ringing"]
        await timer_upkeep.stand(town.pool, [PERIOD], town.registry)
        assert [row[1] for row in await town.open()] == ["period"]
        changed = TimerRule("period", (WatchSet,), RINGING.schedule, ring, version=2)
        await timer_upkeep.stand(town.pool, [changed], town.registry)
        assert [row[2] for row in await town.open()] == ["ring"]
        await timer_upkeep.stand(town.pool, [], town.registry)
        assert await town.open() == []


async def test_rules_that_stand_are_not_gone_through_again(town: Tower) -> None:
    await timer_upkeep.stand(town.pool, RULES, town.registry)
    await do(town, WatchSet(at=NOON))
    await town.pool.execute("delete from timers")
    await timer_upkeep.stand(town.pool, RULES, town.registry)
    assert await town.open() == []
