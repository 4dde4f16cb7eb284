"""Group commit: commands decided at the same moment share one transaction.

A writer takes whatever waits (one command a stream, see `Turns`), stores all events and outbox rows by one statement,
applies the own read models grouped by statement, commits once and answers each. A command that comes alone waits for
nobody.
When a group cannot be committed whole, its commands run one by one, so one conflict never costs another command.
"""

import asyncio
from collections.abc import Sequence

import asyncpg
import structlog

from shared.contracts.errors import ConcurrencyConflict, TongbanError, Unavailable
from shared.eventstore import append, read_model
from shared.eventstore.append import Row
from shared.eventstore.database import Connection, Pool
from shared.eventstore.gathering import Gathering
from shared.eventstore.read_model import ReadModel
from shared.eventstore.wake import Wake

log = structlog.get_logger(__name__)

GROUP_LIMIT = 500  # commands a transaction
RETRIES = 5  # of one command that met a deadlock or a serialisation failure


class AlreadyHandled(TongbanError):
    """An event id of this command is stored already: the command was handled before."""


class Waiting:
    """One command's events on their way to the disk; its asker awaits `done`."""

    __slots__ = ("done", "rows")

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def answer(self, error: BaseException | None = None) -> None:
        if self.done.done():  # its asker went away; what is stored stays stored
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)


class GroupCommit:
    """`async with` it: leaving writes what was handed in. `committed` wakes the sequencer."""

    def __init__(self, pool: Pool, models: Sequence[ReadModel], committed: Wake, *, writers: int = 2) -> None:
        self._pool = pool
        self._models = models
        self._committed = committed
        self._commands = Gathering(self._commit, at_once=GROUP_LIMIT, workers=writers)
        self._closing = False

    async def __aenter__(self) -> "GroupCommit":
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing = True
        await self._commands.finish()

    async def append(self, rows: Sequence[Row]) -> None:
        """Returns when the rows of one stream are durable.

        Raises ConcurrencyConflict, AlreadyHandled, or Unavailable when it is not known whether they are.
        """
        if self._closing:
            raise Unavailable("this department is stopping")
        waiting = Waiting(rows)
        self._commands.add(waiting)
        await waiting.done

    async def _commit(self, group: list[Waiting]) -> None:
        try:
            await self._transaction([row for waiting in group for row in waiting.rows])
        except (OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError, TimeoutError) as error:
            unavailable(group, error)
        except Exception as error:  # noqa: BLE001 - whatever one command did, the others must not pay for it
            if len(group) == 1:
                await self._commit_one(group[0], error)
            else:
                for waiting in group:
                    await self._commit_one(waiting)
        else:
            for waiting in group:
                waiting.answer()
        self._committed.set()

    async def _commit_one(self, waiting: Waiting, error: Exception | None = None) -> None:
        """`error` is what it met just now, when it was a group of its own."""
        for _ in range(RETRIES):
            if error is None:
                try:
                    await self._transaction(waiting.rows)
                except (
                    OSError,
                    asyncpg.InterfaceError,
                    asyncpg.PostgresConnectionError,
                    TimeoutError,
                ) as lost:
                    return unavailable([waiting], lost)
                except Exception as met:  # noqa: BLE001 - handed to the asker below
                    error = met
                else:
                    return waiting.answer()
            if not isinstance(error, asyncpg.DeadlockDetectedError | asyncpg.SerializationError):
                break
            error = None
        return waiting.answer(meaning(error) if error else Unavailable("the database is too busy"))

    async def _transaction(self, rows: Sequence[Row]) -> None:
        async with self._pool.acquire() as connection:
            await store(connection, rows, self._models)


async def store(connection: Connection, rows: Sequence[Row], models: Sequence[ReadModel]) -> None:
    """Events, outbox and own read models: all or nothing."""
    grouped = read_model.group(models, (row.event for row in rows))
    if not grouped:
        await append.insert(connection, rows)  # a statement alone is a transaction: three round trips less
        return
    async with connection.transaction():
        await append.insert(connection, rows)
        await grouped.run(connection)


def meaning(error: Exception) -> Exception:
    """What a database error says to the one who asked."""
    if isinstance(error, asyncpg.UniqueViolationError):
        if error.constraint_name == append.EVENTS_KEY:
            return ConcurrencyConflict("the stream has moved on")
        if error.constraint_name == append.EVENT_ID_KEY:
            return AlreadyHandled("an event with this id is stored")
    return error


def unavailable(group: Sequence[Waiting], error: BaseException) -> None:
    log.error("commit lost", commands=len(group), error=type(error).__name__)
    for waiting in group:
        waiting.answer(Unavailable("the database did not answer; whether the command was stored is not known"))
