"""Who people are, as the household register (identity) told: a window finds a patient by the card while identity is
away."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from shared.contracts.event import Recorded
from shared.contracts.identity import EntryAnnulled, IdentityErased, PersonCorrected, PersonRegistered
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement
from shared.standards.id_number import IdNumber
from shared.standards.name_spelling import spelt


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case PersonRegistered(person=person, name=name, id_number=id_number):
            yield "registered", (person, spelt(name), id_number)
        case PersonCorrected(person=person, name=name, id_number=id_number):
            yield "corrected", (person, spelt(name), id_number)
        case EntryAnnulled(person=person):
            yield "annulled", (person,)
        case IdentityErased(person=person):
            yield "forgotten", (person,)


PEOPLE = ReadModel.beside(
    __file__, version=4, events=(PersonRegistered, PersonCorrected, EntryAnnulled, IdentityErased), project=project
)


@dataclass(frozen=True, slots=True)
class Person:
    person: UUID
    name: str  # in its one spelling
    id_number: IdNumber


async def find_by_number(pool: Pool, id_number: IdNumber) -> Person | None:
    """None: nobody of that number is known here."""
    row = await pool.fetchrow("select person, name, id_number from people where id_number = $1", id_number)
    return Person(row["person"], row["name"], IdNumber(row["id_number"])) if row else None
