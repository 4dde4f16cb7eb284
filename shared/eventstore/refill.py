"""Fills a newly laid read model from what this department holds: its own events and its inbox."""

from collections.abc import AsyncIterator

from shared.contracts import envelope
from shared.contracts.event import Recorded
from shared.contracts.registry import Registry
from shared.eventstore import read_model
from shared.eventstore.database import Connection
from shared.eventstore.read_model import ReadModel
from shared.eventstore.store import recorded

AT_ONCE = 2000  # events

OWN = """
select stream, version, id, type, schema, data, metadata, recorded_at
from events where type = any($1::text[]) order by stream, version
"""
GIVEN = "select event from inbox where event ->> 'type' = any($1::text[]) order by feed, sequence"


async def refill(connection: Connection, model: ReadModel, registry: Registry) -> int:
    """Replay every event the model wants, within the caller's transaction. Returns how many there were."""
    count = 0
    waiting: list[Recorded] = []
    async for event in _events(connection, [registry.type_of(event) for event in model.events], registry):
        waiting.append(event)
        count += 1
        if len(waiting) == AT_ONCE:
            await read_model.group([model], waiting).run(connection)
            waiting.clear()
    await read_model.group([model], waiting).run(connection)
    return count


async def _events(connection: Connection, types: list[str], registry: Registry) -> AsyncIterator[Recorded]:
    async for row in connection.cursor(OWN, types, prefetch=AT_ONCE):
        yield recorded(row, registry)
    async for row in connection.cursor(GIVEN, types, prefetch=AT_ONCE):
        yield envelope.decode(envelope.parse(row["event"].encode()), registry)
