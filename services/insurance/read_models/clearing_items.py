"""What regions owe each other for a month: settled in it, less what was reversed in it."""

from collections.abc import Iterator
from datetime import datetime

from services.insurance.domain.postings import cleared
from shared.contracts.event import Recorded
from shared.contracts.insurance import ClaimSettled, ClearingStatement, SettlementReversed
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement
from shared.standards.shanghai import day_in_shanghai


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case ClaimSettled(settled_at=at) as data:
            yield from _owed(event, data, at, 1)
        case SettlementReversed(reversed_at=at) as data:
            yield from _owed(event, data, at, -1)


def _owed(event: Recorded, data: ClaimSettled | SettlementReversed, at: datetime, count: int) -> Iterator[Statement]:
    if data.region != data.treatment_region:
        month = f"{day_in_shanghai(at):%Y-%m}"
        yield "owed", (event.id, month, data.region, data.treatment_region, count, cleared(data))


CLEARING_ITEMS = ReadModel.beside(__file__, version=1, events=(ClaimSettled, SettlementReversed), project=project)

STATEMENTS = """
select owed_by, owed_to, sum(count)::int as settlements, sum(amount) as amount from clearing_items
where month = $1 group by owed_by, owed_to order by owed_by, owed_to
"""


async def statements_of(pool: Pool, month: str) -> tuple[ClearingStatement, ...]:
    """`month`: '2023-07'."""
    return tuple(ClearingStatement(**row) for row in await pool.fetch(STATEMENTS, month))
