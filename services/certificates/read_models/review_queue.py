"""What waits for reviewers, the most urgent first. Shows of a person what choosing the next case needs, no more."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.certificates.domain.application_state import chain_of, promised
from services.certificates.domain.promise import known
from services.certificates.domain.reviewer import Reviewer
from shared.contracts.certificates import (
    ApplicationApproved,
    ApplicationClaimed,
    ApplicationEscalated,
    ApplicationRefused,
    ApplicationReleased,
    ApplicationResubmitted,
    ApplicationSentBack,
    ApplicationStepPassed,
    ApplicationSubmitted,
    ApplicationTerminated,
    ApplicationWithdrawn,
)
from shared.contracts.event import Recorded
from shared.contracts.identity import Role
from shared.department.paging import Place
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement
from shared.standards.divisions import span
from shared.standards.id_number import IdNumber
from shared.standards.working_days import CALENDARS_SINCE_2026

MOST_URGENT = Place.first()
PENDING = Place.last().at  # in the order of urgency, as in the table
Claimed = Literal["mine", "unclaimed"]


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case ApplicationSubmitted() as submitted:
            chain = chain_of(submitted)
            yield (
                "submitted",
                (
                    submitted.application,
                    submitted.citizen,
                    submitted.division,
                    submitted.certificate_type,
                    submitted.catalogue_version,
                    submitted.submitted_at,
                    known(promised(submitted)),
                    len(chain),
                    chain[0].division,
                    chain[0].role,
                ),
            )
        case ApplicationResubmitted(application=application) as resubmitted:
            yield "resubmitted", (application, known(promised(resubmitted)))
        case ApplicationSentBack(application=application):
            yield "sent_back", (application,)
        case ApplicationStepPassed(application=application, step=step, next_step=following, reviewer=reviewer):
            yield "step_passed", (application, step + 1, following.division, following.role, reviewer)
        case ApplicationClaimed(application=application, reviewer=reviewer, claimed_at=at):
            yield "claimed", (application, reviewer, at)
        case ApplicationReleased(application=application):
            yield "claimed", (application, None, None)
        case ApplicationEscalated(application=application, division=division):
            yield "escalated", (application, division)
        case (
            ApplicationApproved(application=application)
            | ApplicationRefused(application=application)
            | ApplicationTerminated(application=application)
            | ApplicationWithdrawn(application=application)
        ):
            yield "closed", (application,)


REVIEW_QUEUE = ReadModel.beside(
    __file__,
    version=4 + CALENDARS_SINCE_2026,  # what was pending is known with the next
    events=(
        ApplicationSubmitted,
        ApplicationResubmitted,
        ApplicationSentBack,
        ApplicationStepPassed,
        ApplicationClaimed,
        ApplicationReleased,
        ApplicationEscalated,
        ApplicationApproved,
        ApplicationRefused,
        ApplicationTerminated,
        ApplicationWithdrawn,
    ),
    project=project,
)

# $1..$2 the part of the area that is looked at, $3..$4 the reviewer's whole area, $6 the kinds they lead
WAITING = """
select q.application, q.certificate_type, q.catalogue_version, q.division, q.submitted_at, q.expected_by,
       q.step, q.steps, q.step_division, q.step_role, q.escalated_to, q.claimed_by, c.name as claimer,
       p.name, p.id_number
from review_queue q
left join people p on p.person = q.citizen
left join staff c on c.staff = q.claimed_by
where q.with_reviewer and q.step_division between $1 and $2
  and (q.step_role = any($5)
    or q.first_role = any($6)
      and (q.step_role = 'leader' or q.step_role = 'reviewer' and q.escalated_to between $3 and $4))
  and not ($7 = any(q.passed_by))
  and case $8 when 'mine' then q.claimed_by = $7 when 'unclaimed' then q.claimed_by is null else true end
  and (q.urgency, q.application) > ($9, $10)
order by q.urgency, q.application limit $11
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    application: UUID
    certificate_type: str
    catalogue_version: int
    division: str
    submitted_at: datetime
    expected_by: datetime | None  # None: the calendar is not published
    step: int  # from 0
    steps: int
    step_division: str
    step_role: str
    escalated_to: str | None
    claimed_by: UUID | None
    claimer: str | None
    name: str | None  # as the register has it now
    id_number: IdNumber | None

    @property
    def place(self) -> Place:
        return Place(self.expected_by or PENDING, self.application)


async def waiting_for(
    pool: Pool,
    reviewer: Reviewer,
    area: str,
    *,
    claimed: Claimed | None = None,
    after: Place = MOST_URGENT,
    limit: int,
) -> list[Waiting]:
    """What this reviewer may decide, of a division within their own and all below it."""
    rows = await pool.fetch(
        WAITING,
        *span(area),
        *span(reviewer.area),
        sorted(reviewer.roles - {Role.leader}),
        sorted(reviewer.kinds) if Role.leader in reviewer.roles else [],
        reviewer.id,
        claimed,
        *after,
        limit,
    )
    return [
        Waiting(**dict(row) | {"id_number": IdNumber(row["id_number"]) if row["id_number"] else None}) for row in rows
    ]
