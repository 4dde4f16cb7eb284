"""The statements of closed months, each paid by one order.

Months closed before there was a book stand in streams of their own and were never paid: the book's first month that
closes states again what they did.
"""

from collections.abc import Iterator
from uuid import UUID

from services.insurance.domain.clearing import BOOK, CLEARING, payment_of
from shared.contracts.event import Recorded
from shared.contracts.insurance import ClearingMonthClosed
from shared.department.paging import Place
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement
from shared.standards.money import ZERO

IN_BOOK = CLEARING.stream(BOOK)


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case ClearingMonthClosed(month=month, statements=statements, closed_at=at) if event.stream == IN_BOOK:
            for one in statements:
                if one.amount != ZERO:
                    yield "stated", (payment_of(month, one), month, one.owed_by, one.owed_to, one.amount, at)


CLEARING_STATEMENTS = ReadModel.beside(__file__, version=1, events=(ClearingMonthClosed,), project=project)

TO_ORDER = """
select closed_at, payment from clearing_statements as stated
where not exists (select from payments where payments.payment = stated.payment)
  and (closed_at, payment) > ($1, $2)
order by closed_at, payment limit $3
"""


async def next_to_order(pool: Pool, *, after: Place, limit: int) -> list[Place]:
    """Stated and not ordered: empty but for moments, or after a crash. Each place's id is the order."""
    return [Place(row["closed_at"], row["payment"]) for row in await pool.fetch(TO_ORDER, *after, limit)]


async def month_of(pool: Pool, payment: UUID) -> str | None:
    """The month whose statement it pays. None: there is no such."""
    month: str | None = await pool.fetchval("select month from clearing_statements where payment = $1", payment)
    return month
