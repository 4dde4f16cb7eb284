"""Approved and not yet issued: a to-do list that is empty but for moments, or after a crash."""

from collections.abc import Iterator

from shared.contracts.certificates import ApplicationApproved, ApplicationTerminated, CertificateIssued
from shared.contracts.event import Recorded
from shared.department.paging import Place
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case ApplicationApproved(application=application, approved_at=approved_at):
            yield "approved", (application, approved_at)
        case ApplicationTerminated(application=application):
            yield "approved", (application, None)
        case CertificateIssued(application=application):
            yield "issued", (application,)


TO_ISSUE = ReadModel.beside(
    __file__, version=1, events=(ApplicationApproved, ApplicationTerminated, CertificateIssued), project=project
)

NEXT = """
select application, approved_at from to_issue
where approved_at is not null and not is_issued and (approved_at, application) > ($1, $2)
order by approved_at, application limit $3
"""


async def next_to_issue(pool: Pool, *, after: Place, limit: int) -> list[Place]:
    """The longest waiting first; each place's id is the application."""
    return [Place(row["approved_at"], row["application"]) for row in await pool.fetch(NEXT, *after, limit)]
