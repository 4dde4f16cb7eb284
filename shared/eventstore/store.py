"""A department's memory: load a stream, decide, append. All writing of facts goes through here."""

import asyncio
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Generic, TypeVar
from uuid import UUID

from shared.contracts.errors import ConcurrencyConflict, KeyReused
from shared.contracts.event import Event, Recorded
from shared.contracts.registry import Registry
from shared.eventstore import append, snapshots
from shared.eventstore.aggregate import Aggregate, Context
from shared.eventstore.command_trace import carried_on, command_span
from shared.eventstore.database import Connection, Pool
from shared.eventstore.folding import Loaded as Loaded
from shared.eventstore.folding import learned, recorded, standing, whole
from shared.eventstore.group_commit import AlreadyHandled, GroupCommit
from shared.eventstore.group_load import GroupLoad, beginnings_of, rest_of
from shared.eventstore.limits import SNAPSHOT_AGAIN, SNAPSHOT_EVENTS
from shared.eventstore.snapshots import Snapshot, Snapshots, code_of
from shared.eventstore.turns import Turns
from shared.standards import trace

S = TypeVar("S")
C = TypeVar("C")

REQUEST_OF = "select metadata ->> 'request' as request, stream from events where id = $1"

FIRST_OUTCOME = "select version, metadata ->> 'request' as request from events where id = $1 and stream = $2"
HANDLED = "select id from events where id = any($1::uuid[])"

UNWRITTEN = """
select stream from unnest($1::text[]) with ordinality as wanted (stream, place)
where not exists (select from events where events.stream = wanted.stream)
order by place
"""

TRIES = 4  # of a command that met a conflict


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

    def __init__(self, pool: Pool, registry: Registry, writer: GroupCommit, *, loading: Pool | None = None) -> None:
        """`loading`: where streams are read for commands, so that whatever else is asked is not in their way."""
        self.pool = pool
        self.registry = registry
        self._writer = writer
        self._commands = loading or pool
        self._reader = GroupLoad(self._commands)
        self._turns = Turns()
        self._snapshots = Snapshots(self._commands, registry)

    async def load(self, stream: str, aggregate: Aggregate[S, C]) -> Loaded[S]:
        """With all its events. An unknown stream is an aggregate in its initial state."""
        beginning = await self._reader.load(stream)
        return await whole(stream, aggregate, self.registry, beginning, partial(self._reader.rest, stream))

    async def stand(self, stream: str, aggregate: Aggregate[S, C]) -> Loaded[S]:
        """State and version; a long stream without its events, from its snapshot on."""
        loaded, folded = await self._stand(stream, aggregate)
        self._offer(aggregate, loaded, folded)
        return loaded

    async def _stand(self, stream: str, aggregate: Aggregate[S, C]) -> tuple[Loaded[S], int]:
        """And how many events were folded for it."""
        beginning = await self._reader.load(stream, code_of(aggregate))
        read_snapshot = partial(snapshots.read, self._commands, stream, aggregate, self.registry)
        rest = partial(self._reader.rest, stream)
        return await standing(stream, aggregate, self.registry, beginning, rest, read_snapshot)

    def _offer(self, aggregate: Aggregate[S, C], loaded: Loaded[S], folded: int) -> None:
        if folded >= SNAPSHOT_EVENTS or (loaded.version > SNAPSHOT_EVENTS and folded >= SNAPSHOT_AGAIN):
            self._snapshots.offer(loaded.stream, aggregate, Snapshot(loaded.state, loaded.version, loaded.keys))

    async def finish(self) -> None:
        """Returns when what is done beside commands is done."""
        await self._snapshots.finish()

    async def unwritten(self, streams: Sequence[str]) -> list[str]:
        """Those of the streams that have no event yet, in the order asked. Another writer may be about to."""
        return [row["stream"] for row in await self._commands.fetch(UNWRITTEN, list(streams))]

    async def execute(self, stream: str, aggregate: Aggregate[S, C], command: C, context: Context) -> Done[S]:
        """Load, decide, append; again with what is new when someone else was first.

        A command whose key was seen before is not decided again: its first outcome is told.
        Raises what `decide` raises, KeyReused, ConcurrencyConflict after a few tries, Unavailable.
        """
        async with self._turns.of(stream):
            return await self._execute(stream, aggregate, command, context)

    async def _execute(self, stream: str, aggregate: Aggregate[S, C], command: C, context: Context) -> Done[S]:
        for attempt in range(TRIES):
            loaded, folded = await self._stand(stream, aggregate)
            try:
                done = await self._decide(loaded, aggregate, command, context)
            finally:
                self._offer(aggregate, loaded, folded)
            if done is not None:
                return done
            await asyncio.sleep(random.uniform(0, 0.005 * 2**attempt))  # noqa: S311 - jitter, no secret
        raise ConcurrencyConflict(f"{aggregate.name}: others were first, {TRIES} times")

    async def _decide(
        self, loaded: Loaded[S], aggregate: Aggregate[S, C], command: C, context: Context
    ) -> Done[S] | None:
        """None: somebody was first, look again."""
        if repeat := await self._repeated(loaded, context):
            return repeat
        try:
            decided: Sequence[Event] = ()
            with command_span(aggregate.name, context.metadata, loaded.events):
                decided = aggregate.decide(loaded.state, command)
                await keys_ready(decided, loaded.stream, self.registry)
                rows = prepare(loaded, decided, context, self.registry)
                if not rows:
                    return Done(loaded.stream, loaded.state, loaded.version, ())
                with trace.span("append"):
                    await self._writer.append(rows)
        except ConcurrencyConflict:
            doubt_keys(decided, loaded.stream, self.registry)
            return None
        except AlreadyHandled:
            await self._refuse_reuse(loaded.stream, context)
            return None
        events = tuple(row.event for row in rows)
        return Done(loaded.stream, evolve(aggregate, loaded.state, events), events[-1].version, events)

    async def _repeated(self, loaded: Loaded[S], context: Context) -> Done[S] | None:
        """As `repeated`; of a stream whose events are not held here, the key of the event ids tells."""
        if not loaded.before:
            return repeated(loaded, context)
        if context.key is None:
            return None
        first = await self._commands.fetchrow(FIRST_OUTCOME, context.event_id(0), loaded.stream)
        if first is None:
            return None
        if first["request"] != context.metadata.request:
            raise KeyReused
        made: list[Recorded] = []
        async for page in self._reader.rest(loaded.stream, first["version"] - 1):
            await learned(page, self.registry)
            for row in page:
                if row["id"] != context.event_id(len(made)):
                    return Done(loaded.stream, loaded.state, loaded.version, tuple(made), is_repeat=True)
                made.append(recorded(row, self.registry))
        return Done(loaded.stream, loaded.state, loaded.version, tuple(made), is_repeat=True)

    async def _refuse_reuse(self, stream: str, context: Context) -> None:
        """Our event id is stored: in this stream (then loading again finds it), or the key served elsewhere."""
        found = await self._commands.fetchrow(REQUEST_OF, context.event_id(0))
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
            ids = {context.event_id(n) for n in range(len(loaded.events) - index)}
            made = tuple(later for later in loaded.events[index:] if later.id in ids)
            return Done(loaded.stream, loaded.state, loaded.version, made, is_repeat=True)
    return None


def prepare(loaded: Loaded[S], events: Sequence[Event], context: Context, registry: Registry) -> list[append.Row]:
    """Give decided events their ids, versions and metadata, and seal their personal fields: see `keys_ready`."""
    now = datetime.now(UTC)
    metadata = carried_on(context.metadata)
    last = loaded.events[-1].id if loaded.events else None
    rows = [
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
    return [replace(one, follows=last) if number == 0 else one for number, one in enumerate(rows)]


def doubt_keys(events: Iterable[Event], stream: str, registry: Registry) -> None:
    """These could not be stored, perhaps for their keys."""
    if registry.sealing is not None:
        registry.sealing.doubt({owner for event in events for owner in registry.owners_of(event, stream).values()})


async def keys_ready(events: Sequence[Event], stream: str, registry: Registry) -> None:
    """Have the keys at hand under which the personal fields of decided events are sealed."""
    if registry.sealing is None:
        return
    owners: dict[str, set[str]] = {}
    for event in events:
        feed = registry.feed_of(type(event))
        for owner in registry.owners_of(event, stream).values():
            owners.setdefault(owner, set()).update([feed.full_name] if feed else ())
    if owners:
        await registry.sealing.make_ready(owners)


async def stand_many(
    connection: Connection, aggregates: Mapping[str, Aggregate[Any, Any]], registry: Registry
) -> dict[str, Loaded[Any]]:
    """Several streams as they stand, long ones from their snapshots on: as `Store.stand`, within a transaction."""
    found: dict[str, Loaded[Any]] = {}
    left = list(aggregates)
    while left:
        beginnings, read = await beginnings_of(connection, left, [code_of(aggregates[stream]) for stream in left])
        for stream, beginning in zip(left, beginnings, strict=False):
            aggregate = aggregates[stream]
            found[stream], _ = await standing(
                stream,
                aggregate,
                registry,
                beginning,
                partial(rest_of, connection, stream),
                partial(snapshots.read, connection, stream, aggregate, registry),
            )
        left = left[read:]
    return found


async def handled(connection: Connection, contexts: Iterable[Context]) -> set[UUID]:
    """Of these commands, the first event ids of those that were handled before, whatever the stream."""
    rows = await connection.fetch(HANDLED, [context.event_id(0) for context in contexts if context.key is not None])
    return {row["id"] for row in rows}
