"""One instance of a department leads: it numbers, relays and subscribes; the others serve requests and stand by.

Leadership is an advisory lock on a connection of its own: it ends with that connection, so a dead leader needs no
time-out to be replaced. A leader that lost its connection unknowingly does no harm: the primary key of `log` and the
compare-and-set of `checkpoints` turn it away.

A second lock, on the same connection, says that the leader has settled the history: it knows what others know of it.
Until then no instance may answer with it. A flag in a table would be restored with the database; a lock is not.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from shared.eventstore.database import Connection, Pool, connect
from shared.eventstore.tasks import together
from shared.eventstore.transient import is_transient

log = structlog.get_logger(__name__)

LOCK = 7_300_002
SETTLED = 7_300_003
IS_SETTLED = "select not pg_try_advisory_xact_lock_shared($1)"
TRY_EVERY = 1.0  # seconds between attempts of a standby
CHECK_EVERY = 1.0  # seconds between looks at one's own connection


class Leadership:
    """`run(duties)` campaigns for ever; `duties` runs while this instance leads and is cancelled when it does not."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name
        self.is_leading = False
        self._connection: Connection | None = None
        self._using = asyncio.Lock()  # of the connection

    @property
    def holder(self) -> int:
        """The server's process that holds the lock for this instance; 0: none, it does not lead."""
        return 0 if self._connection is None else self._connection.get_server_pid()

    async def settled(self) -> None:
        """Let every instance answer, as long as this one leads. Call it from a duty."""
        if self._connection is not None:
            async with self._using:
                await self._connection.execute("select pg_advisory_lock($1)", SETTLED)

    async def run(self, duties: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await self._campaign(duties)
            except Exception as error:  # noqa: BLE001 - whatever it was, somebody must lead: try again, and say so
                known = is_transient(error)
                tell = log.warning if known else log.error
                tell("leadership lost", department=self._name, error=type(error).__name__, exc_info=not known)
            await asyncio.sleep(TRY_EVERY)

    async def _campaign(self, duties: Callable[[], Awaitable[None]]) -> None:
        connection = await connect(self._url, name=f"{self._name} leader")
        try:
            while not await connection.fetchval("select pg_try_advisory_lock($1)", LOCK):  # noqa: ASYNC110 - no signal
                await asyncio.sleep(TRY_EVERY)
            self.is_leading, self._connection = True, connection
            log.info("leading", department=self._name)
            await together(_work(duties), self._watch(connection))
        finally:
            self.is_leading, self._connection = False, None
            connection.terminate()

    async def _watch(self, connection: Connection) -> None:
        """Ends with an error when the lock's connection does, which ends the duties beside it."""
        while True:
            await asyncio.sleep(CHECK_EVERY)
            async with self._using:
                await connection.fetchval("select 1", timeout=5)


async def _work(duties: Callable[[], Awaitable[None]]) -> None:
    await duties()


async def is_settled(pool: Pool) -> bool:
    """Whether some leader has settled the history that this database holds."""
    known: bool = await pool.fetchval(IS_SETTLED, SETTLED)
    return known
