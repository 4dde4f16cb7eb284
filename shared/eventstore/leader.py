"""One instance of a department leads: it numbers, relays and subscribes; the others serve requests and stand by.

Leadership is an advisory lock on a connection of its own: it ends with that connection, so a dead leader needs no
time-out to be replaced. A leader that lost its connection unknowingly does no harm: the primary key of `log` and the
compare-and-set of `checkpoints` turn it away.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from shared.eventstore.database import Connection, connect
from shared.eventstore.tasks import together
from shared.eventstore.transient import is_transient

log = structlog.get_logger(__name__)

LOCK = 7_300_002
TRY_EVERY = 1.0  # seconds between attempts of a standby
CHECK_EVERY = 1.0  # seconds between looks at one's own connection


class Leadership:
    """`run(duties)` campaigns for ever; `duties` runs while this instance leads and is cancelled when it does not."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name
        self.is_leading = False

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
            self.is_leading = True
            log.info("leading", department=self._name)
            await together(_work(duties), _watch(connection))
        finally:
            self.is_leading = False
            connection.terminate()


async def _work(duties: Callable[[], Awaitable[None]]) -> None:
    await duties()


async def _watch(connection: Connection) -> None:
    """Ends with an error when the lock's connection does, which ends the duties beside it."""
    while True:
        await asyncio.sleep(CHECK_EVERY)
        await connection.fetchval("select 1", timeout=5)
