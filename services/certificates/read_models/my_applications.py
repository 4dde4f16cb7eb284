"""A citizen's applications and how they stand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.certificates.domain.application_state import promised
from services.certificates.domain.promise import known
from shared.contracts.certificates import (
    ApplicationApproved,
    ApplicationRefused,
    ApplicationResubmitted,
    ApplicationSentBack,
    ApplicationSubmitted,
    ApplicationTerminated,
    ApplicationWithdrawn,
)
from shared.contracts.event import Recorded
from shared.department.paging import Place
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement
from shared.standards.working_days import CALENDARS_SINCE_2026

Status = Literal["in_review", "sent_back", "approved", "refused", "withdrawn", "terminated", "issued"]
LATEST = Place.last()


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case ApplicationSubmitted() as submitted:
            yield (
                "submitted",
                (
                    submitted.application,
                    submitted.citizen,
                    submitted.certificate_type,
                    submitted.catalogue_version,
                    submitted.division,
                    submitted.submitted_at,
                    known(promised(submitted)),
                    event.id,
                ),
            )
        case ApplicationResubmitted(application=application) as resubmitted:
            yield "resubmitted", (application, known(promised(resubmitted)))
        case ApplicationSentBack(application=application):
            yield "moved_on", (application, "sent_back")
        case ApplicationApproved(application=application):
            yield "moved_on", (application, "approved")
        case ApplicationRefused(application=application):
            yield "moved_on", (application, "refused")
        case ApplicationWithdrawn(application=application):
            yield "moved_on", (application, "withdrawn")
        case ApplicationTerminated(application=application):
            yield "moved_on", (application, "terminated")


MY_APPLICATIONS = ReadModel.beside(
    __file__,
    version=3 + CALENDARS_SINCE_2026,  # what was pending is known with the next
    events=(
        ApplicationSubmitted,
        ApplicationResubmitted,
        ApplicationSentBack,
        ApplicationApproved,
        ApplicationRefused,
        ApplicationWithdrawn,
        ApplicationTerminated,
    ),
    project=project,
)

NOT_OVER = """
select application from my_applications a
where citizen = $1 and status in ('in_review', 'sent_back', 'approved')
  and not exists (select 1 from certificates c where c.application = a.application)
order by submitted_at, application
"""
LIST = """
select a.application, a.certificate_type, a.catalogue_version, a.division, a.submitted_at, a.expected_by, c.certificate,
       case when c.certificate is null then a.status else 'issued' end as status
from my_applications a left join lateral (
  select certificate from certificates where application = a.application order by issued_at desc, certificate limit 1
) c on true
where a.citizen = $1 and (a.submitted_at, a.application) < ($2, $3)
order by a.submitted_at desc, a.application desc limit $4
"""


@dataclass(frozen=True, slots=True)
class MyApplication:
    application: UUID
    certificate_type: str
    catalogue_version: int
    division: str
    submitted_at: datetime
    expected_by: datetime | None  # None: the calendar is not published
    certificate: UUID | None
    status: Status

    @property
    def place(self) -> Place:
        return Place(self.submitted_at, self.application)


async def applications_of(pool: Pool, citizen: UUID, *, after: Place = LATEST, limit: int) -> list[MyApplication]:
    """The newest first."""
    return [MyApplication(**row) for row in await pool.fetch(LIST, citizen, *after, limit)]


async def are_open(pool: Pool, applications: Sequence[UUID]) -> dict[UUID, bool]:
    """Of these ids, those that are taken, and whether the application is still open."""
    rows = await pool.fetch(
        "select application, status in ('in_review', 'sent_back') as is_open from my_applications"
        " where application = any($1)",
        applications,
    )
    return {row["application"]: row["is_open"] for row in rows}


async def not_over(pool: Pool, citizen: UUID) -> list[UUID]:
    """This citizen's applications that are open, or approved and not issued, the oldest first."""
    rows = await pool.fetch(NOT_OVER, citizen)
    return [row["application"] for row in rows]


async def submitted_by(pool: Pool, event: UUID) -> UUID | None:
    """The application that this event submitted."""
    application: UUID | None = await pool.fetchval(
        "select application from my_applications where submitted_event = $1", event
    )
    return application
