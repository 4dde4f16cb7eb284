"""The statements of closed months, each paid by one order.

Months closed before there was a book stand in streams of their own and were never paid: the book's first month that
closes states again what they did.
"""

from collections.abc import Iterator
from uuid import UUID

from services.insurance.domain.clearing import BOOK, CLEARING, payment_of
from shared.contracts.event import Recorded
from shared.contracts.insurance import ClearingMonthClosed, ClearingStatement
from shared.department.paging import Place
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement
from shared.standards.money import ZERO

IN_BOOK = CLEARING.stream(BOOK)


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case ClearingMonthClosed() as closed if closed.region is not None or event.stream == IN_BOOK:
            for one in closed.statements:
                if one.amount != ZERO:
                    yield (
                        "stated",
                        (
                            payment_of(closed.month, one),
                            closed.month,
                            one.owed_by,
                            one.owed_to,
                            one.settlements,
                            one.amount,
                            closed.closed_at,
                            closed.region is None,
                        ),
                    )


CLEARING_STATEMENTS = ReadModel.beside(__file__, version=2, events=(ClearingMonthClosed,), project=project)

TO_ORDER = """
select closed_at, payment from clearing_statements as stated
where (amount > 0 or of_all_regions) and not exists (select from payments where payments.payment = stated.payment)
  and (closed_at, payment) > ($1, $2)
order by closed_at, payment limit $3
"""
OF_REGION = """
select owed_by, owed_to, settlements, amount from clearing_statements
where month = $1 and (owed_by = $2 or owed_to = $2) order by owed_by, owed_to
"""


async def next_to_order(pool: Pool, *, after: Place, limit: int) -> list[Place]:
    """Stated and not ordered: empty but for moments, or after a crash. Each place's id is the order.

    What is owed back is not among it: the region that owes it has it ordered by its own officers.
    """
    return [Place(row["closed_at"], row["payment"]) for row in await pool.fetch(TO_ORDER, *after, limit)]


async def statements_of(pool: Pool, month: str, region: str) -> list[ClearingStatement]:
    """Of closed months, other than zero: what a region owes, is owed or owes back."""
    return [ClearingStatement(**row) for row in await pool.fetch(OF_REGION, month, region)]


async def statement_of(pool: Pool, payment: UUID) -> tuple[str, ClearingStatement] | None:
    """The month, and what it states, that is paid by this order. None: there is no such."""
    row = await pool.fetchrow(
        "select month, owed_by, owed_to, settlements, amount from clearing_statements where payment = $1", payment
    )
    if row is None:
        return None
    said = {key: value for key, value in row.items() if key != "month"}
    return row["month"], ClearingStatement(**said)
