"""Overdue, and nobody told yet: a to-do list that is empty but for moments, or after a crash."""

from collections.abc import Iterator

from services.certificates.domain.application_overdue import ApplicationOverdue
from shared.contracts.certificates import (
    ApplicationApproved,
    ApplicationEscalated,
    ApplicationRefused,
    ApplicationSentBack,
    ApplicationStepPassed,
    ApplicationTerminated,
    ApplicationWithdrawn,
)
from shared.contracts.event import Recorded
from shared.department.paging import Place
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case ApplicationOverdue(application=application, noted_at=at):
            yield "overdue", (application, at)
        case (
            ApplicationEscalated(application=application)
            | ApplicationStepPassed(application=application)
            | ApplicationSentBack(application=application)
            | ApplicationApproved(application=application)
            | ApplicationRefused(application=application)
            | ApplicationTerminated(application=application)
            | ApplicationWithdrawn(application=application)
        ):
            yield "settled", (application,)


TO_ESCALATE = ReadModel.beside(
    __file__,
    version=2,
    events=(
        ApplicationOverdue,
        ApplicationEscalated,
        ApplicationStepPassed,
        ApplicationSentBack,
        ApplicationApproved,
        ApplicationRefused,
        ApplicationTerminated,
        ApplicationWithdrawn,
    ),
    project=project,
)

NEXT = """
select application, noted_at from to_escalate where (noted_at, application) > ($1, $2)
order by noted_at, application limit $3
"""


async def next_to_escalate(pool: Pool, *, after: Place, limit: int) -> list[Place]:
    """The longest waiting first; each place's id is the application."""
    return [Place(row["noted_at"], row["application"]) for row in await pool.fetch(NEXT, *after, limit)]
