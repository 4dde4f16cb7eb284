"""Timers, on a department's real memory; time goes by when a test says so."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import uuid4

import asyncpg
import pytest
import structlog

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts.errors import Broken
from shared.contracts.event import Metadata, Recorded
from shared.contracts.registry import Registry
from shared.department.engine import Engine
from shared.department.service import Service
from shared.eventstore import read_model, timer_poller, timer_upkeep, timers
from shared.eventstore.aggregate import Context, Instruction
from shared.eventstore.database import Connection, Pool
from shared.eventstore.timer import DueTimer, Set, TimerRule
from shared.eventstore.timer_poller import AT_ONCE, pause
from shared.eventstore.timers import TimersState
from shared.messaging import reacting
from shared.messaging.reaction import Reaction
from shared.standards.legal_clock import LegalClock
from shared.standards.shanghai import SHANGHAI
from shared.standards.working_days import LAST_YEAR, Calendar
from tests.sample import HARBOUR, ShipArrived
from tests.sample_timers import (
    EVENTS,
    FIVE_DAYS,
    MINUTE,
    NOON,
    RINGING,
    RULES,
    TOWER,
    WATCH,
    MoodTaken,
    PeriodRuns,
    Rang,
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


async def test_it_fires_when_it_is_due_and_not_before(town: Tower) -> None:
    await do(town, WatchSet(at=NOON + MINUTE))
    await town.fire(seconds=59)
    assert await town.rang() == []
    await town.fire(seconds=3)
    assert [(rang.due_at, rang.rang_at) for rang in await town.rang()] == [(NOON + MINUTE, town.now)]
    await town.fire(days=1)
    assert len(await town.rang()) == 1


async def test_what_it_leads_to_names_the_event_that_set_it_and_goes_on_with_the_story(town: Tower) -> None:
    await do(town, WatchSet(at=NOON), context=Context(Metadata(actor="citizen:1", correlation_id="story")))
    await town.fire()
    set_by, rang = (await town.store.load(WATCH.stream("1"), WATCH)).events
    assert rang.metadata == Metadata(actor="department:tower", correlation_id="story", causation_id=str(set_by.id))


async def test_a_cancelled_one_does_not_fire(town: Tower) -> None:
    await do(town, WatchSet(at=NOON + MINUTE), WatchEnded())
    await town.fire(hours=1)
    assert await town.rang() == []
    assert await town.pool.fetchval("select count(*) from timers") == 0


async def test_one_set_anew_fires_at_its_new_time_only(town: Tower) -> None:
    await do(town, WatchSet(at=NOON + MINUTE), WatchSet(at=NOON + 3 * MINUTE))
    await town.fire(minutes=2)
    assert await town.rang() == []
    await town.fire(minutes=2)
    assert [rang.due_at for rang in await town.rang()] == [NOON + 3 * MINUTE]


async def test_one_set_anew_after_it_fired_fires_again(town: Tower) -> None:
    await do(town, WatchSet(at=NOON + MINUTE))
    await town.fire(minutes=1)
    await do(town, WatchSet(at=NOON + 3 * MINUTE))
    await town.fire(minutes=5)
    assert [rang.due_at for rang in await town.rang()] == [NOON + MINUTE, NOON + 3 * MINUTE]


async def test_set_again_for_the_same_time_it_fires_once(town: Tower) -> None:
    await do(town, WatchSet(at=NOON))
    await town.fire()
    await do(town, WatchSet(at=NOON))
    assert await town.open() == []
    await do(town, WatchEnded(), WatchSet(at=NOON))
    await town.fire()
    assert len(await town.rang()) == 1


async def test_one_that_its_own_command_sets_anew_stays_open(database: DepartmentDatabase) -> None:
    def every_hour(event: Recorded) -> Iterator[Set]:
        match event.data:
            case WatchSet(at=at) | Rang(due_at=at):
                yield Set("ring", at + timedelta(hours=1))

    async with tower(database, (TimerRule("hourly", (WatchSet, Rang), every_hour, ring),)) as town:
        await do(town, WatchSet(at=NOON))
        await town.fire(hours=2, minutes=30)
        await town.fire()
        assert [rang.due_at for rang in await town.rang()] == [NOON + n * timedelta(hours=1) for n in (1, 2)]
        assert len(await town.open()) == 1


async def test_each_rule_has_its_own_timers_of_a_stream(town: Tower) -> None:
    await do(town, WatchSet(at=NOON), PeriodRuns(clock=FIVE_DAYS))
    await town.fire()
    assert [rang.timer for rang in await town.rang()] == ["ring"]
    await town.fire(days=8)
    assert [rang.timer for rang in await town.rang()] == ["ring", "deadline"]


async def test_a_command_that_is_not_stored_sets_no_timer(town: Tower) -> None:
    """Events and timers are one transaction."""
    async with town.pool.acquire() as connection:
        with pytest.raises(asyncpg.RaiseError):
            async with connection.transaction():
                await react(town, connection)
                await connection.execute("do $$ begin raise 'too late'; end $$")
    assert await town.open() == []


async def test_a_reactions_events_set_timers_too(town: Tower) -> None:
    async with town.pool.acquire() as connection, connection.transaction():
        await react(town, connection)
    await town.fire(minutes=1)
    assert len(await town.rang()) == 1


async def react(town: Tower, connection: Connection) -> None:
    arrived = Recorded(uuid4(), "ship-1", 1, "harbour.ShipArrived", ShipArrived(ship="it"), Metadata(), NOON, "f", 1)
    watch = Reaction("watch", (ShipArrived,), lambda _: [Instruction(WATCH, "1", WatchSet(at=NOON + MINUTE))])
    beside = timers.beside_events(RULES, town.registry)
    await reacting.run(connection, [watch], [arrived], town.registry, beside)


async def test_whatever_the_number_of_events_a_kind_is_one_statement(town: Tower) -> None:
    events = [
        Recorded(uuid4(), f"watch-{n}", 1, "tower.WatchSet", WatchSet(at=NOON), Metadata(), NOON) for n in range(500)
    ]
    assert len(read_model.group(timers.beside_events(RULES, town.registry), events)) == 1


async def test_a_period_ends_at_24_00_of_its_last_working_day(town: Tower) -> None:
    await do(town, PeriodRuns(clock=FIVE_DAYS))
    town.now = datetime(2024, 3, 11, 23, 59, 59, tzinfo=SHANGHAI)
    await town.fire()
    assert await town.rang() == []
    await town.fire(seconds=1)
    assert [rang.due_at for rang in await town.rang()] == [datetime(2024, 3, 12, tzinfo=SHANGHAI)]


async def test_it_moves_by_the_days_it_stood_still(town: Tower) -> None:
    stopped = FIVE_DAYS.stop(datetime(2024, 3, 6, 9, tzinfo=SHANGHAI))
    await do(town, PeriodRuns(clock=FIVE_DAYS), PeriodRuns(clock=stopped))
    assert await town.open() == []
    await town.fire(days=30)
    assert await town.rang() == []
    resumed = stopped.resume(datetime(2024, 3, 11, 9, tzinfo=SHANGHAI))
    await do(town, PeriodRuns(clock=resumed))
    await town.fire()
    assert [rang.due_at for rang in await town.rang()] == [datetime(2024, 3, 16, tzinfo=SHANGHAI)]


async def test_an_unpublished_calendar_keeps_it_pending(town: Tower) -> None:
    await do(town, PeriodRuns(clock=LegalClock(date(LAST_YEAR, 12, 20), 30)))
    assert await timers.count(town.pool) == TimersState(pending_calendar=1)
    assert await timer_upkeep.reckon_again(town.pool) == 0
    town.now = datetime(LAST_YEAR + 9, 1, 1, tzinfo=UTC)
    await town.fire()
    assert await town.rang() == []


async def test_it_is_due_once_the_calendar_is_out(database: DepartmentDatabase) -> None:
    clock = LegalClock(date(2023, 12, 22), 6)
    async with tower(database, calendar=Calendar(2023)) as town:
        for watch in ("1", "2", "3"):
            await do(town, PeriodRuns(clock=clock), watch=watch)
        await do(town, WatchEnded(), watch="3")
        assert (await timers.count(town.pool)).pending_calendar == 2
        assert await timer_upkeep.reckon_again(town.pool, Calendar(2024)) == 2
        assert (await timers.count(town.pool)).pending_calendar == 0
        await town.fire()
        assert [rang.due_at for rang in await town.rang()] == [datetime(2024, 1, 3, tzinfo=SHANGHAI)]
        assert await town.rang("3") == []


async def test_a_calendar_that_was_changed_moves_what_is_open(town: Tower) -> None:
    """It happens: the spring festival of 2020 was made longer while it went on."""
    await do(town, PeriodRuns(clock=FIVE_DAYS))
    await town.pool.execute("update timers set due_at = due_at - interval '1 day', try_at = try_at")
    assert await timer_upkeep.reckon_again(town.pool) == 1
    assert await town.pool.fetchval("select due_at from timers") == datetime(2024, 3, 12, tzinfo=SHANGHAI)


async def test_two_pollers_at_once_fire_once(town: Tower) -> None:
    watches = [str(n) for n in range(50)]
    await asyncio.gather(*(do(town, WatchSet(at=NOON), watch=watch) for watch in watches))
    await asyncio.gather(*(town.poller().fire() for _ in range(4)))
    assert [len(await town.rang(watch)) for watch in watches] == [1] * 50


async def test_killed_between_the_command_and_the_mark_it_fires_once(town: Tower, database: DepartmentDatabase) -> None:
    await do(town, WatchSet(at=NOON))
    owner = await asyncpg.connect(database.owner_url)
    try:
        await owner.execute("create trigger unmarked before update on timers execute function refuse_change()")
        with pytest.raises(asyncpg.RestrictViolationError):
            await town.fire()
        assert len(await town.rang()) == 1
        await owner.execute("drop trigger unmarked on timers")
    finally:
        await owner.close()
    assert len(await town.open()) == 1
    await town.fire(minutes=1)
    assert await town.open() == []
    assert len(await town.rang()) == 1


async def test_one_that_is_being_set_just_now_is_not_waited_for(town: Tower) -> None:
    """A mark that waited could wait for a writer who waits for another mark."""
    await do(town, WatchSet(at=NOON))
    async with town.pool.acquire() as connection, connection.transaction(), asyncio.timeout(30):
        await connection.execute("select from timers for update")
        await town.fire()
        assert len(await town.rang()) == 1
    await town.fire(seconds=1)
    assert await town.open() == []
    assert len(await town.rang()) == 1


async def test_a_clock_that_goes_back_fires_nothing_twice(town: Tower) -> None:
    await do(town, WatchSet(at=NOON + MINUTE))
    await town.fire(hours=1)
    await town.fire(hours=-2)
    await town.fire(hours=3)
    assert len(await town.rang()) == 1


async def test_a_clock_that_is_put_forward_fires_what_is_due_in_order(town: Tower) -> None:
    """All ring one bell; they were set the other way round."""
    for minutes in reversed(range(1, 40)):
        await do(town, WatchSet(at=NOON + minutes * MINUTE, bell="big"), watch=str(minutes))
    await town.fire(minutes=30)
    assert [rang.due_at for rang in await town.rang("big")] == [NOON + n * MINUTE for n in range(1, 31)]


async def test_ten_thousand_at_once_go_in_order_a_few_in_hand(town: Tower) -> None:
    due = [NOON + timedelta(seconds=n // 2) for n in range(10_000)]
    random.Random(7).shuffle(due)
    await asyncio.gather(*(do(town, WatchSet(at=at, bell=f"b{n % 500}"), watch=str(n)) for n, at in enumerate(due)))
    town.now += timedelta(days=1)
    await town.poller().fire()
    assert await town.pool.fetchval("select count(*) from timers where fired_at is not null") == AT_ONCE
    await town.fire()
    assert await town.open() == []
    rung = [[rang.due_at for rang in await town.rang(f"b{n}")] for n in range(500)]
    assert all(one == sorted(one) for one in rung)
    assert sorted(at for one in rung for at in one) == sorted(due)


async def test_a_refusal_counts_as_carried_out_and_is_told_without_personal_data(town: Tower) -> None:
    await do(town, MoodTaken(mood="refuses"), WatchSet(at=NOON))
    with structlog.testing.capture_logs() as told:
        await town.fire()
    assert await town.open() == []
    assert [(one["event"], one["code"]) for one in told] == [("timer refused", "not_today")]
    await do(town, MoodTaken(mood="rings"))
    await town.fire(days=1)
    assert await town.rang() == []


async def test_a_bug_sets_its_own_timer_aside_and_is_tried_again(town: Tower) -> None:
    await do(town, MoodTaken(mood="breaks"), WatchSet(at=NOON))
    await do(town, WatchSet(at=NOON + MINUTE), watch="2")
    with structlog.testing.capture_logs() as told:
        await town.fire(minutes=1)
    assert len(await town.rang("2")) == 1
    assert await timers.count(town.pool) == TimersState(overdue=1, failed=1)
    error = await town.pool.fetchval("select error from timers where fired_at is null")
    assert error.startswith("KeyError at tests/sample_timers.py")
    assert "张三" not in f"{told}{error}"
    await do(town, MoodTaken(mood="rings"))
    await town.fire(minutes=1)
    assert len(await town.rang()) == 1
    assert await timers.count(town.pool) == TimersState()


async def test_a_rule_that_breaks_does_not_stand_in_the_way(database: DepartmentDatabase) -> None:
    def break_down(timer: DueTimer) -> Instruction:
        raise ZeroDivisionError

    broken = TimerRule("broken", (WatchSet,), lambda event: [Set("break", event.data.at)], break_down)  # type: ignore[attr-defined]
    async with tower(database, (broken, RINGING)) as town:
        await do(town, WatchSet(at=NOON))
        await town.fire()
        assert len(await town.rang()) == 1
        assert (await timers.count(town.pool)).failed == 1


async def test_what_passes_by_itself_is_tried_again_soon_and_is_no_failure(town: Tower) -> None:
    await do(town, MoodTaken(mood="is away"), WatchSet(at=NOON))
    await town.fire()
    assert (await timers.count(town.pool)).failed == 0
    await do(town, MoodTaken(mood="rings"))
    await town.fire(seconds=1)
    assert len(await town.rang()) == 1


def test_pauses_grow_to_a_limit() -> None:
    for is_bug, least, most in ((True, 2.5, 3600), (False, 0.05, 30)):
        seconds = [pause(n, is_bug=is_bug).total_seconds() for n in range(200)]
        assert min(seconds) >= least
        assert seconds[2] > seconds[0]
        assert most / 2 <= seconds[-1] <= most


def test_a_rule_waits_for_own_events_only() -> None:
    registry = Registry("tower", (TOWER, HARBOUR), EVENTS)
    with pytest.raises(Broken, match=r"harbour\.ShipArrived"):
        timers.beside_events([TimerRule("foreign", (ShipArrived,), lambda _: [], ring)], registry)


def test_two_rules_of_one_name_are_refused() -> None:
    with pytest.raises(Broken, match="one name"):
        timers.beside_events([RINGING, RINGING], Registry("tower", (TOWER,), EVENTS))


def test_a_due_time_knows_its_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Set("ring", datetime(2024, 1, 1))  # noqa: DTZ001 - that is the point


# In a department

SERVICE = Service(TOWER, private_events=EVENTS, timers=RULES)


async def test_the_leader_fires_promptly(
    database: DepartmentDatabase, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Set by a command for a moment ahead, it need not wait for the next look, which is an hour away here."""
    monkeypatch.setattr(timer_poller, "MOST_BETWEEN", 3600.0)
    sharing = tmp_path_factory.mktemp("tower") / "sharing.yaml"
    sharing.write_text("members: [tower]")
    async with Engine(
        SERVICE,
        database_url=database.app_url,
        database_owner_url=database.owner_url,
        nats_url="nats://127.0.0.1:9",
        sharing_file=sharing,
        contracts=(TOWER,),
    ) as engine:
        await engine.start()
        await until(lambda: engine.state().is_leading)
        for n in range(4):
            at = datetime.now(UTC) + timedelta(milliseconds=50)
            await engine.store.execute(f"watch-{n}", WATCH, WatchSet(at=at), Context())
            await until(partial(has_rung, engine.pool, n))
        assert await engine.pool.fetchval(
            "select min(recorded_at - (data ->> 'due_at')::timestamptz) from events where type = 'tower.Rang'"
        ) >= timedelta(0)


async def has_rung(pool: Pool, watch: int) -> bool:
    rung: bool = await pool.fetchval(
        "select exists (select from events where stream = $1 and type = 'tower.Rang')", f"watch-{watch}"
    )
    return rung
