"""Finding out which command of a group it was, without trying them one by one."""

from collections.abc import Sequence

import asyncpg

from shared.eventstore import append
from shared.eventstore.database import Pool
from shared.eventstore.transient import AWAY
from shared.eventstore.waiting import Waiting

STORED = "select id from events where id = any($1::uuid[])"


async def known(pool: Pool, group: Sequence[Waiting], error: asyncpg.UniqueViolationError) -> list[Waiting]:
    """Those that were handled before; nobody when the key is taken within the group, or is a read model's."""
    if error.constraint_name == append.EVENT_ID_KEY:
        rows = await pool.fetch(STORED, [row.event.id for waiting in group for row in waiting.rows])
        stored = {row["id"] for row in rows}
        return [waiting for waiting in group if any(row.event.id in stored for row in waiting.rows)]
    return []


def is_everybodys(error: BaseException, suspects: Sequence[Waiting]) -> bool:
    """Whether it would meet each of them (of the suspects, if there are any) alike: then nobody is tried apart."""
    if isinstance(error, asyncpg.QueryCanceledError | ValueError):
        return False
    if isinstance(error, asyncpg.SyntaxOrAccessError):  # what is wrong is the statement, whatever the arguments
        return True
    return not suspects and isinstance(error, (*AWAY, asyncpg.ReadOnlySQLTransactionError))


def halves(group: Sequence[Waiting], suspects: Sequence[Waiting]) -> list[list[Waiting]]:
    """Two parts to try apart: the larger without half of the suspects. What comes last is tried first."""
    among = suspects or group
    apart = set(map(id, among[len(among) // 2 :]))
    return [
        [waiting for waiting in group if id(waiting) in apart],
        [waiting for waiting in group if id(waiting) not in apart],
    ]
