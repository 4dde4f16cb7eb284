"""Commands while something disturbs: another instance in conflict, an open snapshot, a long stream, slow questions."""

import asyncio
import contextlib
import random
import statistics
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from time import perf_counter

import asyncpg
from uuid_utils.compat import uuid7

from benchmarks import departments
from benchmarks.applications import AN_APPLICATION, APPLICATION
from benchmarks.departments import OFFICE_SERVICE, submit_one
from benchmarks.figures import Aim, Case, Contender, Figure, Options, in_turns, percentiles, ratio
from benchmarks.load import closed_loop
from benchmarks.servers import Servers
from shared.contracts.errors import TongbanError
from shared.contracts.event import Event
from shared.department.engine import Engine
from shared.eventstore import append
from shared.eventstore.aggregate import Aggregate, Context
from shared.eventstore.sequencer import Sequencer
from shared.eventstore.store import fold, prepare

WRITERS = 32
LONG = 40_000
BESIDE = 10  # commands at the moment a long stream is asked for
SLOW_QUESTIONS = 16
SINCE = 1.6  # events numbered since the snapshot, as a multiple of `--events`
PAGE = 1000


@dataclass(frozen=True)
class Times:
    """Counts what was done to each stream."""

    count: int = 0


def count(times: Times, _: Event) -> Times:
    return Times(times.count + 1)


class Touched(Event):
    """Private; no read model wants it."""

    text: str


TOUCHED = Touched(text="x" * 300)
TALLY: Aggregate[Times, None] = Aggregate("tally", Times(), lambda *_: [TOUCHED], count)
OFFICE = replace(OFFICE_SERVICE, private_events=(Touched,))


async def run(servers: Servers, options: Options) -> AsyncIterator[Case]:
    yield await _conflict(servers, options)
    yield await _snapshot(servers, options)
    yield await _long_stream(servers, options)
    yield await _slow_questions(servers, options)


@asynccontextmanager
async def _offices(servers: Servers, number: int, *, started: bool = True) -> AsyncIterator[list[Engine]]:
    """Instances of one department."""
    given = departments.settings(await servers.department(), servers.directory)
    async with AsyncExitStack() as stack:
        offices = [await stack.enter_async_context(departments.engine(OFFICE, given)) for _ in range(number)]
        if started:
            await offices[0].start()
        await closed_loop(WRITERS, 0.3, lambda _: submit_one(offices[0]))
        yield offices


async def _conflict(servers: Servers, options: Options) -> Case:
    """32 writers; two more writers, at two instances, on streams of their own or always on the same new one."""
    async with _offices(servers, 2) as (office, other):
        turn = random.Random(options.seed)

        async def beside(more: Callable[[Engine, int], Awaitable[None]]) -> Figure:
            base, stop = turn.getrandbits(60), asyncio.Event()

            async def keep_on(engine: Engine) -> None:
                number = base
                while not stop.is_set():
                    with contextlib.suppress(TongbanError):
                        await more(engine, number)
                    number += 1

            others = [asyncio.create_task(keep_on(one)) for one in (office, other)]
            found = await closed_loop(WRITERS, options.seconds, lambda _: submit_one(office))
            stop.set()
            await asyncio.gather(*others)
            await departments.all_numbered(office)
            return found

        async def same(engine: Engine, number: int) -> None:
            await engine.store.execute(f"application-fought{number}", APPLICATION, AN_APPLICATION, Context())

        async def own(engine: Engine, _: int) -> None:
            await submit_one(engine)

        calm = "two more on streams of their own"
        lines = await in_turns(
            (
                Contender("two more in conflict", "ours", lambda: beside(same)),
                Contender(calm, "limit", lambda: beside(own)),
            ),
            options.rounds,
        )
    aim = Aim("of the speed without conflicts", ratio(lines, calm), 0.9)
    return Case("disturbed", f"{WRITERS} writers and a conflict with another instance", "commands/s", lines, (aim,))


async def _snapshot(servers: Servers, options: Options) -> Case:
    """Numbering one event after the other, beside a snapshot as old as a backup."""
    async with _offices(servers, 1, started=False) as (office,):
        sequencer = Sequencer(office.pool, office.registry, lambda _feed, _head: None)
        await _number_all(office, sequencer, 10 * PAGE)
        before = await _number_each(office, sequencer)
        backup = await asyncpg.connect(office._database_url)
        try:
            async with backup.transaction(isolation="repeatable_read", readonly=True):
                await backup.fetchval("select count(*) from outbox")
                await _number_all(office, sequencer, round(options.events * SINCE))
                measure = Contender("beside an old snapshot", "ours", lambda: _number_each(office, sequencer))
                lines = await in_turns((measure,), options.rounds)
        finally:
            await backup.close()
    slower = (lines[0].p50 or 0.0) / (before.p50 or 1.0)
    return Case(
        "disturbed",
        f"an event is numbered, {round(options.events * SINCE):,} numbered since a snapshot was opened",
        "events/s",
        lines,
        (Aim("times its time without one", slower, 2, at_least=False),),
        (f"without a snapshot: p50 {before.p50:.2f} ms",),
    )


async def _number_each(office: Engine, sequencer: Sequencer) -> Figure:
    """The time that numbering a lone event takes."""
    took: list[float] = []
    for _ in range(25):
        await _put(office, 1)
        begin = perf_counter()
        await sequencer.number()
        took.append(perf_counter() - begin)
    return Figure(1 / statistics.mean(took), *percentiles(took))


async def _number_all(office: Engine, sequencer: Sequencer, events: int) -> None:
    """A leader raises its floor once a second."""
    for _ in range(round(events / PAGE)):
        await _put(office, PAGE)
        await sequencer.number()
        if fence := getattr(sequencer, "fence", None):
            await fence()


async def _long_stream(servers: Servers, options: Options) -> Case:
    """A command on a stream of 40,000 events, and others asked for at the same moment."""
    async with _offices(servers, 1) as (office,):
        await _put(office, LONG, "tally-long")
        long: list[float] = []

        async def at_once() -> Figure:
            took: list[float] = []

            async def one(work: Awaitable[object], into: list[float]) -> None:
                begin = perf_counter()
                await work
                into.append(perf_counter() - begin)

            for _ in range(3):
                tally = office.store.execute("tally-long", TALLY, None, Context())
                await asyncio.gather(one(tally, long), *(one(submit_one(office), took) for _ in range(BESIDE)))
            return Figure(len(took) / sum(took), *percentiles(took))

        async def alone() -> Figure:
            took: list[float] = []
            for _ in range(3):
                begin = perf_counter()
                await asyncio.gather(*(submit_one(office) for _ in range(BESIDE)))
                took.append(perf_counter() - begin)
            return Figure(BESIDE / statistics.mean(took), *percentiles(took))

        await at_once()
        first, long = long, []
        lines = await in_turns(
            (
                Contender("beside the long stream", "ours", at_once),
                Contender("without it", "limit", alone),
            ),
            options.rounds,
        )
    own = Aim("ms: the command on the long stream itself, at the median", statistics.median(long) * 1e3, 50, False)
    others = Aim("ms for 99 of 100 beside it", lines[0].p99 or 0.0, 50, at_least=False)
    notes = (f"the first command on it: {first[0] * 1e3:,.0f} ms",)
    return Case(
        "disturbed", f"{BESIDE} commands beside a stream of {LONG:,}", "commands/s", lines, (others, own), notes
    )


async def _slow_questions(servers: Servers, options: Options) -> Case:
    """Commands one after the other while requests hold connections with slow questions."""
    async with _offices(servers, 1) as (office,):

        async def beside(questions: int) -> Figure:
            seconds = options.seconds
            asked = [
                asyncio.create_task(office.pool.fetchval("select pg_sleep($1)", seconds)) for _ in range(questions)
            ]
            await asyncio.sleep(0.05)
            found = await closed_loop(1, seconds, lambda _: submit_one(office))
            await asyncio.gather(*asked)
            return found

        lines = await in_turns(
            (
                Contender(f"beside {SLOW_QUESTIONS} slow questions", "ours", lambda: beside(SLOW_QUESTIONS)),
                Contender("without them", "limit", lambda: beside(0)),
            ),
            options.rounds,
        )
    aim = Aim("of the speed without them", ratio(lines, "without them"), 0.8)
    return Case("disturbed", f"a writer beside {SLOW_QUESTIONS} slow questions", "commands/s", lines, (aim,))


async def _put(office: Engine, events: int, stream: str | None = None) -> None:
    """So many events at once, beside the read models: of one new stream, or of a new one each."""
    if stream is None:
        rows = [row for _ in range(events) for row in _rows(office, f"bare-{uuid7()}", 1)]
    else:
        rows = _rows(office, stream, events)
    async with office.pool.acquire() as connection:
        for start in range(0, len(rows), PAGE):
            await append.insert(connection, rows[start : start + PAGE])


def _rows(office: Engine, stream: str, events: int) -> list[append.Row]:
    return prepare(fold(stream, TALLY, ()), [TOUCHED] * events, Context(), office.registry)
