"""Whose child is whose, and by which birth certificate: so papers that name a child follow what the register says."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.contracts.event import Recorded
from shared.contracts.identity import BirthRecorded, IdentityErased, PersonCorrected, PersonRegistered
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case BirthRecorded() as born:
            yield "born", (born.person, born.mother, born.father, born.born_on, born.birth_certificate, born.case)
        case PersonRegistered(person=person, name=name) | PersonCorrected(person=person, name=name):
            yield "called", (person, name)
        case IdentityErased(person=person):
            yield "forgotten", (person,)
            yield "names_forgotten", (person,)


BIRTHS = ReadModel.beside(
    __file__, version=2, events=(BirthRecorded, PersonRegistered, PersonCorrected, IdentityErased), project=project
)

OF_PERSON = """
select child, mother, father, born_on, birth_certificate, "case" from births
where $1 in (child, mother, father) order by child
"""
BY_CASE = """
select stream from item_desk where reference = $1 or $1 = any(others) limit 1
"""


@dataclass(frozen=True, slots=True)
class Birth:
    child: UUID
    mother: UUID
    father: UUID | None
    born_on: date
    birth_certificate: str
    case: UUID | None


async def births_of(pool: Pool, person: UUID) -> list[Birth]:
    """Those in which this person is child, mother or father."""
    return [Birth(**row) for row in await pool.fetch(OF_PERSON, person)]


async def names_borne(pool: Pool, person: UUID) -> list[str]:
    """Every name that the register has had for them."""
    rows = await pool.fetch("select name from names_borne where person = $1 order by name", person)
    return [row["name"] for row in rows]


async def case_of(pool: Pool, application: UUID) -> UUID | None:
    """The one-thing case that an application was made for. None: it was made without one."""
    stream: str | None = await pool.fetchval(BY_CASE, application)
    return UUID(stream.removeprefix("item-")[:36]) if stream else None
