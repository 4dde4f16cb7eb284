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
    IdentityErased,
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
        case PersonDied(person=person, died_on=day):
            yield "stands", (person, "died", day, event.version)
        case DeathRecordWithdrawn(person=person):
            yield "stands", (person, "lives", None, event.version)
        case EntryAnnulled(person=person):
            yield "stands", (person, "annulled", None, event.version)
        case CitizenRegistered(citizen=citizen, phone=phone) | AccountPhoneChanged(citizen=citizen, phone=phone):
            yield "reachable", (citizen, phone)
        case MarriageRecorded(marriage=marriage, persons=persons, licence=licence, married_on=day):
            yield "married", (marriage, list(persons), licence, day)
        case MarriageEnded(marriage=marriage, reason=reason, ended_on=day):
            yield "parted", (marriage, reason, day)
        case MarriageRestored(marriage=marriage):
            yield "parted", (marriage, None, None)
        case IdentityErased(person=person, also=also):
            yield "forgotten", (person,)
            yield "phone_forgotten", (person,)
            yield "marriages_forgotten", ([*map(UUID, also)],)


PEOPLE = ReadModel.beside(
    __file__,
    version=5,
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
        IdentityErased,
    ),
    project=project,
)

COLUMNS = """
p.person, p.name, p.id_number, p.division, p.address, p.stands, p.died_on, p.version, ph.phone
from people p left join phones ph on ph.citizen = p.person
"""
ONE = f"select {COLUMNS} where p.person = $1 and p.stands = 'lives'"
BY_NUMBER = f"select {COLUMNS} where p.id_number = $1 and p.stands = 'lives'"
THESE = f"select {COLUMNS} where p.person = any($1)"
MARRIAGES = """
select marriage, persons, licence, begun_on, ended_by, ended_on from marriages where persons @> array[$1::uuid]
"""
SPOUSE = f"{MARRIAGES} and ended_by is null"
PAST = f"{MARRIAGES} and ended_by = any($2) order by ended_on desc, begun_on desc limit 1"
AT = f"""
{MARRIAGES} and begun_on <= $2 and ended_by is distinct from 'annulled' and (ended_on is null or $2 - ended_on <= $3)
order by coalesce(ended_on, 'infinity') desc, begun_on desc limit 1
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
    died_on: date | None
    version: int  # number of the last event about them
    phone: str | None


@dataclass(frozen=True, slots=True)
class Marriage:
    marriage: UUID
    spouse: UUID
    licence: str
    begun_on: date
    ended_by: str | None  # death, divorce
    ended_on: date | None


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
    return _marriage(await pool.fetchrow(PAST, person, ["death"]), person)


async def past_marriage_of(pool: Pool, person: UUID) -> Marriage | None:
    """The last one that is over."""
    return _marriage(await pool.fetchrow(PAST, person, ["death", "divorce"]), person)


async def marriage_at(pool: Pool, person: UUID, day: date, most_days: int) -> Marriage | None:
    """The one that stood that day, else the last that had ended at most so many days before; none that began later."""
    return _marriage(await pool.fetchrow(AT, person, day, most_days), person)


def _marriage(row: asyncpg.Record | None, person: UUID) -> Marriage | None:
    if row is None:
        return None
    told = {name: value for name, value in row.items() if name != "persons"}
    return Marriage(spouse=next(one for one in row["persons"] if one != person), **told)


def _person(row: asyncpg.Record | None) -> Person | None:
    return Person(**{**row, "id_number": IdNumber.kept(row["id_number"])}) if row else None
