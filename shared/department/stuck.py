"""What of a to-do list cannot be done now: it rests longer each time, is told once, and operators see it."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from shared.department.place import Place

if TYPE_CHECKING:
    import asyncpg

    from shared.eventstore.database import Connection, Pool

FIRST, LONGEST = timedelta(seconds=10), timedelta(minutes=5)

OF = "select list, id, at, problem, attempts, since, try_at from stuck where list = $1"
PAGE = """
select list, id, at, problem, attempts, since, try_at from stuck
where (since, id) > ($1, $2) order by since, id limit $3
"""
KEEP = """
insert into stuck (list, id, at, problem, attempts, since, try_at) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (list, id) do update set at = excluded.at, problem = excluded.problem, attempts = excluded.attempts,
  since = excluded.since, try_at = excluded.try_at
"""
FORGET = "delete from stuck where list = $1 and id = any($2::uuid[])"
RETRY = """
update stuck set try_at = $3 where ($1::text is null or list = $1) and ($2::uuid is null or id = $2) and try_at > $3
"""


@dataclass(frozen=True, slots=True)
class Stuck:
    list: str
    id: UUID
    at: datetime  # with id its place in the list
    problem: str  # without any value
    attempts: int
    since: datetime  # of this problem
    try_at: datetime

    @property
    def place(self) -> Place:
        """Among all that is stuck."""
        return Place(self.since, self.id)


async def of(pool: "Pool", list: str) -> Mapping[UUID, Stuck]:
    """Whatever of this list is stuck, by id."""
    return {row["id"]: _stuck(row) for row in await pool.fetch(OF, list)}


async def page(pool: "Pool | Connection", *, after: Place, limit: int) -> Sequence[Stuck]:
    """Of all lists, the longest stuck first."""
    return [_stuck(row) for row in await pool.fetch(PAGE, *after, limit)]


async def count(pool: "Pool") -> int:
    found: int = await pool.fetchval("select count(*) from stuck")
    return found


async def keep(pool: "Pool", list: str, at: Place, problem: str, before: Stuck | None, now: datetime) -> None:
    """`before`: as it was stuck until now, at this place."""
    attempts = before.attempts + 1 if before else 1
    since = before.since if before and before.problem == problem else now
    await pool.execute(KEEP, list, at.id, at.at, problem, attempts, since, now + pause(attempts))


async def forget(pool: "Pool", list: str, ids: Sequence[UUID]) -> None:
    await pool.execute(FORGET, list, ids)


async def retry(pool: "Pool", now: datetime, list: str | None = None, id: UUID | None = None) -> int:
    """Let it be tried at the next look, a few seconds from now; nothing named: all. Returns how many rested."""
    moved: str = await pool.execute(RETRY, list, id, now)
    return int(moved.rpartition(" ")[2])


def pause(attempts: int) -> timedelta:
    """Before the next try."""
    grown: timedelta = FIRST * 2 ** min(attempts - 1, 16)
    return min(LONGEST, grown) * random.uniform(0.75, 1.0)  # noqa: S311 - jitter


def _stuck(row: "asyncpg.Record") -> Stuck:
    return Stuck(**row)
