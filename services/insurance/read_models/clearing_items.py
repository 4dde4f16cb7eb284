"""What regions owe each other for a month: settled in it, less what was reversed in it."""

from collections.abc import Iterator

from services.insurance.domain.postings import cleared, month_of
from shared.contracts.event import Recorded
from shared.contracts.insurance import ClaimSettled, ClearingStatement, SettlementReversed
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case (ClaimSettled() | SettlementReversed()) as data if data.region != data.treatment_region:
            count = 1 if isinstance(data, ClaimSettled) else -1
            yield "owed", (event.id, month_of(data), data.region, data.treatment_region, count, cleared(data))


CLEARING_ITEMS = ReadModel.beside(__file__, version=1, events=(ClaimSettled, SettlementReversed), project=project)

STATEMENTS = """
select owed_by, owed_to, sum(count)::int as settlements, sum(amount) as amount from clearing_items
where month = $1 group by owed_by, owed_to order by owed_by, owed_to
"""


async def statements_of(pool: Pool, month: str) -> tuple[ClearingStatement, ...]:
    """`month`: '2023-07'."""
    return tuple(ClearingStatement(**row) for row in await pool.fetch(STATEMENTS, month))
