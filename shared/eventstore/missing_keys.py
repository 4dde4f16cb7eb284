"""Keys of providers that are missed, and what an operator does about one that never comes: give it up.

Then what it sealed comes out empty, as if it were erased, and its feed goes on. Who gave it up and why is kept. Its
provider is still asked for it; should it come after all, it opens again, and the read models of its feed are built
anew. It loads nothing but what a look needs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.eventstore.database import Connection, Pool

MOST_TOLD = 20  # in a department's health

PAGE = """
select provider, id, feed, since, given_up_at, given_up_by, reason, came_at from missing_keys
where (provider, id) > ($1, $2) and ($3 or given_up_at is null) order by provider, id limit $4
"""
ONE = """
select provider, id, feed, since, given_up_at, given_up_by, reason, came_at from missing_keys
where provider = $1 and id = $2
"""
WAITED_FOR = """
select provider, id, feed, since, given_up_at, given_up_by, reason, came_at from missing_keys
where given_up_at is null order by since, provider, id limit $1
"""
NOTE = """
insert into missing_keys as m (provider, id, feed) select $1, id, $3 from unnest($2::text[]) as u (id)
where not exists (select from person_keys k where k.provider = $1 and k.id = u.id)
on conflict (provider, id) do update
set feed = excluded.feed, since = excluded.since, given_up_at = null, given_up_by = null, reason = null, came_at = null
where m.came_at is not null
"""
GIVE_UP = """
with given_up as (
  update missing_keys m set given_up_at = clock_timestamp(), given_up_by = $3, reason = $4
  where provider = $1 and id = $2 and given_up_at is null
    and not exists (select from person_keys k where k.provider = $1 and k.id = $2)
  returning provider, id
)
insert into person_keys (provider, id, is_own, owner, sealed, master, erased_at, is_given_up)
select provider, id, false, '', null, null, clock_timestamp(), true from given_up
"""
# After keys came: rows of those that were not given up go. The feeds of those that were.
CAME = """
with gone as (
  delete from missing_keys where provider = $1 and id = any($2) and given_up_at is null
), came as (
  update missing_keys m set came_at = clock_timestamp() from person_keys k
  where m.provider = $1 and m.id = any($2) and m.given_up_at is not null and m.came_at is null
    and k.provider = m.provider and k.id = m.id and not k.is_given_up
  returning m.feed, k.sealed
)
select distinct feed from came where sealed is not null
"""
# Also of other processes, which read an inbox for a build.
TO_ASK_FOR = """
select id from missing_keys m where provider = $1 and came_at is null and ($2 or given_up_at is null)
  and not exists (select from person_keys k where k.provider = $1 and k.id = m.id and not k.is_given_up)
order by since limit $3
"""


@dataclass(frozen=True, slots=True)
class MissingKey:
    """`feed`: where it was missed first. `came_at`: after it had been given up."""

    provider: str
    id: str
    feed: str
    since: datetime
    given_up_at: datetime | None
    given_up_by: str | None
    reason: str | None
    came_at: datetime | None


async def page(
    source: "Pool | Connection", *, after: tuple[str, str] = ("", ""), with_given_up: bool = False, limit: int = 100
) -> Sequence[MissingKey]:
    """By provider and id."""
    return [MissingKey(**row) for row in await source.fetch(PAGE, *after, with_given_up, limit)]


async def one(source: "Pool | Connection", provider: str, id: str) -> MissingKey | None:
    row = await source.fetchrow(ONE, provider, id)
    return MissingKey(**row) if row else None


async def waited_for(source: "Pool | Connection") -> tuple[MissingKey, ...]:
    """The longest first, and no more than an operator can read."""
    return tuple(MissingKey(**row) for row in await source.fetch(WAITED_FOR, MOST_TOLD))


async def give_up(pool: "Pool", provider: str, id: str, by: str, reason: str) -> bool:
    """False: nobody waits for it here."""
    done: str = await pool.execute(GIVE_UP, provider, id, by, reason)
    return done != "INSERT 0 0"
