"""Payments and how they stand. Those ordered and not yet accepted, settled or rejected are to-do lists."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from services.insurance.domain.events import (
    PaymentAccepted,
    PaymentBooked,
    PaymentOrdered,
    PaymentRejected,
    PaymentSettled,
)
from services.insurance.domain.payment import Kind
from services.insurance.domain.postings import kind_of
from shared.contracts.event import Recorded
from shared.contracts.insurance import InsuranceErased
from shared.department.paging import Place
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement
from shared.standards.divisions import span

Status = Literal["ordered", "accepted", "settled", "rejected"]

LATEST = Place.last()


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case PaymentOrdered() as of:
            receiver = of.receiver.region if of.receiver else None
            yield (
                "ordered",
                (of.order, of.kind, of.payer.region, of.payee, receiver, of.amount, of.attempt, of.ordered_at),
            )
        case PaymentAccepted(order=order):
            yield "accepted", (order,)
        case PaymentSettled(order=order, receipt=receipt, settled_at=at):
            yield "settled", (order, receipt, at)
        case PaymentRejected(order=order, code=code, reason=reason, rejected_at=at):
            yield "rejected", (order, code, reason, at)
        case PaymentBooked() as of:
            kind, payee = kind_of(of)
            yield "ordered", (of.order, kind, of.region, payee, None, of.amount, 1, of.booked_at)
            yield "settled", (of.order, f"ledger-{of.order}", of.booked_at)
        case InsuranceErased(person=person):
            yield "erased", (str(person),)


PAYMENTS = ReadModel.beside(
    __file__,
    version=2,
    events=(PaymentOrdered, PaymentAccepted, PaymentSettled, PaymentRejected, PaymentBooked, InsuranceErased),
    project=project,
)

COLUMNS = """
payment, kind, payer, payee, receiver, amount, attempt, status, receipt, code, reason, ordered_at, decided_at
"""
OF_AREA = f"""
select {COLUMNS} from payments
where (payer between $1 and $2 or receiver between $1 and $2)
  and ($3::text is null or status = $3) and (ordered_at, payment) < ($4, $5)
order by ordered_at desc, payment desc limit $6
"""  # noqa: S608 - constants only
BY_ID = f"select {COLUMNS} from payments where payment = any($1)"  # noqa: S608 - constants only
NEXT = """
select ordered_at, payment from payments
where status = $1 and (ordered_at, payment) > ($2, $3) order by ordered_at, payment limit $4
"""


@dataclass(frozen=True, slots=True)
class PaymentRow:
    payment: UUID
    kind: Kind
    payer: str
    payee: str
    receiver: str | None
    amount: Decimal
    attempt: int
    status: Status
    receipt: str | None
    code: str | None
    reason: str | None
    ordered_at: datetime
    decided_at: datetime | None

    @property
    def place(self) -> Place:
        return Place(self.ordered_at, self.payment)


async def payments_of(
    pool: Pool, area: str, status: Status | None, *, after: Place = LATEST, limit: int
) -> list[PaymentRow]:
    """Of the regions within an area, paying or paid; the newest first."""
    return [PaymentRow(**row) for row in await pool.fetch(OF_AREA, *span(area), status, *after, limit)]


async def next_to_hand_in(pool: Pool, *, after: Place, limit: int) -> list[Place]:
    """The longest waiting first; each place's id is the order."""
    return await _next(pool, "ordered", after, limit)


async def next_accepted(pool: Pool, *, after: Place, limit: int) -> list[Place]:
    """As `next_to_hand_in`."""
    return await _next(pool, "accepted", after, limit)


async def _next(pool: Pool, status: Status, after: Place, limit: int) -> list[Place]:
    return [Place(row["ordered_at"], row["payment"]) for row in await pool.fetch(NEXT, status, *after, limit)]


async def payments_by_id(pool: Pool, ids: Sequence[UUID]) -> list[PaymentRow]:
    """Those of them that are ordered."""
    return [PaymentRow(**row) for row in await pool.fetch(BY_ID, ids)]
