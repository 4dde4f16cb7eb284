"""The household register as registrars leaf through it and find people in it: by place, ID numbers masked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.identity.read_models.place import Place, extent
from shared.contracts.event import Recorded
from shared.contracts.identity import (
    DeathRecordWithdrawn,
    EntryAnnulled,
    IdentityErased,
    PersonCorrected,
    PersonDied,
    PersonMoved,
    PersonRegistered,
)
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement
from shared.standards.id_number import IdNumber
from shared.standards.name_spelling import spelt
from shared.standards.person_name import same_key

COLUMNS = "person, name, id_number, division, address, registered_on, died_on, annulled_at"
PAGE = f"""
select {COLUMNS} from household_register
where annulled_at is null and division between $1 and $2 and (division, person) > ($3, $4)
order by division, person
limit $5
"""  # noqa: S608 - constants only
OF_NAME = f"""
select {COLUMNS} from household_register
where annulled_at is null and same_key = $1 and division between $2 and $3
order by division, person
limit $4
"""  # noqa: S608
ONE = f"select {COLUMNS} from household_register where person = $1"  # noqa: S608


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case PersonRegistered() as entry:
            yield (
                "registered",
                (
                    entry.person,
                    spelt(entry.name),
                    same_key(entry.name),
                    masked(entry.id_number),
                    entry.division,
                    entry.address,
                    entry.registered_on,
                ),
            )
        case PersonCorrected() as entry:
            yield "corrected", (entry.person, spelt(entry.name), same_key(entry.name), masked(entry.id_number))
        case PersonMoved() as move:
            yield "moved", (move.person, move.division, move.address)
        case PersonDied(person=person, died_on=died_on):
            yield "died", (person, died_on)
        case DeathRecordWithdrawn(person=person):
            yield "died", (person, None)
        case EntryAnnulled(person=person, annulled_at=at):
            yield "annulled", (person, at)
        case IdentityErased(person=person):
            yield "forgotten", (person,)


HOUSEHOLD_REGISTER = ReadModel.beside(
    __file__,
    version=5,
    events=(
        PersonRegistered,
        PersonCorrected,
        PersonMoved,
        PersonDied,
        DeathRecordWithdrawn,
        EntryAnnulled,
        IdentityErased,
    ),
    project=project,
)


def masked(number: IdNumber) -> str:
    """Of what was erased nothing is left to mask."""
    return number.masked if number else ""


@dataclass(frozen=True, slots=True)
class Row:
    person: UUID
    name: str
    id_number: str  # masked
    division: str
    address: str
    registered_on: date
    died_on: date | None
    annulled_at: datetime | None = None


async def page(pool: Pool, division: str, after: Place | None, limit: int) -> Sequence[Row]:
    """Entries of a division and all within it, by division and person id, beginning after a place; no annulled ones."""
    first, last = extent(division)
    start = after or Place.first()
    return [Row(**row) for row in await pool.fetch(PAGE, first, last, start.division, start.id, limit)]


async def of_name(pool: Pool, name: str, division: str, limit: int) -> Sequence[Row]:
    """All of that name, however it is spelt, within a division; no annulled entries."""
    first, last = extent(division)
    return [Row(**row) for row in await pool.fetch(OF_NAME, same_key(name), first, last, limit)]


async def of_person(pool: Pool, person: UUID) -> Row | None:
    """An annulled entry, too."""
    row = await pool.fetchrow(ONE, person)
    return Row(**row) if row else None
