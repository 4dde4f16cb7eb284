"""Who people are, as the household register (identity) told: what forms are filled from."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from shared.contracts.event import Recorded
from shared.contracts.identity import PersonCorrected, PersonMoved, PersonRegistered
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement
from shared.standards.id_number import IdNumber


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case PersonRegistered(person=person, name=name, id_number=id_number, division=division, address=address):
            yield "registered", (person, name, id_number, division, address)
        case PersonCorrected(person=person, name=name, id_number=id_number):
            yield "corrected", (person, name, id_number)
        case PersonMoved(person=person, division=division, address=address):
            yield "moved", (person, division, address)


PEOPLE = ReadModel.beside(__file__, version=1, events=(PersonRegistered, PersonCorrected, PersonMoved), project=project)


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    id_number: IdNumber
    division: str  # of the household
    address: str


async def find_person(pool: Pool, person: UUID) -> Person | None:
    """None: identity's events about him have not arrived."""
    row = await pool.fetchrow("select name, id_number, division, address from people where person = $1", person)
    return Person(row["name"], IdNumber(row["id_number"]), row["division"], row["address"]) if row else None
