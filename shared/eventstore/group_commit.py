"""Group commit: commands decided at the same moment share one transaction.

A writer takes whatever waits (one command a stream, see `Turns`), stores all events and outbox rows by one statement,
applies the own read models grouped by statement, commits once and answers each. A command that comes alone waits for
nobody. What one of them meets costs the others next to nothing: whose stream has moved on the same statement tells;
else it is found out in few tries who it was (`apart`), and the others go on together.
"""

from collections.abc import Sequence

import asyncpg
import structlog

from shared.contracts.errors import Broken, ConcurrencyConflict, Invalid, TongbanError, Unavailable
from shared.eventstore import apart, append, read_model
from shared.eventstore.append import Row
from shared.eventstore.database import NoConnection, Pool
from shared.eventstore.gathering import Gathering
from shared.eventstore.group_transaction import Failed, Lost, Patience, run
from shared.eventstore.limits import (
    GROUP_BYTES,
    GROUP_COMMANDS,
    GROUP_LOCK_MS,
    GROUP_STATEMENT_MS,
    LARGEST_COMMAND,
    LONE_AT_ONCE,
    LONE_LOCK_MS,
    LONE_STATEMENT_MS,
    MOST_LONE,
)
from shared.eventstore.read_model import ReadModel
from shared.eventstore.transient import described, is_transient
from shared.eventstore.waiting import Waiting
from shared.eventstore.wake import Wake

log = structlog.get_logger(__name__)

RETRIES = 5  # of one command that met a deadlock or a serialisation failure
TOGETHER = Patience(lock_ms=GROUP_LOCK_MS, statement_ms=GROUP_STATEMENT_MS, is_the_sessions=True)
ALONE = Patience(lock_ms=LONE_LOCK_MS, statement_ms=LONE_STATEMENT_MS)
IN_THE_WAY = (asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError)
COLLIDED = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)


class AlreadyHandled(TongbanError):
    """An event id of this command is stored already: the command was handled before."""


class GroupCommit:
    """`async with` it: leaving writes what was handed in. `committed` wakes the sequencer."""

    def __init__(self, pool: Pool, models: Sequence[ReadModel], committed: Wake, *, writers: int = 2) -> None:
        self._pool = pool
        self._models = models
        self._committed = committed
        self._commands = Gathering(
            self._commit,
            at_once=GROUP_COMMANDS,
            workers=writers,
            weigh=lambda waiting: waiting.bytes,
            most=GROUP_BYTES,
        )
        self._lone = Gathering(self._commit_alone, at_once=1, workers=LONE_AT_ONCE)
        self._closing = False

    async def __aenter__(self) -> "GroupCommit":
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing = True
        await self._commands.finish()
        await self._lone.finish()

    async def append(self, rows: Sequence[Row]) -> None:
        """Returns when the rows of one stream are durable.

        Raises ConcurrencyConflict, AlreadyHandled, Broken when a read model cannot take them, Invalid when they are too
        much, or Unavailable; then it may be unknown whether they are stored.
        """
        if self._closing:
            raise Unavailable("this department is stopping")
        waiting = Waiting(rows)
        if waiting.bytes > LARGEST_COMMAND:
            raise Invalid(
                "too_much_at_once",
                "一次办理的内容过多，请分几次提交。",
                "This is too much at once; please send it in several parts.",
            )
        try:
            waiting.statements = [one for row in rows for one in read_model.statements(self._models, row.event)]
        except Exception as error:
            raise _broken(error) from error
        self._commands.add(waiting)
        await waiting.done

    async def _commit(self, group: list[Waiting]) -> None:
        """Answer each, or hand it to those that wait alone."""
        parts = [(group, 0)]
        while parts:
            some, tries = parts.pop()
            try:
                moved = await run(self._pool, some, TOGETHER)
            except Failed as failed:
                parts += await self._after(failed, some, tries)
            except (Lost, NoConnection) as lost:
                _unavailable(some, lost)
            except Exception as error:  # noqa: BLE001 - whatever it is, nobody waits for ever
                _unavailable(some, Lost(type(error).__name__))
            else:
                for waiting in some:
                    waiting.answer(ConcurrencyConflict("the stream has moved on") if waiting.stream in moved else None)
            self._committed.set()

    async def _after(self, failed: Failed, some: list[Waiting], tries: int) -> list[tuple[list[Waiting], int]]:
        """What is to be tried next; the others are answered."""
        error = failed.error
        if isinstance(error, asyncpg.UniqueViolationError) and len(some) > 1:
            try:
                known = await apart.known(self._pool, some, error)
            except Exception as lost:  # noqa: BLE001 - nothing was stored
                _unavailable(some, lost)
                return []
            if known:
                for waiting in known:
                    waiting.answer(meaning(error))
                return [([waiting for waiting in some if waiting not in known], tries)]
        if apart.is_everybodys(error, failed.suspects):
            for waiting in failed.suspects or some:
                waiting.answer(meaning(error))
            rest = [waiting for waiting in some if waiting not in failed.suspects] if failed.suspects else []
            return [(rest, tries)] if rest else []
        if len(some) > 1:
            return [(part, tries) for part in apart.halves(some, failed.suspects)]
        (one,) = some
        if isinstance(error, COLLIDED) and tries < RETRIES:
            return [(some, tries + 1)]
        if isinstance(error, IN_THE_WAY) and self._lone.waiting < MOST_LONE:
            self._lone.add(one)
        else:
            one.answer(meaning(error))
        return []

    async def _commit_alone(self, one: list[Waiting]) -> None:
        """What somebody is in the way of: with more patience, and in nobody's way itself."""
        try:
            moved = await run(self._pool, one, ALONE)
        except Failed as failed:
            one[0].answer(meaning(failed.error))
        except (Lost, NoConnection) as lost:
            _unavailable(one, lost)
        except Exception as error:  # noqa: BLE001 - as above
            _unavailable(one, Lost(type(error).__name__))
        else:
            one[0].answer(ConcurrencyConflict("the stream has moved on") if moved else None)
        self._committed.set()


def meaning(error: BaseException) -> BaseException:
    """What a database error says to the one who asked."""
    if isinstance(error, asyncpg.UniqueViolationError):
        if error.constraint_name == append.EVENTS_KEY:
            return ConcurrencyConflict("the stream has moved on")
        if error.constraint_name == append.EVENT_ID_KEY:
            return AlreadyHandled("an event with this id is stored")
    if isinstance(error, IN_THE_WAY + COLLIDED):
        return Unavailable("the database is too busy")
    if is_transient(error) or not isinstance(error, Exception):
        return error
    return _broken(error)


def _broken(error: Exception) -> Exception:
    """Ours, not the sender's: told here, without any value."""
    told = described(error)
    log.error("a command cannot be stored: its read models or its rows do not fit", problem=told)
    if isinstance(error, Broken):
        return error
    broken = Broken(told)
    broken.__cause__ = error
    return broken


def _unavailable(group: Sequence[Waiting], error: BaseException) -> None:
    log.error("commit lost", commands=len(group), error=str(error))
    told = "the database did not answer; whether the command was stored is not known"
    for waiting in group:
        waiting.answer(error if isinstance(error, NoConnection) else Unavailable(told))
