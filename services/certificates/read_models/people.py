"""Who people are, as the household register (identity) told: what forms are filled from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from shared.contracts.event import Recorded
from shared.contracts.identity import (
    DeathRecordWithdrawn,
    EntryAnnulled,
    GuardiansNamed,
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
from shared.standards.person_name import is_same_name


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case PersonRegistered(person=person, name=name, id_number=id_number, division=division, address=address):
            yield "registered", (person, spelt(name), id_number, division, address)
        case PersonCorrected(person=person, name=name, id_number=id_number):
            yield "corrected", (person, spelt(name), id_number)
        case PersonMoved(person=person, division=division, address=address):
            yield "moved", (person, division, address)
        case GuardiansNamed(person=person, guardians=guardians):
            yield "guarded", (person, list(guardians))
        case PersonDied(person=person, died_on=died_on):
            yield "died", (person, died_on)
        case DeathRecordWithdrawn(person=person):
            yield "died", (person, None)
        case EntryAnnulled(person=person):
            yield "annulled", (person,)
        case IdentityErased(person=person):
            yield "forgotten", (person,)


PEOPLE = ReadModel.beside(
    __file__,
    version=5,
    events=(
        PersonRegistered,
        PersonCorrected,
        PersonMoved,
        GuardiansNamed,
        PersonDied,
        DeathRecordWithdrawn,
        EntryAnnulled,
        IdentityErased,
    ),
    project=project,
)

COLUMNS = "person, name, id_number, division, address, died_on, guardians, annulled"
FIND = f"select {COLUMNS} from people where person = $1"  # noqa: S608 - constants only
GUARDED_BY = f"select {COLUMNS} from people where guardians @> array[$1::uuid] and not annulled order by person"  # noqa: S608
BY_NUMBER = f"select {COLUMNS} from people where id_number = $1 and not annulled"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Person:
    person: UUID
    name: str  # in its one spelling
    id_number: IdNumber
    division: str  # of the household
    address: str
    died_on: date | None
    guardians: frozenset[UUID] = frozenset()  # as the register names them
    annulled: bool = False  # the entry should never have been made: nobody of this id ever was


async def find_person(pool: Pool, person: UUID) -> Person | None:
    """None: identity's events about him have not arrived."""
    row = await pool.fetchrow(FIND, person)
    return _person(row) if row else None


async def match_person(pool: Pool, name: str, id_number: IdNumber) -> Person | None:
    """Who bears this number and this name. None: nobody we have heard of; it is not told which part was wrong."""
    rows = [_person(row) for row in await pool.fetch(BY_NUMBER, id_number)]
    return next((person for person in rows if is_same_name(person.name, name)), None)


async def find_by_number(pool: Pool, id_number: IdNumber) -> Person | None:
    """Who bears this number now. None: nobody we have heard of."""
    row = await pool.fetchrow(BY_NUMBER, id_number)
    return _person(row) if row else None


async def guarded_by(pool: Pool, guardian: UUID) -> list[Person]:
    """Those whom the register names him guardian of, whatever their age."""
    return [_person(row) for row in await pool.fetch(GUARDED_BY, guardian)]


def _person(row: asyncpg.Record) -> Person:
    told = dict(row)
    return Person(**told | {"id_number": IdNumber.kept(told["id_number"]), "guardians": frozenset(told["guardians"])})
