"""The read models that an instance keeps: they stand before it serves, and it watches that they still do.

They are built first and stand at once when the instance is ready for it: between the two it can prepare all else.

A read model stands in one version. Whoever brings up a newer one, or one that others do not know, supersedes the other
instances: what they went on storing would be missing in it. They notice within a second, stop leading and say so; what
they try to store meanwhile the database refuses. An older release does that to a newer one only as `passing` says.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from time import monotonic
from typing import Any, Self

import asyncpg
import structlog

from shared.contracts.registry import Registry
from shared.eventstore import layers, passing
from shared.eventstore.bring_up import Filled, fill, put_in
from shared.eventstore.database import Connection, connect
from shared.eventstore.dropped_keys import Listen
from shared.eventstore.limits import SEEN_EVERY
from shared.eventstore.passing import kept
from shared.eventstore.read_model import ReadModel
from shared.eventstore.tasks import end
from shared.eventstore.transient import AWAY

log = structlog.get_logger(__name__)

LIVING = 7_300_004  # held shared by every instance, exclusively by one that starts alone
TRY_ALONE = "select pg_try_advisory_lock($1)"
TRY_BESIDE = "select pg_try_advisory_lock_shared($1)"
NO_LONGER_ALONE = "select pg_advisory_unlock($1)"
LOOK_EVERY = 1.0  # seconds
ANSWER_WITHIN = 5.0
TRY_EVERY = 0.1


class Standing:
    """`async with` it: inside, the read models are built, and `stand` lets them stand until others do instead."""

    def __init__(
        self,
        url: str,
        department: str,
        models: Sequence[ReadModel],
        registry: Registry,
        listen: Listen | None = None,
    ) -> None:
        """`listen` is given the connection that watches."""
        self._url = url
        self._department = department
        self._models = models
        self._registry = registry
        self._listen = listen
        self._superseded = asyncio.Event()
        self._told_at = -SEEN_EVERY
        self._watching: asyncio.Task[None] | None = None  # None: does not stand yet

    @property
    def is_superseded(self) -> bool:
        return self._superseded.is_set()

    async def __aenter__(self) -> Self:
        """Raises what `fill` raises."""
        connection = await self._connect()
        try:
            self._is_alone = await self._come_in(connection)
            self._filled: Filled = await fill(connection, self._models, self._registry, is_alone=self._is_alone)
        except BaseException:
            connection.terminate()
            raise
        self._connection = connection
        return self

    async def stand(self) -> None:
        """Once: supersede who keeps other read models. Call it when requests could be served the next moment."""
        await put_in(self._connection, self._filled)
        if self._is_alone:
            await self._connection.fetchval(TRY_BESIDE, LIVING)  # never refused to who holds it alone
            await self._connection.fetchval(NO_LONGER_ALONE, LIVING)
        self._watching = asyncio.create_task(self._watch(self._connection), name="watch read models")

    async def __aexit__(self, *_: object) -> None:
        if self._watching is None:
            self._connection.terminate()
        else:
            await end(self._watching)

    async def while_it_holds(self, work: Coroutine[Any, Any, None]) -> None:
        """Run until superseded; then end it. Raises what it raises."""
        task = asyncio.create_task(work)
        superseded = asyncio.create_task(self._superseded.wait())
        try:
            await asyncio.wait((task, superseded), return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end(task, superseded)
        if not task.cancelled():
            task.result()

    async def _connect(self) -> asyncpg.Connection:
        connection = await connect(self._url, name=f"{self._department} read models")
        if self._listen is not None:
            await self._listen(connection)
        return connection

    async def _come_in(self, connection: Connection) -> bool:
        """True: no other instance lives, and none comes in before we stand. False: others live."""
        is_told = False
        while True:
            if await connection.fetchval(TRY_ALONE, LIVING):
                return True
            if await connection.fetchval(TRY_BESIDE, LIVING):
                return False
            if not is_told:
                log.info("waiting for another instance to have started", department=self._department)
                is_told = True
            await asyncio.sleep(TRY_EVERY)

    async def _watch(self, connection: asyncpg.Connection) -> None:
        is_living = True  # do we hold the lock that tells others so?
        try:
            while True:
                await asyncio.sleep(LOOK_EVERY)
                try:
                    if connection.is_closed():
                        connection, is_living = await self._connect(), False
                    async with asyncio.timeout(ANSWER_WITHIN):
                        is_living = is_living or await connection.fetchval(TRY_BESIDE, LIVING)
                        await self._look(connection)
                except (*AWAY, asyncpg.PostgresError) as error:
                    log.info("read models not looked at", department=self._department, error=type(error).__name__)
                    connection.terminate()
        finally:
            connection.terminate()

    async def _look(self, connection: Connection) -> None:
        keeps = {model.name: model.version for model in self._models}
        stand = {name: one.version for name, one in (await layers.served(connection)).items()}
        if stand != keeps and not self.is_superseded:
            log.error("superseded: this instance keeps other read models than stand; end it", keeps=keeps, stand=stand)
            self._superseded.set()
        if not self.is_superseded and monotonic() - self._told_at >= SEEN_EVERY:
            await passing.told_seen(connection, kept(self._models))
            self._told_at = monotonic()
