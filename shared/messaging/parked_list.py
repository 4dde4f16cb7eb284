"""Events that are parked, as an operator sees them. It loads nothing but what the questions need: `tongban parked list`
starts at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.eventstore.database import Connection, Pool

LIST = """
select feed, sequence, stream, type, error, attempts, parked_at, tried_at, dropped_at, dropped_by, reason
from parked join inbox using (feed, sequence, stream)
where (feed, sequence) > ($1, $2) and ($3::text is null or feed = $3)
  and ($4::text is null or stream = $4) and (dropped_at is null or $5)
order by feed, sequence limit $6
"""
ONE = """
select feed, sequence, stream, type, error, attempts, parked_at, tried_at, dropped_at, dropped_by, reason
from parked join inbox using (feed, sequence, stream) where feed = $1 and sequence = $2
"""


@dataclass(frozen=True, slots=True)
class Parked:
    """An event that waits. `error` None: only for an earlier one of its stream."""

    feed: str
    sequence: int
    stream: str
    type: str
    error: str | None
    attempts: int
    parked_at: datetime
    tried_at: datetime | None
    dropped_at: datetime | None
    dropped_by: str | None
    reason: str | None


async def page(
    pool: "Pool | Connection",
    *,
    feed: str | None = None,
    stream: str | None = None,
    after: tuple[str, int] = ("", 0),
    with_dropped: bool = False,
    limit: int = 100,
) -> Sequence[Parked]:
    """Parked events by feed and sequence, after a place."""
    return [Parked(**row) for row in await pool.fetch(LIST, *after, feed, stream, with_dropped, limit)]


async def one(pool: "Pool | Connection", feed: str, sequence: int) -> Parked | None:
    row = await pool.fetchrow(ONE, feed, sequence)
    return None if row is None else Parked(**row)
