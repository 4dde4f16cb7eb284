"""What regions owe each other: settled in a month, less what was reversed in it.

`of_month` is the month that is corrected: of a reversal, the one in which the bill was settled first; so, too, of what
is settled anew. Both are in the stream of the settlement, hence after it.
"""

from collections.abc import Iterator

from services.insurance.domain.clearing import Due, Dues, Pair, Sum
from services.insurance.domain.postings import cleared, month_of
from shared.contracts.event import Recorded
from shared.contracts.insurance import ClaimSettled, SettlementReversed
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement
from shared.standards.divisions import span


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case (ClaimSettled() | SettlementReversed()) as data if data.region != data.treatment_region:
            is_settled = isinstance(data, ClaimSettled)
            rests_on = data.replaces if isinstance(data, ClaimSettled) else data.settlement
            yield (
                "owed",
                (
                    event.id,
                    data.settlement if is_settled else None,
                    rests_on,
                    month_of(data),
                    data.region,
                    data.treatment_region,
                    1 if is_settled else -1,
                    cleared(data),
                ),
            )


CLEARING_ITEMS = ReadModel.beside(__file__, version=3, events=(ClaimSettled, SettlementReversed), project=project)

DUES = """
select owed_by, owed_to,
       sum(count)::int as settlements,
       sum(amount) as amount,
       coalesce(sum(count) filter (where month = $1 and of_month = $1), 0)::int as own_settlements,
       coalesce(sum(amount) filter (where month = $1 and of_month = $1), 0.00) as own_amount
from clearing_items where month <= $1 and owed_by = $2 group by owed_by, owed_to
"""


async def dues_until(pool: Pool, region: str, month: str) -> Dues:
    """What a region of insurance owes. `month`: '2023-07'; all up to its end."""
    return {
        Pair(row["owed_by"], row["owed_to"]): Due(
            Sum(row["settlements"], row["amount"]), Sum(row["own_settlements"], row["own_amount"])
        )
        for row in await pool.fetch(DUES, month, region)
    }


async def earliest_between(pool: Pool, region: str, after: str, before: str) -> str | None:
    """The earliest month in between for which a region owes anything."""
    month: str | None = await pool.fetchval(
        "select min(month) from clearing_items where month > $1 and month < $2 and owed_by = $3", after, before, region
    )
    return month


async def owing_regions(pool: Pool, area: str) -> list[str]:
    """Regions of insurance that ever owed anything, within an area or to it."""
    rows = await pool.fetch(
        "select distinct owed_by from clearing_items where owed_by between $1 and $2 or owed_to between $1 and $2",
        *span(area),
    )
    return sorted(row["owed_by"] for row in rows)
