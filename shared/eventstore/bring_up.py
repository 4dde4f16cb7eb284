"""Bringing up the read models of a release: what does not stand in its version is built beside what does, and swapped.

First all are filled; instances of the release before serve meanwhile. Then all are swapped one after the other: from
the first swap on they are refused. So whoever brings up is ready to serve before it swaps.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

import structlog

from shared.contracts.registry import Registry
from shared.eventstore import building, layers, passing
from shared.eventstore.building import AlreadyBuilding, Build, Progress
from shared.eventstore.database import Connection
from shared.eventstore.layers import Served
from shared.eventstore.pace import POLITE, UNHINDERED
from shared.eventstore.read_model import ReadModel
from shared.eventstore.rebuild import filled, take_over
from shared.eventstore.swap import patiently, swap

log = structlog.get_logger(__name__)

FORGET = "delete from read_models where name = $1"
TRY_EVERY = 0.2  # seconds
TELL_EVERY = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to be done so that exactly these read models stand."""

    build: tuple[ReadModel, ...]
    take_over: tuple[str, ...]  # laid before there were builds
    retire: tuple[Served, ...]  # no longer part of the department

    @property
    def names(self) -> set[str]:
        return {model.name for model in self.build} | {*self.take_over} | {one.name for one in self.retire}


def plan(models: Sequence[ReadModel], standing: Mapping[str, Served]) -> Plan:
    versions = {model.name: model.version for model in models}
    return Plan(
        build=tuple(m for m in models if m.name not in standing or standing[m.name].version != m.version),
        take_over=tuple(m.name for m in models if standing.get(m.name) == Served(m.name, m.version, None)),
        retire=tuple(one for one in standing.values() if one.name not in versions),
    )


@dataclass(frozen=True, slots=True)
class Filled:
    """A build that waits to be swapped in. The connection that built it holds the build locks until then."""

    planned: Plan
    builds: tuple[Build, ...]
    locked: frozenset[str]


async def bring_up(connection: Connection, models: Sequence[ReadModel], registry: Registry, *, is_alone: bool) -> None:
    """Returns when exactly these stand. Raises what `fill` raises."""
    await put_in(connection, await fill(connection, models, registry, is_alone=is_alone))


async def fill(connection: Connection, models: Sequence[ReadModel], registry: Registry, *, is_alone: bool) -> Filled:
    """Build what does not stand yet; supersede nobody. Raises Misconfigured (see `passing`), or as building does."""
    mine = {model.name: model.version for model in models}
    locked: set[str] = set()
    try:
        while True:
            planned = plan(models, await layers.served(connection))
            await passing.may_supersede(connection, mine, is_alone=is_alone)
            if planned.names <= locked:
                break
            for name in sorted(planned.names - locked):  # everybody in the same order
                await _lock(connection, name)
                locked.add(name)
        await passing.told_seen(connection, passing.kept(models))  # should we die on the way, this is known
        for name in planned.take_over:
            await patiently(lambda name=name: take_over(connection, name), f"take-over of {name}")  # type: ignore[misc]
        pace = UNHINDERED if is_alone else POLITE
        builds = [
            await filled(connection, model, registry, pace=pace, told=_Log(model.name)) for model in planned.build
        ]
    except BaseException:
        await _unlock(connection, locked)
        raise
    return Filled(planned, tuple(builds), frozenset(locked))


async def put_in(connection: Connection, filled: Filled) -> None:
    """Returns when exactly these stand. Superseded instances are refused from here on."""
    planned = filled.planned
    try:
        for build in filled.builds:  # the first was filled long ago, if there are many
            await build.catch_up(connection)
        for standing in planned.retire:
            await patiently(lambda one=standing: _retire(connection, one), f"removal of {standing.name}")  # type: ignore[misc]
        for build in filled.builds:
            await swap(connection, build)
        if planned.names:
            await passing.went_back(connection)
        await layers.sweep(connection, sorted(planned.names))
    finally:
        await _unlock(connection, filled.locked)


async def _unlock(connection: Connection, names: Iterable[str]) -> None:
    for name in names:
        await building.unlock(connection, name)


async def _retire(connection: Connection, standing: Served) -> None:
    async with connection.transaction():
        await layers.bound_waiting(connection)
        await layers.remove(connection, standing)
        await connection.execute(FORGET, standing.name)
    log.warning("read model removed: this release has none of its name", name=standing.name)


async def _lock(connection: Connection, name: str) -> None:
    is_told = False
    while True:
        try:
            return await building.lock(connection, name)
        except AlreadyBuilding:
            if not is_told:
                log.info("waiting for another process that builds", name=name)
                is_told = True
            await asyncio.sleep(TRY_EVERY)


class _Log:
    """A long build says now and then how far it is."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._told_at = monotonic()

    def __call__(self, progress: Progress) -> None:
        if monotonic() - self._told_at > TELL_EVERY:
            self._told_at = monotonic()
            log.info("building", name=self._name, done=progress.done, total=progress.total)
