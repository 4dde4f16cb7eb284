"""Who people are, whom they are married to and how to reach them, as identity told: what the form is filled from."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

import asyncpg

from shared.contracts.event import Recorded
from shared.contracts.identity import (
    AccountPhoneChanged,
    CitizenRegistered,
    DeathRecordWithdrawn,
    EntryAnnulled,
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
from shared.standards.name_spelling import spelt


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case PersonRegistered(person=person, name=name, id_number=id_number, division=division, address=address):
            yield "registered", (person, spelt(name), id_number, division, address, event.version)
        case PersonCorrected(person=person, name=name, id_number=id_number):
            yield "corrected", (person, spelt(name), id_number, event.version)
        case PersonMoved(person=person, division=division, address=address):
            yield "moved", (person, division, address, event.version)
        case PersonDied(person=person):
            yield "stands", (person, "died", event.version)
        case DeathRecordWithdrawn(person=person):
            yield "stands", (person, "lives", event.version)
        case EntryAnnulled(person=person):
            yield "stands", (person, "annulled", event.version)
        case CitizenRegistered(citizen=citizen, phone=phone) | AccountPhoneChanged(citizen=citizen, phone=phone):
            yield "reachable", (citizen, phone)
        case MarriageRecorded(marriage=marriage, persons=persons, licence=licence):
            yield "married", (marriage, list(persons), licence)
        case MarriageEnded(marriage=marriage, reason=reason, ended_on=day):
            yield "parted", (marriage, reason, day)
        case MarriageRestored(marriage=marriage):
            yield "parted", (marriage, None, None)


PEOPLE = ReadModel.beside(
    __file__,
    version=3,
    events=(
        PersonRegistered,
        PersonCorrected,
        PersonMoved,
        PersonDied,
        DeathRecordWithdrawn,
        EntryAnnulled,
        CitizenRegistered,
        AccountPhoneChanged,
        MarriageRecorded,
        MarriageEnded,
        MarriageRestored,
    ),
    project=project,
)

COLUMNS = """
p.person, p.name, p.id_number, p.division, p.address, p.stands, p.version, ph.phone
from people p left join phones ph on ph.citizen = p.person
"""
ONE = f"select {COLUMNS} where p.person = $1 and p.stands = 'lives'"
BY_NUMBER = f"select {COLUMNS} where p.id_number = $1 and p.stands = 'lives'"
THESE = f"select {COLUMNS} where p.person = any($1)"
SPOUSE = "select persons, licence from marriages where persons @> array[$1::uuid] and ended_by is null"
LATE_SPOUSE = """
select persons, licence, ended_on from marriages
where persons @> array[$1::uuid] and ended_by = 'death' order by ended_on desc limit 1
"""

Stands = Literal["lives", "died", "annulled"]


@dataclass(frozen=True, slots=True)
class Person:
    person: UUID
    name: str  # in its one spelling
    id_number: IdNumber
    division: str  # of the household
    address: str
    stands: Stands
    version: int  # number of the last event about them
    phone: str | None


@dataclass(frozen=True, slots=True)
class Marriage:
    spouse: UUID
    licence: str
    ended_on: date | None = None  # by the spouse's death


async def find_person(pool: Pool, person: UUID) -> Person | None:
    """None: they died, or identity's events about them have not arrived."""
    return _person(await pool.fetchrow(ONE, person))


async def find_by_number(pool: Pool, number: IdNumber) -> Person | None:
    return _person(await pool.fetchrow(BY_NUMBER, number))


async def people_of(pool: Pool, persons: Collection[UUID]) -> dict[UUID, Person]:
    """Those of whom anything was heard, dead or alive."""
    found = (_person(row) for row in await pool.fetch(THESE, list(persons)))
    return {one.person: one for one in found if one}


async def marriage_of(pool: Pool, person: UUID) -> Marriage | None:
    """The marriage they are in; None: in none that the register knows."""
    return _marriage(await pool.fetchrow(SPOUSE, person), person)


async def late_marriage_of(pool: Pool, person: UUID) -> Marriage | None:
    """The last one that a death ended."""
    return _marriage(await pool.fetchrow(LATE_SPOUSE, person), person)


def _marriage(row: asyncpg.Record | None, person: UUID) -> Marriage | None:
    if row is None:
        return None
    return Marriage(next(one for one in row["persons"] if one != person), row["licence"], row.get("ended_on"))


def _person(row: asyncpg.Record | None) -> Person | None:
    return Person(**{**row, "id_number": IdNumber(row["id_number"])}) if row else None
