"""Maternity allowances: those confirmed, whose payment is not ordered or is decided, are a to-do list, empty but for
moments or after a crash."""

from collections.abc import Iterator
from uuid import UUID

from shared.contracts.event import Recorded
from shared.contracts.insurance import (
    HeldRefused,
    MaternityAllowanceConfirmed,
    MaternityAllowanceHeld,
    MaternityAllowancePaid,
    MaternityAllowancePaymentRejected,
    MaternityAllowancePrepared,
    MaternityAllowanceWithdrawn,
)
from shared.department.paging import Place
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case MaternityAllowancePrepared(allowance=allowance, person=person, amount=amount, prepared_at=at):
            yield "prepared", (allowance, person, amount, at)
        case MaternityAllowanceConfirmed(allowance=allowance, confirmed_at=at):
            yield "confirmed", (allowance, at)
        case MaternityAllowanceHeld(allowance=allowance):
            yield "moved_on", (allowance, "held")
        case HeldRefused(held=allowance, matter="allowance"):
            yield "moved_on", (allowance, "refused")
        case MaternityAllowancePaid(allowance=allowance):
            yield "moved_on", (allowance, "paid")
        case MaternityAllowanceWithdrawn(allowance=allowance):
            yield "moved_on", (allowance, "withdrawn")
        case MaternityAllowancePaymentRejected(allowance=allowance):
            yield "moved_on", (allowance, "rejected")


ALLOWANCES = ReadModel.beside(
    __file__,
    version=3,
    events=(
        MaternityAllowanceHeld,
        HeldRefused,
        MaternityAllowancePrepared,
        MaternityAllowanceConfirmed,
        MaternityAllowancePaid,
        MaternityAllowanceWithdrawn,
        MaternityAllowancePaymentRejected,
    ),
    project=project,
)

TO_PAY = """
select confirmed_at, allowance from allowances
where status = 'confirmed' and (confirmed_at, allowance) > ($1, $2)
  and not exists (select from payments where payment = allowance and payments.status in ('ordered', 'accepted'))
order by confirmed_at, allowance limit $3
"""


async def next_to_pay(pool: Pool, *, after: Place, limit: int) -> list[Place]:
    """The longest waiting first; each place's id is the allowance."""
    return [Place(row["confirmed_at"], row["allowance"]) for row in await pool.fetch(TO_PAY, *after, limit)]


async def person_of(pool: Pool, allowance: UUID) -> UUID | None:
    """Whose it is. None: there is no such allowance."""
    person: UUID | None = await pool.fetchval("select person from allowances where allowance = $1", allowance)
    return person
