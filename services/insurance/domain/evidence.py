"""Which events a sheet's lines rest on: what a year's deductibles, caps and thresholds are counted after."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from shared.contracts.event import Recorded
from shared.contracts.insurance import ClaimSettled, SettlementReversed, YearTotals

COUNTED: Mapping[str, str] = {
    "act_pay_dedc": "stays",
    "overcap": "pool_used",
    "hifmi_pay": "ci_self",
    "hifob_pay": "ratio_share",
    "maf_pay": "ma_used",
}
"""Lines that depend on what the year came to before, and on what of it."""


def earlier_of_year(events: Sequence[Recorded], year: int, until: UUID | None = None) -> list[UUID]:
    """The events of a year's settlements that held when `until` was settled (None: that hold now)."""
    holding: dict[UUID, UUID] = {}
    for event in events:
        match event.data:
            case ClaimSettled(settlement=settlement) if settlement == until:
                break
            case ClaimSettled(settlement=settlement, year=in_year) if in_year == year:
                holding[settlement] = event.id
            case SettlementReversed(settlement=settlement):
                holding.pop(settlement, None)
    return list(holding.values())


def rests_on(field: str, before: YearTotals, earlier: Sequence[UUID]) -> list[UUID]:
    """Of a line. Empty where it does not depend on the year, or nothing of that kind came before."""
    return list(earlier) if field in COUNTED and getattr(before, COUNTED[field]) else []
