"""Which errors pass by themselves, and which come again however often one tries."""

import traceback
from pathlib import Path

import asyncpg

from shared.contracts.errors import ConcurrencyConflict, TongbanError, Unavailable

HOME = Path(__file__).parents[2]

# The database is away, starting, stopping or full. DataError is an InterfaceError too, but the code's own fault.
AWAY = (
    OSError,  # TimeoutError is one
    asyncpg.InterfaceError,  # the pool or the connection is closed
    asyncpg.InternalClientError,  # the server ended the session, and the socket's end has not been seen yet
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,  # disk full, too many connections
    asyncpg.OperatorInterventionError,  # shutting down, starting up, cancelled
)
TRANSIENT = (
    *AWAY,
    Unavailable,
    ConcurrencyConflict,
    asyncpg.TransactionRollbackError,  # serialisation, deadlock
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.PostgresSystemError,  # the server's own input and output
    asyncpg.ReadOnlySQLTransactionError,  # fallen back to a replica
    # What is laid in the database does not fit this code: an instance that is out of date, a migration not run. Nothing
    # is wrong with the event.
    asyncpg.UndefinedTableError,
    asyncpg.InvalidSchemaNameError,
    asyncpg.InsufficientPrivilegeError,
)


def is_transient(error: BaseException) -> bool:
    """True: back off and try the very same again. False: it will fail for ever (poison, a bug)."""
    # an argument of a wrong type is an InterfaceError and a ValueError: a bug
    return isinstance(error, TRANSIENT) and not isinstance(error, ValueError)


def described(error: BaseException) -> str:
    """What went wrong and where, without any value: 'KeyError at services/…/people.py:42'.

    Messages of others' exceptions may hold personal data; those of our own never do.
    """
    text = type(error).__name__
    if isinstance(error, TongbanError) and str(error):
        text += f": {error}"
    if isinstance(error, asyncpg.PostgresError):
        named = [getattr(error, part) for part in ("schema_name", "table_name", "column_name", "constraint_name")]
        text += "".join(f" {name}" for name in named if name)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(HOME) and ".venv" not in path.parts:
            return f"{text} at {path.relative_to(HOME)}:{frame.lineno}"
    return text
