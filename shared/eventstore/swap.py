"""The swap: one transaction after which writers and readers have the build, and nobody's write is lost or doubled.

Who may still write what the build has not seen is kept out first, by locks with a bounded wait; then what is left is
drained; then the views are replaced. A writer that holds a lock ends before us and is drained; one that waits for us
writes into the build.

Of the same version, the locks are those on the write views: replacing them takes them. When the version is another,
instances that know only the old one may store events that none of its statements writes, and go on doing so; so all
storing of events stops for the drain, and from then on the database refuses theirs (`refuse_superseded`).
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg
import structlog

from shared.contracts.errors import Broken
from shared.contracts.sealing import KeyNotHere
from shared.eventstore import layers
from shared.eventstore.building import Build, Told, tell_nobody
from shared.eventstore.database import READ_SCHEMA, Connection
from shared.eventstore.layers import Served
from shared.eventstore.pace import UNHINDERED

T = TypeVar("T")

log = structlog.get_logger(__name__)

# In this order: whoever takes in foreign events holds checkpoints when a reaction of his comes to the outbox.
KEEP_OUT_EVERYBODY = "lock table checkpoints, outbox in share row exclusive mode"
NOTE = """
insert into read_models (name, version, build) values ($1, $2, $3)
on conflict (name) do update set version = excluded.version, build = excluded.build
"""
MOST_BETWEEN = 1.0  # seconds between two tries
TELL_EVERY = 10  # tries


async def swap(connection: Connection, build: Build, told: Told = tell_nobody) -> None:
    """Catch up and swap; again and again while others hold what we need. Needs the model's build lock.

    Raises Broken when its tables differ from those of the same version that stand, or bear names of another's.
    """
    await patiently(lambda: _catch_up_and_swap(connection, build, told), f"swap of {build.model.name}")
    await layers.sweep(connection, [build.model.name])


async def _catch_up_and_swap(connection: Connection, build: Build, told: Told) -> None:
    await build.catch_up(connection, told)
    try:
        await _swap(connection, build)
    except KeyNotHere:  # nobody is kept out while it waits
        await build.fill(connection, UNHINDERED, told)
        await _catch_up_and_swap(connection, build, told)


async def _swap(connection: Connection, build: Build) -> None:
    async with connection.transaction():
        await layers.bound_waiting(connection)
        standing = (await layers.served(connection)).get(build.model.name)
        if standing and standing.version == build.model.version:
            drained = await _same_version(connection, build, standing)
        else:
            drained = await _other_version(connection, build, standing)
        await connection.execute(NOTE, build.model.name, build.model.version, build.number)
    log.info("read model swapped", name=build.model.name, tables=build.tables, drained=drained)


async def _same_version(connection: Connection, build: Build, standing: Served) -> int:
    if await layers.tables_in(connection, standing.tables) != await layers.tables_in(connection, build.tables):
        raise Broken(f"{build.model.name} has other tables than version {standing.version} had: raise its version")
    try:
        await layers.show_instead(connection, build.model.schema, build.tables)
    except asyncpg.InvalidTableDefinitionError:
        name, version = build.model.name, build.model.version
        raise Broken(f"{name} has other columns than version {version} had: raise its version") from None
    drained = await build.drain(connection)
    await layers.show_instead(connection, READ_SCHEMA, build.tables)
    return drained


async def _other_version(connection: Connection, build: Build, standing: Served | None) -> int:
    await connection.execute(KEEP_OUT_EVERYBODY)
    drained = await build.drain(connection)
    if standing:
        await layers.remove(connection, standing)
    await connection.execute(f"create schema if not exists {READ_SCHEMA}")
    await connection.execute(f"create schema {build.model.schema}")
    await layers.show(connection, build.model.schema, build.tables)
    try:
        await layers.show(connection, READ_SCHEMA, build.tables)
    except asyncpg.DuplicateTableError:
        raise Broken(f"another read model has a table of the same name as {build.model.name}'s") from None
    return drained


async def patiently(work: Callable[[], Awaitable[T]], what: str) -> T:
    """Try until nobody holds what we need. Between tries those who queued behind us get their turn."""
    tries = 0
    while True:
        try:
            return await work()
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            tries += 1
            if tries % TELL_EVERY == 0:
                log.warning("waiting for a long transaction", work=what, tries=tries)
            await asyncio.sleep(min(MOST_BETWEEN, 0.05 * 2 ** min(tries, 8)) * random.uniform(0.5, 1))  # noqa: S311
