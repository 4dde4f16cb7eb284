"""Marriages that stand, beside those who have died or whose entry was annulled: where they meet, one is to end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.contracts.event import Recorded
from shared.contracts.identity import (
    DeathRecordWithdrawn,
    EntryAnnulled,
    MarriageEnded,
    MarriageRecorded,
    MarriageRestored,
    PersonDied,
)
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement
from shared.standards.shanghai import day_in_shanghai

WIDOWED = """
select s.marriage, min(d.died_on) as died_on, bool_or(d.is_annulled) as is_annulled
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
        case EntryAnnulled(person=person, annulled_at=at):
            yield "annulled", (person, day_in_shanghai(at))
        case DeathRecordWithdrawn(person=person):
            yield "lives", (person,)


STANDING_MARRIAGES = ReadModel.beside(
    __file__,
    version=2,
    events=(MarriageRecorded, MarriageEnded, MarriageRestored, PersonDied, DeathRecordWithdrawn, EntryAnnulled),
    project=project,
)


@dataclass(frozen=True, slots=True)
class Widowed:
    """`is_annulled`: a spouse's entry was, that day."""

    marriage: UUID
    died_on: date
    is_annulled: bool


async def widowed(pool: Pool, limit: int) -> Sequence[Widowed]:
    """Marriages of someone who has died or whose entry was annulled, that nobody ended yet."""
    return [Widowed(**row) for row in await pool.fetch(WIDOWED, limit)]
