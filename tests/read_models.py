"""Read models under test: events in, rows out, in whatever batches they come."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from shared.contracts.event import Recorded
from shared.department.engine import Engine
from shared.eventstore import append, layers, read_model
from shared.eventstore.read_model import ReadModel

Models = Sequence[ReadModel]
Streams = Sequence[Sequence[Recorded]]


async def apply(engine: Engine, models: Models, events: Sequence[Recorded]) -> None:
    async with engine.pool.acquire() as connection, connection.transaction():
        await read_model.group(models, events).run(connection)


async def insert(engine: Engine, events: Sequence[Recorded]) -> None:
    """Store events as they are, sealed."""
    if engine.registry.sealing is not None:
        owners = {owner for event in events for owner in engine.registry.owners_of(event.data, event.stream).values()}
        await engine.registry.sealing.make_ready({owner: set() for owner in owners})
    async with engine.pool.acquire() as connection:
        await append.insert(connection, [append.row(event, engine.registry) for event in events])


async def content(engine: Engine, models: Models) -> dict[str, list[Any]]:
    """Rows by table."""
    return {
        table.partition(".")[2]: await engine.pool.fetch(f"select * from {table} as row order by row::text")
        for table in await _tables(engine, models)
    }


async def require_batches_do_not_matter(engine: Engine, models: Models, streams: Streams, random: Random) -> None:
    """Event by event, stream after stream, every table holds something; in any batches the same."""
    for stream in streams:
        for event in stream:
            await apply(engine, models, [event])
    one_by_one = await content(engine, models)
    assert all(one_by_one.values())
    for table in await _tables(engine, models):
        await engine.pool.execute(f"truncate {table}")
    for batch in batches(random, interleaved(random, streams)):
        await apply(engine, models, batch)
    assert await content(engine, models) == one_by_one


def interleaved(random: Random, streams: Streams) -> list[Recorded]:
    """All events, each stream in its own order, otherwise as chance will have it."""
    order = [index for index, stream in enumerate(streams) for _ in stream]
    random.shuffle(order)
    positions = [iter(stream) for stream in streams]
    return [next(positions[index]) for index in order]


def batches(random: Random, events: Sequence[Recorded]) -> Iterator[Sequence[Recorded]]:
    start = 0
    while start < len(events):
        size = random.randrange(1, 30)
        yield events[start : start + size]
        start += size


async def _tables(engine: Engine, models: Models) -> list[str]:
    async with engine.pool.acquire() as connection:
        standing = await layers.served(connection)
        return [
            f"{schema}.{table}"
            for schema in (standing[model.name].tables for model in models)
            for table in await layers.tables_in(connection, schema)
        ]
