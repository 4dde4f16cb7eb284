"""Signatures that may sign though their officer was dismissed: a to-do list over two read models."""

from uuid import UUID

from shared.department.paging import Place
from shared.eventstore.database import Pool

NEXT = """
select s.applied_at, s.seal from seals s join staff r on s.owner_code = r.staff::text
where s.kind = 'signature' and s.status = 'in_use' and r.roles = '{}' and (s.applied_at, s.seal) > ($1, $2)
order by s.applied_at, s.seal limit $3
"""


async def next_to_stop(pool: Pool, *, after: Place, limit: int) -> list[Place]:
    """The oldest first; each place's id is the signature."""
    return [Place(row["applied_at"], row["seal"]) for row in await pool.fetch(NEXT, *after, limit)]


async def is_dismissed(pool: Pool, staff: UUID) -> bool:
    """False: he serves, or nothing about him has arrived."""
    return bool(await pool.fetchval("select roles = '{}' from staff where staff = $1", staff))
