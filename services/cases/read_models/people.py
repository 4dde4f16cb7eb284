"""Who people are, whom they are married to and how to reach them, as identity told: what the form is filled from."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from shared.contracts.event import Recorded
from shared.contracts.identity import (
    AccountPhoneChanged,
    CitizenRegistered,
    DeathRecordWithdrawn,
    MarriageEnded,
    MarriageRecorded,
    MarriageRestored,
    PersonCorrected,
    PersonDied,
    PersonMoved,
    PersonRegistered,
)
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
        case PersonDied(person=person):
            yield "died", (person, True)
        case DeathRecordWithdrawn(person=person):
            yield "died", (person, False)
        case CitizenRegistered(citizen=citizen, phone=phone) | AccountPhoneChanged(citizen=citizen, phone=phone):
            yield "reachable", (citizen, phone)
        case MarriageRecorded(marriage=marriage, persons=persons, licence=licence):
            yield "married", (marriage, list(persons), licence)
        case MarriageEnded(marriage=marriage):
            yield "parted", (marriage, True)
        case MarriageRestored(marriage=marriage):
            yield "parted", (marriage, False)


PEOPLE = ReadModel.beside(
    __file__,
    version=2,
    events=(
        PersonRegistered,
        PersonCorrected,
        PersonMoved,
        PersonDied,
        DeathRecordWithdrawn,
        CitizenRegistered,
        AccountPhoneChanged,
        MarriageRecorded,
        MarriageEnded,
        MarriageRestored,
    ),
    project=project,
)

COLUMNS = """
p.person, p.name, p.id_number, p.division, p.address, ph.phone
from people p left join phones ph on ph.citizen = p.person
"""
ONE = f"select {COLUMNS} where p.person = $1 and not p.is_dead"
BY_NUMBER = f"select {COLUMNS} where p.id_number = $1 and not p.is_dead"
SPOUSE = "select persons, licence from marriages where persons @> array[$1::uuid] and not has_ended"


@dataclass(frozen=True, slots=True)
class Person:
    person: UUID
    name: str
    id_number: IdNumber
    division: str  # of the household
    address: str
    phone: str | None


@dataclass(frozen=True, slots=True)
class Marriage:
    spouse: UUID
    licence: str


async def find_person(pool: Pool, person: UUID) -> Person | None:
    """None: he has died, or identity's events about him have not arrived."""
    return _person(await pool.fetchrow(ONE, person))


async def find_by_number(pool: Pool, number: IdNumber) -> Person | None:
    return _person(await pool.fetchrow(BY_NUMBER, number))


async def marriage_of(pool: Pool, person: UUID) -> Marriage | None:
    """The marriage he is in; None: in none that the register knows."""
    row = await pool.fetchrow(SPOUSE, person)
    if row is None:
        return None
    return Marriage(next(one for one in row["persons"] if one != person), row["licence"])


def _person(row: asyncpg.Record | None) -> Person | None:
    return Person(**{**row, "id_number": IdNumber(row["id_number"])}) if row else None
