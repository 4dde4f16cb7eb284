"""The transaction of a group of commands, and who may be at fault when it fails."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import asyncpg

from shared.eventstore import append
from shared.eventstore.database import Connection, NoConnection, Pool
from shared.eventstore.read_model import Grouped
from shared.eventstore.waiting import Waiting

ELEMENT = re.compile(r"element #(\d+) of executemany")


@dataclass(frozen=True, slots=True)
class Patience:
    """Time limits for locks and for a statement."""

    lock_ms: int
    statement_ms: int
    is_the_sessions: bool = False  # sessions begin with it (`session`), so that a lone statement needs no transaction

    @property
    def session(self) -> dict[str, str]:
        """As settings of a session."""
        return {"lock_timeout": str(self.lock_ms), "statement_timeout": str(self.statement_ms)}

    @property
    def begin(self) -> str:
        return f"begin; set local lock_timeout = {self.lock_ms}; set local statement_timeout = {self.statement_ms}"


class Failed(Exception):
    """Nothing was stored. `suspects`: those whose statement it was; nobody: it may be anybody's."""

    def __init__(self, error: BaseException, suspects: Sequence[Waiting] = ()) -> None:
        super().__init__(type(error).__name__)
        self.error = error
        self.suspects = suspects


class Lost(Exception):
    """The connection went, or did not answer: whether anything was stored is not known."""


async def run(pool: Pool, group: Sequence[Waiting], patience: Patience) -> set[str]:
    """Store a group whole, but for the streams it returns: they have moved on, and nothing of theirs is stored.

    Raises Failed, Lost, NoConnection.
    """
    try:
        async with pool.acquire() as connection:
            if len(group) == 1 and not group[0].statements and patience.is_the_sessions:
                return await _at_once(connection, group[0])
            return await _transaction(connection, group, patience)
    except NoConnection:
        raise
    except (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError, asyncpg.PostgresError) as error:
        raise Lost(type(error).__name__) from error


async def _at_once(connection: Connection, one: Waiting) -> set[str]:
    """A statement alone is a transaction: three round trips less."""
    try:
        await append.insert(connection, one.rows)
    except append.NotStanding:
        return {one.stream}
    except asyncpg.PostgresError as error:
        if _is_lost(connection, error):
            raise
        raise Failed(error) from error
    return set()


async def _transaction(connection: Connection, group: Sequence[Waiting], patience: Patience) -> set[str]:
    is_committing = False
    suspects: Sequence[Waiting] = ()
    try:
        await connection.execute(patience.begin)
        moved = await _append(connection, group)
        grouped, owners = _grouped([waiting for waiting in group if waiting.stream not in moved])
        for (sql, rows), whose in zip(grouped, owners, strict=True):
            suspects = whose
            await (connection.execute(sql, *rows[0]) if len(rows) == 1 else connection.executemany(sql, rows))
        suspects = ()
        is_committing = True
        await connection.execute("commit")
    except Exception as error:
        if _is_lost(connection, error) or (is_committing and not isinstance(error, asyncpg.PostgresError)):
            raise Lost(type(error).__name__) from error
        with suppress(asyncpg.InterfaceError, OSError):  # then it is lost, and what it began with it
            await connection.execute("rollback")
        raise Failed(error, _narrowed(suspects, error)) from error
    return moved


async def _append(connection: Connection, group: Sequence[Waiting]) -> set[str]:
    if len(group) == 1:
        try:
            await append.insert(connection, group[0].rows)
        except append.NotStanding:
            return {group[0].stream}
        return set()
    return await append.insert_unless_lost(connection, [row for waiting in group for row in waiting.rows])


def _grouped(group: Sequence[Waiting]) -> tuple[Grouped, list[list[Waiting]]]:
    """Their statements gathered; and to each row whose it is."""
    grouped = Grouped()
    owners: list[list[Waiting]] = []
    for waiting in group:
        for statement in waiting.statements:
            place = grouped.add(waiting.stream, statement)
            if place == len(owners):
                owners.append([])
            owners[place].append(waiting)
    return grouped, owners


def _narrowed(suspects: Sequence[Waiting], error: BaseException) -> list[Waiting]:
    """Each but once; one alone when the driver itself could not send their row and says which."""
    named = ELEMENT.search(str(error)) if isinstance(error, asyncpg.DataError | asyncpg.InterfaceError) else None
    if named and int(named[1]) < len(suspects):
        return [suspects[int(named[1])]]
    return list({id(waiting): waiting for waiting in suspects}.values())


def _is_lost(connection: Connection, error: BaseException) -> bool:
    return connection.is_closed() or isinstance(error, asyncpg.PostgresConnectionError)
