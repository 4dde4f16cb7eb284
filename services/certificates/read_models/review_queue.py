"""What waits for reviewers, the most urgent first. Shows of a person what choosing the next case needs, no more."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.certificates.read_models.place import Place
from shared.contracts.certificates import (
    ApplicationApproved,
    ApplicationRefused,
    ApplicationResubmitted,
    ApplicationSentBack,
    ApplicationSubmitted,
    ApplicationWithdrawn,
)
from shared.contracts.event import Recorded
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement
from shared.standards.divisions import span
from shared.standards.id_number import IdNumber

MOST_URGENT = Place.first()


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case ApplicationSubmitted() as submitted:
            yield (
                "submitted",
                (
                    submitted.application,
                    submitted.citizen,
                    submitted.division,
                    submitted.certificate_type,
                    submitted.catalogue_version,
                    submitted.submitted_at,
                    submitted.expected_by,
                ),
            )
        case ApplicationResubmitted(application=application, expected_by=expected_by):
            yield "resubmitted", (application, expected_by)
        case ApplicationSentBack(application=application):
            yield "sent_back", (application,)
        case (
            ApplicationApproved(application=application)
            | ApplicationRefused(application=application)
            | ApplicationWithdrawn(application=application)
        ):
            yield "closed", (application,)


REVIEW_QUEUE = ReadModel.beside(
    __file__,
    version=1,
    events=(
        ApplicationSubmitted,
        ApplicationResubmitted,
        ApplicationSentBack,
        ApplicationApproved,
        ApplicationRefused,
        ApplicationWithdrawn,
    ),
    project=project,
)

WAITING = """
select q.application, q.certificate_type, q.catalogue_version, q.division, q.submitted_at, q.expected_by,
       p.name, p.id_number
from review_queue q left join people p on p.person = q.citizen
where q.with_reviewer and q.division between $1 and $2 and (q.expected_by, q.application) > ($3, $4)
order by q.expected_by, q.application limit $5
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    application: UUID
    certificate_type: str
    catalogue_version: int
    division: str
    submitted_at: datetime
    expected_by: datetime
    name: str | None  # as the register has it now
    id_number: IdNumber | None

    @property
    def place(self) -> Place:
        return Place(self.expected_by, self.application)


async def waiting_in(pool: Pool, area: str, *, after: Place = MOST_URGENT, limit: int) -> list[Waiting]:
    """What waits in a division and all below it."""
    rows = await pool.fetch(WAITING, *span(area), *after, limit)
    return [
        Waiting(**dict(row) | {"id_number": IdNumber(row["id_number"]) if row["id_number"] else None}) for row in rows
    ]
