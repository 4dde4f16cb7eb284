"""A department's memory: load a stream, decide, append. All writing of facts goes through here."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

import asyncpg
import orjson

from shared.contracts.errors import ConcurrencyConflict, KeyReused
from shared.contracts.event import Event, Metadata, Recorded
from shared.contracts.registry import Registry
from shared.eventstore import append
from shared.eventstore.aggregate import Aggregate, Context
from shared.eventstore.command_trace import carried_on, command_span
from shared.eventstore.database import Connection, Pool
from shared.eventstore.group_commit import AlreadyHandled, GroupCommit
from shared.eventstore.group_load import LOAD, GroupLoad
from shared.eventstore.turns import Turns
from shared.standards import trace

S = TypeVar("S")
C = TypeVar("C")

REQUEST_OF = "select metadata ->> 'request' as request, stream from events where id = $1"

UNWRITTEN = """
select stream from unnest($1::text[]) with ordinality as wanted (stream, place)
where not exists (select from events where events.stream = wanted.stream)
order by place
"""

TRIES = 4  # of a command that met a conflict


@dataclass(frozen=True, slots=True)
class Loaded(Generic[S]):
    """A stream as it stands: its folded state and all its events."""

    stream: str
    state: S
    events: tuple[Recorded, ...]

    @property
    def version(self) -> int:
        return len(self.events)


@dataclass(frozen=True, slots=True)
class Done(Generic[S]):
    """What a command came to. `events` are those it made, now or (when `is_repeat`) the first time."""

    stream: str
    state: S
    version: int
    events: tuple[Recorded, ...]
    is_repeat: bool = False


class Store:
    """`execute` for commands, `load` for looking. Safe for any number of tasks at once."""

    def __init__(self, pool: Pool, registry: Registry, writer: GroupCommit) -> None:
        self.pool = pool
        self.registry = registry
        self._writer = writer
        self._reader = GroupLoad(pool)
        self._turns = Turns()

    async def load(self, stream: str, aggregate: Aggregate[S, C]) -> Loaded[S]:
        """An unknown stream is an aggregate in its initial state."""
        rows = await self._reader.load(stream)
        return fold(stream, aggregate, [recorded(row, self.registry) for row in rows])

    async def unwritten(self, streams: Sequence[str]) -> list[str]:
        """Those of the streams that have no event yet, in the order asked. Another writer may be about to."""
        return [row["stream"] for row in await self.pool.fetch(UNWRITTEN, list(streams))]

    async def execute(self, stream: str, aggregate: Aggregate[S, C], command: C, context: Context) -> Done[S]:
        """Load, decide, append; again with what is new when someone else was first.

        A command whose key was seen before is not decided again: its first outcome is told.
        Raises what `decide` raises, KeyReused, ConcurrencyConflict after a few tries, Unavailable.
        """
        async with self._turns.of(stream):
            return await self._execute(stream, aggregate, command, context)

    async def _execute(self, stream: str, aggregate: Aggregate[S, C], command: C, context: Context) -> Done[S]:
        for attempt in range(TRIES):
            loaded = await self.load(stream, aggregate)
            if repeat := repeated(loaded, context):
                return repeat
            try:
                with command_span(aggregate.name, context.metadata, loaded.events):
                    rows = prepare(loaded, aggregate.decide(loaded.state, command), context, self.registry)
                    if not rows:
                        return Done(stream, loaded.state, loaded.version, ())
                    with trace.span("append"):
                        await self._writer.append(rows)
            except ConcurrencyConflict:
                await asyncio.sleep(random.uniform(0, 0.005 * 2**attempt))  # noqa: S311 - jitter, no secret
                continue
            except AlreadyHandled:
                await self._refuse_reuse(stream, context)
                continue
            events = tuple(row.event for row in rows)
            state = evolve(aggregate, loaded.state, events)
            return Done(stream, state, events[-1].version, events)
        raise ConcurrencyConflict(f"{aggregate.name}: others were first, {TRIES} times")

    async def _refuse_reuse(self, stream: str, context: Context) -> None:
        """Our event id is stored: in this stream (then loading again finds it), or the key served elsewhere."""
        found = await self.pool.fetchrow(REQUEST_OF, context.event_id(0))
        if found and (found["stream"] != stream or found["request"] != context.metadata.request):
            raise KeyReused


def fold(stream: str, aggregate: Aggregate[S, C], events: Sequence[Recorded]) -> Loaded[S]:
    return Loaded(stream, evolve(aggregate, aggregate.initial, events), tuple(events))


def evolve(aggregate: Aggregate[S, C], state: S, events: Sequence[Recorded]) -> S:
    for event in events:
        state = aggregate.evolve(state, event.data)
    return state


def repeated(loaded: Loaded[S], context: Context) -> Done[S] | None:
    """The first outcome of a command that comes again under its key. Raises KeyReused for another request."""
    if context.key is None:
        return None
    first = context.event_id(0)
    for index, event in enumerate(loaded.events):
        if event.id == first:
            if event.metadata.request != context.metadata.request:
                raise KeyReused
            ids = {context.event_id(n) for n in range(loaded.version - index)}
            made = tuple(later for later in loaded.events[index:] if later.id in ids)
            return Done(loaded.stream, loaded.state, loaded.version, made, is_repeat=True)
    return None


def prepare(loaded: Loaded[S], events: Sequence[Event], context: Context, registry: Registry) -> list[append.Row]:
    """Give decided events their ids, versions and metadata."""
    now = datetime.now(UTC)
    metadata = carried_on(context.metadata)
    return [
        append.row(
            Recorded(
                id=context.event_id(number),
                stream=loaded.stream,
                version=loaded.version + 1 + number,
                type=registry.type_of(type(event)),
                data=event,
                metadata=metadata,
                recorded_at=now,
            ),
            registry,
        )
        for number, event in enumerate(events)
    ]


def recorded(row: asyncpg.Record, registry: Registry) -> Recorded:
    """A stored row as an event, upcast to its present schema."""
    return Recorded(
        id=row["id"],
        stream=row["stream"],
        version=row["version"],
        type=row["type"],
        data=registry.decode(row["type"], row["schema"], row["data"]),
        metadata=Metadata(**orjson.loads(row["metadata"])),
        recorded_at=row["recorded_at"],
    )


async def load_many(connection: Connection, streams: Sequence[str], registry: Registry) -> dict[str, list[Recorded]]:
    """The events of several streams by one statement; a stream without events is missing."""
    found: dict[str, list[Recorded]] = {}
    for row in await connection.fetch(LOAD, list(streams)):
        found.setdefault(row["stream"], []).append(recorded(row, registry))
    return found
