"""Births whose entry was annulled, and that the mother's stream does not know of yet: a to-do list, empty but for
moments."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.insurance.domain.events import BirthStruck
from shared.contracts.event import Recorded
from shared.contracts.identity import BirthRecorded, EntryAnnulled
from shared.department.paging import Place
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case BirthRecorded(person=child, mother=mother, born_on=born_on):
            yield "recorded", (child, mother, born_on)
        case EntryAnnulled(person=child, annulled_at=at):
            yield "annulled", (child, at)
        case BirthStruck(child=child):
            yield "struck", (child,)


BIRTHS = ReadModel.beside(__file__, version=1, events=(BirthRecorded, EntryAnnulled, BirthStruck), project=project)

TO_STRIKE = """
select annulled_at, child, mother, born_on from births
where annulled_at is not null and (annulled_at, child) > ($1, $2)
  and not exists (select from struck_births where struck_births.child = births.child)
order by annulled_at, child limit $3
"""


@dataclass(frozen=True, slots=True)
class ToStrike:
    child: UUID
    mother: UUID
    born_on: date
    annulled_at: datetime

    @property
    def place(self) -> Place:
        return Place(self.annulled_at, self.child)


async def next_to_strike(pool: Pool, *, after: Place, limit: int) -> list[ToStrike]:
    """The longest waiting first."""
    return [ToStrike(**row) for row in await pool.fetch(TO_STRIKE, *after, limit)]
