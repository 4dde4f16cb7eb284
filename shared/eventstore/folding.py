"""From stored rows to a state, a little at a time: a long stream never keeps the process from everything else."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import asyncpg
import orjson

from shared.contracts.event import Metadata, Recorded
from shared.contracts.registry import Registry
from shared.contracts.sealing import key_ids
from shared.eventstore.aggregate import Aggregate
from shared.eventstore.group_load import Beginning
from shared.eventstore.limits import BREATH_EVENTS
from shared.eventstore.snapshots import Snapshot

S = TypeVar("S")

Rest = Callable[[int], AsyncIterator[list[asyncpg.Record]]]
"""The events that follow a version, page by page."""


@dataclass(frozen=True, slots=True)
class Loaded(Generic[S]):
    """A stream as it stands: its folded state, and its events but for the first `before`, which are not held here.

    `keys`: ids of those under which personal fields of its events are sealed.
    """

    stream: str
    state: S
    events: tuple[Recorded, ...]
    before: int = 0
    keys: frozenset[str] = frozenset()

    @property
    def version(self) -> int:
        return self.before + len(self.events)


async def whole(
    stream: str, aggregate: Aggregate[S, Any], registry: Registry, beginning: Beginning, rest: Rest
) -> Loaded[S]:
    """With all its events."""
    keys = await learned(beginning.rows, registry)
    events = await recorded_of(beginning.rows, registry)
    if beginning.is_cut:
        async for page in rest(len(events)):
            keys |= await learned(page, registry)
            events += await recorded_of(page, registry)
    return Loaded(stream, await _evolved(aggregate, aggregate.initial, events), tuple(events), keys=keys)


async def standing(
    stream: str,
    aggregate: Aggregate[S, Any],
    registry: Registry,
    beginning: Beginning,
    rest: Rest,
    snapshot: Callable[[], Awaitable[Snapshot[S] | None]],
) -> tuple[Loaded[S], int]:
    """With its events only if it is short; and how many were folded. From its snapshot on, if it has one."""
    if not beginning.snapshot and not beginning.is_cut:
        loaded = await whole(stream, aggregate, registry, beginning, rest)
        return loaded, loaded.version
    known = (await snapshot() if beginning.snapshot else None) or Snapshot(aggregate.initial, 0)
    now = known
    if now.version >= beginning.snapshot:
        rows = [row for row in beginning.rows if row["version"] > known.version]
        now = await _folded(aggregate, registry, now, rows)
    if beginning.is_cut or now.version < beginning.rows[-1]["version"]:
        async for page in rest(now.version):
            now = await _folded(aggregate, registry, now, page)
    return Loaded(stream, now.state, (), now.version, now.keys), now.version - known.version


async def _folded(
    aggregate: Aggregate[S, Any], registry: Registry, before: Snapshot[S], rows: Sequence[asyncpg.Record]
) -> Snapshot[S]:
    keys = before.keys | await learned(rows, registry)
    state, version = before.state, before.version
    for some in _breaths(rows):
        for row in some:
            state = aggregate.evolve(state, recorded(row, registry).data)
            version = row["version"]
        await asyncio.sleep(0)
    return Snapshot(state, version, keys)


async def _evolved(aggregate: Aggregate[S, Any], state: S, events: Sequence[Recorded]) -> S:
    for nth, event in enumerate(events):
        if nth and nth % BREATH_EVENTS == 0:
            await asyncio.sleep(0)
        state = aggregate.evolve(state, event.data)
    return state


async def recorded_of(rows: Sequence[asyncpg.Record], registry: Registry) -> list[Recorded]:
    """Rows as events; their keys are at hand."""
    events: list[Recorded] = []
    for some in _breaths(rows):
        if events:
            await asyncio.sleep(0)
        events += [recorded(row, registry) for row in some]
    return events


async def learned(rows: Sequence[asyncpg.Record], registry: Registry) -> frozenset[str]:
    """Ids of the keys of stored rows, which are at hand now."""
    if registry.sealing is None:
        return frozenset()
    ids = frozenset(id for row in rows for id in key_ids(row["data"]))
    await registry.sealing.learn(ids)
    return ids


def recorded(row: asyncpg.Record, registry: Registry) -> Recorded:
    """A stored row as an event, upcast to its present schema. Its keys are at hand: see `learned`."""
    return Recorded(
        id=row["id"],
        stream=row["stream"],
        version=row["version"],
        type=row["type"],
        data=registry.decode(row["type"], row["schema"], row["data"], row["id"]),
        metadata=Metadata(**orjson.loads(row["metadata"])),
        recorded_at=row["recorded_at"],
    )


def _breaths(rows: Sequence[asyncpg.Record]) -> list[Sequence[asyncpg.Record]]:
    return [rows[start : start + BREATH_EVENTS] for start in range(0, len(rows), BREATH_EVENTS)]
