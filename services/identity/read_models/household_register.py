"""The household register as registrars leaf through it: by place, ID numbers masked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.identity.read_models.place import Place, extent
from shared.contracts.event import Recorded
from shared.contracts.identity import DeathRecordWithdrawn, PersonCorrected, PersonDied, PersonMoved, PersonRegistered
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement

PAGE = """
select person, name, id_number, division, address, registered_on, died_on
from household_register
where division between $1 and $2 and (division, person) > ($3, $4)
order by division, person
limit $5
"""


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case PersonRegistered() as entry:
            yield (
                "registered",
                (
                    entry.person,
                    entry.name,
                    entry.id_number.masked,
                    entry.division,
                    entry.address,
                    entry.registered_on,
                ),
            )
        case PersonCorrected() as entry:
            yield "corrected", (entry.person, entry.name, entry.id_number.masked)
        case PersonMoved() as move:
            yield "moved", (move.person, move.division, move.address)
        case PersonDied(person=person, died_on=died_on):
            yield "died", (person, died_on)
        case DeathRecordWithdrawn(person=person):
            yield "died", (person, None)


HOUSEHOLD_REGISTER = ReadModel.beside(
    __file__,
    version=2,
    events=(PersonRegistered, PersonCorrected, PersonMoved, PersonDied, DeathRecordWithdrawn),
    project=project,
)


@dataclass(frozen=True, slots=True)
class Row:
    person: UUID
    name: str
    id_number: str  # masked
    division: str
    address: str
    registered_on: date
    died_on: date | None


async def page(pool: Pool, division: str, after: Place | None, limit: int) -> Sequence[Row]:
    """Entries of a division and all within it, by division and person id, beginning after a place."""
    first, last = extent(division)
    start = after or Place.first()
    return [Row(**row) for row in await pool.fetch(PAGE, first, last, start.division, start.id, limit)]
