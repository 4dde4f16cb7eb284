"""What identity told of people that certificates may rest on, and which of it has been seen to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.certificates.domain.fact_change import Annulled, Born, Change, Corrected, Died, Lives, Moved
from services.certificates.domain.life_events import ChangeSettled
from shared.contracts.event import Recorded
from shared.contracts.identity import (
    BirthRecorded,
    DeathRecordWithdrawn,
    EntryAnnulled,
    PersonCorrected,
    PersonDied,
    PersonMoved,
)
from shared.department.paging import Place
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    story = event.metadata.correlation_id
    match event.data:
        case PersonMoved(person=person, from_division=left):
            yield "heard", (event.id, person, "moved", left, event.recorded_at, story)
        case PersonCorrected(person=person):
            yield "heard", (event.id, person, "corrected", None, event.recorded_at, story)
        case PersonDied(person=person):
            yield "heard", (event.id, person, "died", None, event.recorded_at, story)
        case DeathRecordWithdrawn(person=person):
            yield "heard", (event.id, person, "lives", None, event.recorded_at, story)
        case BirthRecorded(person=person):
            yield "heard", (event.id, person, "born", None, event.recorded_at, story)
        case EntryAnnulled(person=person):
            yield "heard", (event.id, person, "annulled", None, event.recorded_at, story)
        case ChangeSettled():
            yield "settled", (UUID(event.subject_id), event.recorded_at)


CHANGES = ReadModel.beside(
    __file__,
    version=4,
    events=(
        PersonMoved,
        PersonCorrected,
        PersonDied,
        DeathRecordWithdrawn,
        BirthRecorded,
        EntryAnnulled,
        ChangeSettled,
    ),
    project=project,
)

NEXT = """
select event, person, kind, from_division, heard_at, story from changes
where kind is not null and settled_at is null and (heard_at, event) > ($1, $2) order by heard_at, event limit $3
"""

LEFT = """
select from_division from changes
where person = $1 and kind = 'moved' and (settled_at is null or settled_at > $2) order by heard_at, event
"""


@dataclass(frozen=True, slots=True)
class HeardChange:
    """`event` is identity's."""

    event: UUID
    person: UUID
    change: Change
    heard_at: datetime
    story: str | None

    @property
    def place(self) -> Place:
        return Place(self.heard_at, self.event)


async def next_to_follow(pool: Pool, *, after: Place, limit: int) -> list[HeardChange]:
    """The oldest first."""
    return [
        HeardChange(
            row["event"], row["person"], _change(row["kind"], row["from_division"]), row["heard_at"], row["story"]
        )
        for row in await pool.fetch(NEXT, *after, limit)
    ]


async def left_since(pool: Pool, person: UUID, since: datetime) -> list[str]:
    """The places his household moved from, by what arrived after `since`, however late it came."""
    return [row["from_division"] for row in await pool.fetch(LEFT, person, since)]


def _change(kind: str, from_division: str | None) -> Change:
    match kind:
        case "moved":
            return Moved(from_division or "")
        case "died":
            return Died()
        case "lives":
            return Lives()
        case "annulled":
            return Annulled()
        case "born":
            return Born()
        case _:
            return Corrected()
