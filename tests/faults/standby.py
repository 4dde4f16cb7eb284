"""A stack whose PostgreSQL is given a standby, which takes its place; departments know both by one address."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from deploy.departments import NAMES, Department
from deploy.reach import Reached
from deploy.reconcile import party
from deploy.runner.kept import Kept
from deploy.runner.stack import Stack
from shared.eventstore.tasks import end
from tests.backup.pair import Pair
from tests.faults.commands import Client
from tests.faults.fault import Fault, Ground
from tests.faults.losses import Losses, in_broker
from tests.faults.own_sharing import own_sharing
from tests.faults.town import Scene
from tests.until import until

RTO = 60.0  # seconds, on a machine that has much else to do
BEHIND = 40  # commands accepted while an asynchronous standby hears nothing


class StandbyStack(Stack):
    """The standby is made anew for every failover, from whichever server is the primary by then."""

    pair: Pair

    async def die(self) -> None:
        """kill -9 of the primary, and nobody starts it again."""
        assert self.postgres_kept._keeper is not None
        await end(self.postgres_kept._keeper)
        self.pair.primary.kill()

    async def promote(self) -> None:
        await self.pair.promote()
        self.pair.swap()
        self.postgres = self.pair.primary
        self.postgres_kept = Kept("postgres", self.postgres, self._tell)
        self.postgres_kept._keeper = self._group.create_task(self.postgres_kept._keep(), name="keep postgres")

    @asynccontextmanager
    async def frozen(self) -> AsyncIterator[None]:
        """No department does anything inside."""
        pids = [self.pids[name] for name in NAMES]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(0.2)  # what is under way in the databases comes to its end
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def _settle(self) -> None:
        super()._settle()
        self.pair = Pair(self.data_dir, primary=self.postgres)

    async def _start_servers(self) -> None:
        self._exit.push_async_callback(self.pair.stop)
        self._exit.push_async_callback(self._let_go)
        await super()._start_servers()

    async def _let_go(self) -> None:
        await self.postgres_kept.stop()

    async def _environment(self, department: Department) -> dict[str, str]:
        environment = await super()._environment(department)
        urls = ("DATABASE_URL", "DATABASE_OWNER_URL")
        return environment | {name: self.pair.url(environment[name]) for name in urls}


def with_standby(directory: Path) -> Stack:
    return StandbyStack(directory, sharing_file=own_sharing(directory), tell=lambda _: None)


def followed(stack: StandbyStack, department: Reached) -> Reached:
    """By the address that names both servers."""
    return Reached(replace(department.place, database=stack.pair.url(department.database_url)))


async def lose_synchronous(scene: Scene, client: Client) -> str:
    stack = await standing_by(scene, synchronous=True)
    killed = time.monotonic()
    await stack.die()
    await stack.promote()
    return f"promoted after {time.monotonic() - killed:.1f} s, {await serves_again(client, killed)}"


async def lose_asynchronous(scene: Scene, client: Client) -> str:
    """The standby hears nothing for a while before its primary dies."""
    stack = await standing_by(scene, synchronous=False)
    before = len(client.record.accepted)
    await stack.pair.part()
    await until(lambda: len(client.record.accepted) > before + BEHIND, timeout=60, what="commands are accepted")
    scene.losses = Losses()
    urls = {one.name: one.database_url for one in scene.departments}
    async with stack.frozen():  # so that what the primary took with it can be told to the last event
        had = await scene.losses.look(urls)
        killed = time.monotonic()
        await stack.die()
        await stack.promote()
        has = await scene.losses.look(urls)
        behind = scene.losses.lose(had, has, await in_broker([party(one) for one in scene.departments]))
    return f"{behind}; {await serves_again(client, killed)}"


async def standing_by(scene: Scene, *, synchronous: bool) -> StandbyStack:
    assert isinstance(scene.stack, StandbyStack)
    scene.departments = [followed(scene.stack, one) for one in scene.departments]
    await scene.stack.pair.stand_by(synchronous=synchronous)
    return scene.stack


async def serves_again(client: Client, killed: float) -> str:
    """The time from the primary's death to the first command that was accepted after it."""
    before = len(client.record.accepted)
    await until(lambda: len(client.record.accepted) > before, timeout=120, what="commands are accepted again")
    rto = time.monotonic() - killed
    assert rto < RTO, f"RTO {rto:.1f} s"
    return f"RTO {rto:.1f} s"


FAILOVERS = [
    Fault("primary killed, synchronous standby promoted", lose_synchronous, Ground.standby, patience=180),
    Fault("primary killed, asynchronous standby promoted", lose_asynchronous, Ground.standby, patience=180),
]
