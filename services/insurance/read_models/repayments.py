"""Orders to pay back, and what became of them: by region, the newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.insurance.domain.events import RepaymentStepProposed
from services.insurance.domain.insured_state import RepaymentStatus
from shared.contracts.event import Recorded
from shared.contracts.insurance import HeldMatter, RepaymentDropped, RepaymentOrdered, RepaymentRecorded
from shared.department.paging import Place
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement
from shared.standards.divisions import span


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case RepaymentOrdered() as of:
            yield "ordered", (of.order, of.person, of.matter, of.of, of.payee, of.region, of.amount, of.ordered_at)
        case RepaymentStepProposed(order=order, step=step, proposed_by=proposed_by):
            yield "proposed", (order, step, proposed_by)
        case RepaymentRecorded(order=order, recorded_at=at):
            yield "ended", (order, "repaid", at)
        case RepaymentDropped(order=order, dropped_at=at):
            yield "ended", (order, "dropped", at)


REPAYMENTS = ReadModel.beside(
    __file__,
    version=1,
    events=(RepaymentOrdered, RepaymentStepProposed, RepaymentRecorded, RepaymentDropped),
    project=project,
)

OF_AREA = """
select repayment, person, matter, of, payee, region, amount, status, step, proposed_by, ordered_at, ended_at
from repayments
where region between $1 and $2 and ($3::text is null or status = $3) and (ordered_at, repayment) < ($4, $5)
order by ordered_at desc, repayment desc limit $6
"""


@dataclass(frozen=True, slots=True)
class RepaymentRow:
    repayment: UUID
    person: UUID
    matter: HeldMatter
    of: UUID
    payee: str
    region: str
    amount: Decimal
    status: RepaymentStatus
    step: str | None  # proposed
    proposed_by: UUID | None
    ordered_at: datetime
    ended_at: datetime | None

    @property
    def place(self) -> Place:
        return Place(self.ordered_at, self.repayment)


async def repayments_in(
    pool: Pool, area: str, status: RepaymentStatus | None, *, after: Place, limit: int
) -> list[RepaymentRow]:
    """Of the regions within an area, the newest first."""
    return [RepaymentRow(**row) for row in await pool.fetch(OF_AREA, *span(area), status, *after, limit)]


async def person_of(pool: Pool, repayment: UUID) -> UUID | None:
    """In whose stream it stands. None: there is no such."""
    person: UUID | None = await pool.fetchval("select person from repayments where repayment = $1", repayment)
    return person
