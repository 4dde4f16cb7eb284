"""Overdue, and nobody told yet: a to-do list that is empty but for moments, or after a crash."""

from collections.abc import Iterator
from uuid import UUID

from services.cases.domain.overdue import CaseOverdue
from shared.contracts.cases import CaseEscalated
from shared.contracts.event import Recorded
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case CaseOverdue(case=case, item=item, level=level, noted_at=at):
            yield "overdue", (case, item or "", level, at)
        case CaseEscalated(case=case, item=item, level=level):
            yield "told", (case, item or "", level)


TO_ESCALATE = ReadModel.beside(__file__, version=1, events=(CaseOverdue, CaseEscalated), project=project)


async def next_to_escalate(pool: Pool, limit: int) -> list[UUID]:
    """Cases, the longest waiting first."""
    rows = await pool.fetch('select distinct "case", noted_at from to_escalate order by noted_at limit $1', limit)
    return [row["case"] for row in rows]
