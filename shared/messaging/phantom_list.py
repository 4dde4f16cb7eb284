"""Own events that followed from phantoms, and what officers decided about each. It loads nothing but what a look needs.

What followed is found by its cause, step by step within the own store. An event whose phantom came again is history
like any other, so it leaves the list; what was decided stays as evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal
from uuid import UUID

if TYPE_CHECKING:
    from shared.eventstore.database import Connection, Pool

Verdict = Literal["stands", "corrected"]

MOST_COUNTED = 1000
NOBODY = UUID(int=0)

FOLLOWED = """
with recursive lost as (
  select distinct on (id) id, feed, sequence, type from phantoms
  where again_at is null and parked is null
    and not exists (select from phantoms as again where again.id = phantoms.id and again.again_at is not null)
  order by id, nth desc
), followed as (
  select e.id, e.stream, e.type, e.recorded_at, lost.id as phantom, lost.type as phantom_type, lost.feed, lost.sequence
  from lost join events e on e.metadata ->> 'causation_id' = lost.id::text
  union
  select e.id, e.stream, e.type, e.recorded_at, f.phantom, f.phantom_type, f.feed, f.sequence
  from followed f join events e on e.metadata ->> 'causation_id' = f.id::text
), decided as (
  select distinct on (f.id) f.*, p.nth, p.verdict, p.reason, p.proposed_by, p.proposed_at, a.decided_by, a.decided_at
  from followed f
  left join phantom_proposals p on p.event = f.id
    and not exists (select from phantom_answers r where r.event = p.event and r.nth = p.nth and not r.is_confirmed)
  left join phantom_answers a on a.event = p.event and a.nth = p.nth and a.is_confirmed
  order by f.id, p.nth desc nulls last, f.sequence
)
"""
PAGE = f"""{FOLLOWED}
select id, stream, type, recorded_at, phantom, phantom_type, feed, sequence,
       nth, verdict, reason, proposed_by, proposed_at, decided_by, decided_at
from decided where id > $1 and ($2 or decided_at is null) and ($3::uuid is null or id = $3) order by id limit $4
"""  # noqa: S608 - our own text
COUNT = (
    f"{FOLLOWED} select count(*) from (select from decided where decided_at is null limit {MOST_COUNTED}) as counted"  # noqa: S608
)


@dataclass(frozen=True, slots=True)
class Followed:
    """`nth`, `verdict` and what comes after: of the proposal that waits or was confirmed, if there is one."""

    id: UUID
    stream: str
    type: str
    recorded_at: datetime
    phantom: UUID
    phantom_type: str
    feed: str  # of the phantom, and the number it had
    sequence: int
    nth: int | None
    verdict: Verdict | None
    reason: str | None
    proposed_by: str | None
    proposed_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None


async def page(
    source: "Pool | Connection", *, after: UUID = NOBODY, with_decided: bool = False, limit: int = 100
) -> Sequence[Followed]:
    """In the order of their ids; without `with_decided` only those that wait for officers."""
    return [Followed(**row) for row in await source.fetch(PAGE, after, with_decided, None, limit)]


async def one(source: "Pool | Connection", event: UUID) -> Followed | None:
    row = await source.fetchrow(PAGE, NOBODY, True, event, 1)
    return None if row is None else Followed(**row)


async def undecided(source: "Pool | Connection") -> int:
    """The number that wait for officers; counted up to MOST_COUNTED."""
    count: int = await source.fetchval(COUNT)
    return count
