"""A small department to try timers with: `tower` keeps watches that ring when they are due, or when a period ends."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts.errors import Refused, Unavailable
from shared.contracts.event import Event, Recorded
from shared.contracts.feed import Contract
from shared.contracts.registry import Registry
from shared.eventstore import timers
from shared.eventstore.aggregate import Aggregate, Context, Instruction
from shared.eventstore.database import Pool, connect_pool, migrate
from shared.eventstore.group_commit import GroupCommit
from shared.eventstore.store import Store
from shared.eventstore.timer import Cancel, DueTimer, Set, TimerRule
from shared.eventstore.timer_poller import TimerPoller
from shared.eventstore.wake import Wake
from shared.standards.legal_clock import LegalClock
from shared.standards.text import Text
from shared.standards.working_days import PUBLISHED, Calendar

Mood = Literal["rings", "refuses", "breaks", "is away"]


class WatchSet(Event):
    at: datetime
    bell: str | None = None  # rung instead of its own stream


class PeriodRuns(Event):
    clock: LegalClock


class WatchEnded(Event):
    pass


class MoodTaken(Event):
    mood: Mood


class Rang(Event):
    timer: str
    due_at: datetime
    rang_at: datetime


TOWER = Contract("tower", Text("钟楼", "tower"), ())
EVENTS = (WatchSet, PeriodRuns, WatchEnded, MoodTaken, Rang)


@dataclass(frozen=True)
class Ring:
    timer: str
    due_at: datetime
    now: datetime


Command = WatchSet | PeriodRuns | WatchEnded | MoodTaken | Ring


def decide(mood: Mood, command: Command) -> Sequence[Event]:
    if not isinstance(command, Ring):
        return [command]
    match mood:
        case "refuses":
            raise Refused("not_today", "今天不敲钟", "no ringing today")
        case "is away":
            raise Unavailable("the ringer is away")
        case "breaks":
            raise KeyError("张三")
        case "rings":
            return [Rang(timer=command.timer, due_at=command.due_at, rang_at=command.now)]


def evolve(mood: Mood, event: Event) -> Mood:
    return event.mood if isinstance(event, MoodTaken) else mood


WATCH: Aggregate[Mood, Command] = Aggregate("watch", "rings", decide, evolve)


def schedule(event: Recorded) -> Iterator[Set | Cancel]:
    match event.data:
        case WatchSet(at=at, bell=bell):
            yield Set(f"ring {bell}" if bell else "ring", at)
        case WatchEnded():
            yield Cancel("ring")


def schedule_period(event: Recorded) -> Iterator[Set | Cancel]:
    match event.data:
        case PeriodRuns(clock=clock):
            yield Set("deadline", clock)
        case WatchEnded():
            yield Cancel("deadline")


def ring(timer: DueTimer) -> Instruction:
    name, _, bell = timer.name.partition(" ")
    return Instruction(WATCH, bell or timer.subject_id, Ring(name, timer.due_at, timer.now))


RINGING = TimerRule("ringing", (WatchSet, WatchEnded), schedule, ring)
PERIOD = TimerRule("period", (PeriodRuns, WatchEnded), schedule_period, ring)
RULES = (RINGING, PERIOD)

NOON = datetime(2024, 3, 4, 4, 0, tzinfo=UTC)  # of a Monday in Shanghai
MINUTE = timedelta(minutes=1)
FIVE_DAYS = LegalClock(date(2024, 3, 4), 5)


@dataclass
class Tower:
    """What a test holds in its hands: its clock stands until it is moved."""

    pool: Pool
    store: Store
    registry: Registry
    committed: Wake
    now: datetime = NOON
    rules: Sequence[TimerRule] = field(default=RULES)

    def poller(self) -> TimerPoller:
        return TimerPoller(self.pool, self.store, self.rules, clock=lambda: self.now)

    async def fire(self, **later: float) -> None:
        """Let time go by, then fire whatever is due."""
        self.now += timedelta(**later)
        while not await self.poller().fire():
            pass

    async def rang(self, watch: str = "1") -> list[Rang]:
        loaded = await self.store.load(WATCH.stream(watch), WATCH)
        return [event.data for event in loaded.events if isinstance(event.data, Rang)]

    async def open(self) -> list[tuple[object, ...]]:
        """The timers that wait, with what the events say of them."""
        rows = await self.pool.fetch(
            "select stream, rule, name, set_by, story, clock, due_at from timers where fired_at is null"
            " order by stream, rule, name"
        )
        return [tuple(row) for row in rows]


@asynccontextmanager
async def tower(
    database: DepartmentDatabase, rules: Sequence[TimerRule] = RULES, calendar: Calendar = PUBLISHED
) -> AsyncIterator[Tower]:
    """Store and timers on a database, with nobody leading: tests fire by hand."""
    await migrate(database.owner_url, database.app)
    registry = Registry("tower", (TOWER,), EVENTS)
    pool = await connect_pool(database.app_url, name="tower")
    committed = Wake()
    beside = timers.beside_events(rules, registry, calendar)
    try:
        async with GroupCommit(pool, beside, committed) as writer:
            yield Tower(pool, Store(pool, registry, writer), registry, committed, rules=rules)
    finally:
        await pool.close()


async def do(town: Tower, *commands: Command, watch: str = "1", context: Context | None = None) -> None:
    for command in commands:
        await town.store.execute(WATCH.stream(watch), WATCH, command, context or Context())
