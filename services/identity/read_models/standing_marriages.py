"""Marriages that stand, beside the dead of the register: where the two meet, a marriage is to be ended."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.contracts.event import Recorded
from shared.contracts.identity import (
    DeathRecordWithdrawn,
    MarriageEnded,
    MarriageRecorded,
    MarriageRestored,
    PersonDied,
)
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement

WIDOWED = """
select s.marriage, min(d.died_on) as died_on
from standing_spouses s join the_dead d on d.person = s.person
group by s.marriage order by s.marriage limit $1
"""


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case (
            MarriageRecorded(marriage=marriage, persons=persons) | MarriageRestored(marriage=marriage, persons=persons)
        ):
            for person in persons:
                yield "recorded", (marriage, person)
        case MarriageEnded(marriage=marriage):
            yield "ended", (marriage,)
        case PersonDied(person=person, died_on=died_on):
            yield "died", (person, died_on)
        case DeathRecordWithdrawn(person=person):
            yield "lives", (person,)


STANDING_MARRIAGES = ReadModel.beside(
    __file__,
    version=1,
    events=(MarriageRecorded, MarriageEnded, MarriageRestored, PersonDied, DeathRecordWithdrawn),
    project=project,
)


@dataclass(frozen=True, slots=True)
class Widowed:
    marriage: UUID
    died_on: date


async def widowed(pool: Pool, limit: int) -> Sequence[Widowed]:
    """Marriages of someone who has died, that nobody ended yet."""
    return [Widowed(**row) for row in await pool.fetch(WIDOWED, limit)]
