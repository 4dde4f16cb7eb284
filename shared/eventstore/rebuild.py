"""Rebuilding one read model that stands, while it serves, from any process that reaches the database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import structlog

from shared.contracts.errors import Misconfigured
from shared.contracts.registry import Registry
from shared.eventstore import building, layers
from shared.eventstore.building import Begun, Build, Told, tell_nobody
from shared.eventstore.database import Connection, connect
from shared.eventstore.pace import POLITE, Pace
from shared.eventstore.read_model import ReadModel
from shared.eventstore.swap import patiently, swap
from shared.eventstore.transient import is_transient

log = structlog.get_logger(__name__)

HAS_BUILDS = "select to_regclass('public.read_model_builds') is not null"


class NotOurVersion(Misconfigured):
    """The read model does not stand in the version that this program knows."""


async def rebuild(
    url: str,
    model: ReadModel,
    registry: Registry,
    *,
    pace: Pace = POLITE,
    fresh: bool = False,
    begun: Begun = tell_nobody,
    told: Told = tell_nobody,
) -> None:
    """Build beside what serves, and swap. Killed, it goes on where it was when it is called again, unless `fresh`.

    Raises AlreadyBuilding, NotOurVersion, what the model raises (then the build is given up), or what is transient.
    """
    async with only_builder(url, model) as connection:
        build = await filled(connection, model, registry, pace=pace, fresh=fresh, begun=begun, told=told)
        await swap(connection, build, told)


async def filled(
    connection: Connection,
    model: ReadModel,
    registry: Registry,
    *,
    pace: Pace,
    fresh: bool = False,
    begun: Begun = tell_nobody,
    told: Told = tell_nobody,
) -> Build:
    """A build that has caught up, but for what comes in meanwhile. Needs the model's build lock."""
    build = await building.open_build(connection, model, registry, fresh=fresh)
    begun(build)
    log.info("building", name=model.name, tables=build.tables, is_resumed=build.is_resumed)
    try:
        await build.fill(connection, pace, told)
    except Exception as error:
        if not is_transient(error):  # mended code has to begin anew
            await building.give_up(connection, model)
        raise
    return build


@asynccontextmanager
async def only_builder(url: str, model: ReadModel) -> AsyncIterator[Connection]:
    """The connection that holds the build lock of a read model that stands in our version."""
    connection = await connect(url, name=f"build of {model.name}")
    try:
        if not await connection.fetchval(HAS_BUILDS):
            raise Misconfigured("the database knows no builds yet: start the department once with this release")
        await building.lock(connection, model.name)
        await _require_our_version(connection, model)
        yield connection
    finally:
        await _close(connection)


async def _require_our_version(connection: Connection, model: ReadModel) -> None:
    standing = (await layers.served(connection)).get(model.name)
    if standing is None:
        raise NotOurVersion(f"{model.name} does not stand yet: start the department once")
    if standing.version != model.version:
        raise NotOurVersion(
            f"{model.name} stands in version {standing.version}, and this program knows version {model.version}:"
            " use the release that the department runs; starting another builds its own"
        )
    if standing.build is None:
        await patiently(lambda: take_over(connection, model.name), f"take-over of {model.name}")


async def take_over(connection: Connection, name: str) -> None:
    """In a transaction of its own, once: see `layers.take_over`."""
    async with connection.transaction():
        await layers.bound_waiting(connection)
        standing = (await layers.served(connection))[name]
        if standing.build is None:
            await layers.take_over(connection, standing)
    log.info("read model taken over", name=name)


async def _close(connection: asyncpg.Connection) -> None:
    """Whatever it is doing: a cancelled build must not wait for its last statement."""
    connection.terminate()
