"""A month between regions: the place of insurance owes the place of treatment. Stream `clearing-<year-month>`."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from services.insurance.domain import refusals
from shared.contracts.errors import Refused
from shared.contracts.event import Event
from shared.contracts.insurance import ClearingMonthClosed, ClearingStatement, RegionBalance
from shared.eventstore.aggregate import Aggregate
from shared.standards.money import ZERO
from shared.standards.shanghai import day_in_shanghai

GRACE = timedelta(days=1)  # after a month's end, for what was decided in its last moment

State = ClearingMonthClosed | None
"""None: still open."""


@dataclass(frozen=True, slots=True)
class CloseMonth:
    month: str
    statements: tuple[ClearingStatement, ...]
    closed_by: UUID
    now: datetime


def balances(statements: Iterable[ClearingStatement]) -> tuple[RegionBalance, ...]:
    """What each region gets or gives; together zero."""
    by_region: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for one in statements:
        by_region[one.owed_by] -= one.amount
        by_region[one.owed_to] += one.amount
    return tuple(RegionBalance(region=region, amount=amount) for region, amount in sorted(by_region.items()))


def first_day_after(month: str) -> date:
    """'2023-07' -> 2023-08-01. Raises Invalid for what is no month."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise refusals.no_month("month") from None
    return (first + timedelta(days=31)).replace(day=1)


def require_over(month: str, now: datetime) -> None:
    """Raises Refused until the 2nd of the next month, Invalid for what is no month."""
    if day_in_shanghai(now) < first_day_after(month) + GRACE:
        raise Refused(
            "month_not_over",
            f"{month}尚未结束，请在次月2日起办理。",
            f"{month} is not over yet; this can be done from the 2nd of the next month on.",
        )


def decide(state: State, command: CloseMonth) -> Sequence[Event]:
    if state is not None:
        return []
    require_over(command.month, command.now)
    return [
        ClearingMonthClosed(
            month=command.month,
            statements=command.statements,
            balances=balances(command.statements),
            closed_by=command.closed_by,
            closed_at=command.now,
        )
    ]


def evolve(state: State, event: Event) -> State:
    return event if isinstance(event, ClearingMonthClosed) else state


CLEARING: Aggregate[State, CloseMonth] = Aggregate("clearing", None, decide, evolve)
