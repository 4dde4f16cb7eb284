"""What reviewers found right and came to an end all the same: for each of them, the latest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.certificates import ApplicationTerminated, TerminationReason
from shared.contracts.event import Recorded
from shared.department.paging import Place
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case ApplicationTerminated() as over:
            yield (
                "terminated",
                (over.application, over.certificate_type, over.reason, list(over.reviewed_by), over.terminated_at),
            )


TERMINATED_REVIEWS = ReadModel.beside(__file__, version=1, events=(ApplicationTerminated,), project=project)

REVIEWED = """
select application, certificate_type, reason, terminated_at from terminated_reviews
where reviewed_by @> array[$1::uuid] and (terminated_at, application) < ($2, $3)
order by terminated_at desc, application desc limit $4
"""


@dataclass(frozen=True, slots=True)
class TerminatedReview:
    application: UUID
    certificate_type: str
    reason: TerminationReason
    terminated_at: datetime

    @property
    def place(self) -> Place:
        return Place(self.terminated_at, self.application)


async def terminated_after(pool: Pool, reviewer: UUID, *, after: Place, limit: int) -> list[TerminatedReview]:
    """Of what this member of staff reviewed."""
    return [TerminatedReview(**row) for row in await pool.fetch(REVIEWED, reviewer, *after, limit)]
