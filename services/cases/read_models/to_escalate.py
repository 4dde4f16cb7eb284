"""Overdue, and nobody told yet: a to-do list that is empty but for moments, or after a crash."""

from collections.abc import Iterator

from services.cases.domain.overdue import CaseOverdue
from shared.contracts.cases import (
    CaseClosed,
    CaseEscalated,
    CaseItemFinished,
    CasePersonLost,
    CaseStopped,
    CaseStoppedByBureau,
)
from shared.contracts.event import Recorded
from shared.department.paging import Place
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case CaseOverdue(case=case, item=item, level=level, noted_at=at):
            yield "overdue", (case, item or "", level, at)
        case CaseEscalated(case=case, item=item, level=level):
            yield "told", (case, item or "", level)
        case CaseItemFinished(case=case, item=item, may_retry=False):
            yield "item_settled", (case, item)
        case (
            CaseStopped(case=case)
            | CaseStoppedByBureau(case=case)
            | CasePersonLost(case=case, then="stop")
            | CaseClosed(case=case)
        ):
            yield "settled", (case,)


TO_ESCALATE = ReadModel.beside(
    __file__,
    version=2,
    events=(
        CaseOverdue,
        CaseEscalated,
        CaseItemFinished,
        CaseStopped,
        CaseStoppedByBureau,
        CasePersonLost,
        CaseClosed,
    ),
    project=project,
)

NEXT = """
select "case", min(noted_at) as noted_at from to_escalate group by "case"
having (min(noted_at), "case") > ($1, $2) order by 2, 1 limit $3
"""


async def next_to_escalate(pool: Pool, *, after: Place, limit: int) -> list[Place]:
    """The longest waiting first; each place's id is the case."""
    return [Place(row["noted_at"], row["case"]) for row in await pool.fetch(NEXT, *after, limit)]
