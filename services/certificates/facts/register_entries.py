"""The household register as identity told it, with the event that each fact rests on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from shared.contracts.event import Recorded
from shared.contracts.identity import (
    DeathRecordWithdrawn,
    IdentityErased,
    PersonCorrected,
    PersonDied,
    PersonMoved,
    PersonRegistered,
)
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement
from shared.standards.id_number import IdNumber
from shared.standards.person_name import same_key


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case PersonRegistered(person=person, name=name, id_number=id_number, division=division):
            yield "registered", (person, same_key(name), id_number, division, event.id)
        case PersonCorrected(person=person, name=name, id_number=id_number):
            yield "corrected", (person, same_key(name), id_number, event.id)
        case PersonMoved(person=person, division=division):
            yield "moved", (person, division, event.id)
        case PersonDied(person=person, died_on=died_on):
            yield "died", (person, died_on, event.id)
        case DeathRecordWithdrawn(person=person):
            yield "died", (person, None, event.id)
        case IdentityErased(person=person):
            yield "forgotten", (person,)


REGISTER_ENTRIES = ReadModel.beside(
    __file__,
    version=3,
    events=(PersonRegistered, PersonCorrected, PersonMoved, PersonDied, DeathRecordWithdrawn, IdentityErased),
    project=project,
)

FIND = """
select person, id_number, division, died_on, identity_event, residence_event, death_event
from register_entries where id_number = $1 and same_key = $2
"""


@dataclass(frozen=True, slots=True)
class Entry:
    person: UUID
    id_number: IdNumber
    division: str  # of the household
    died_on: date | None
    identity_event: UUID  # that told name and number
    residence_event: UUID  # that told the household's place
    death_event: UUID | None  # that told of his death, or that he lives after all


async def find_entry(pool: Pool, name: str, id_number: IdNumber) -> Entry | None:
    """None: nobody of this name and number; which of the two is wrong is not told."""
    row = await pool.fetchrow(FIND, id_number, same_key(name))
    return _entry(row) if row else None


def _entry(row: asyncpg.Record) -> Entry:
    return Entry(**{**row, "id_number": IdNumber(row["id_number"])})
