"""Own events that the database lost, as recovering named them. It loads nothing but what a look needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from shared.eventstore.database import Connection, Pool

EVENTS = """
select l.epoch, e.begun_at, l.nth, l.position, l.position as last, l.feed, l.sequence, l.id, l.event ->> 'type' as type,
       l.event ->> 'subject' as stream, l.recovered
from lost_events l join epochs e on e.number = l.epoch
where $1 or not l.recovered order by l.epoch, l.nth limit $2
"""
RANGES = """
select l.epoch, e.begun_at, 0 as nth, l.first as position, l.last, null as feed, null::bigint as sequence,
       null::uuid as id, null as type, null as stream, false as recovered
from lost_ranges l join epochs e on e.number = l.epoch order by l.epoch, l.first limit $1
"""


@dataclass(frozen=True, slots=True)
class Lost:
    """One event, or (without `nth`) a run of positions of which nothing but their digest is known.

    `position` and `last` are in the log of the epoch before; None: nobody had witnessed it. `feed` and what comes after
    are None of an event that nobody was given.
    """

    epoch: int
    begun_at: datetime
    nth: int
    position: int | None
    last: int | None
    feed: str | None
    sequence: int | None
    id: UUID | None
    type: str | None
    stream: str | None
    recovered: bool  # it is history again


async def lost(source: "Pool | Connection", *, with_recovered: bool = False, most: int = 10_000) -> Sequence[Lost]:
    """So many events at most in the order in which they were named, then as many ranges."""
    rows = [*await source.fetch(EVENTS, with_recovered, most), *await source.fetch(RANGES, most)]
    return [Lost(**row) for row in rows]
