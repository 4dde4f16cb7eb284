"""Months between regions: the place of insurance owes the place of treatment. Stream `clearing-book`.

One stream, and months close in their order: a statement is all that came about until the month's end, less what the
months before it stated. So what comes late, or undoes what was stated, is in the next month that closes, once.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID, uuid5

from services.insurance.domain import refusals
from services.insurance.domain.hospital import overlap
from shared.contracts.errors import Refused
from shared.contracts.event import Event
from shared.contracts.insurance import ClearingCorrection, ClearingMonthClosed, ClearingStatement, RegionBalance
from shared.eventstore.aggregate import Aggregate
from shared.standards.day import read_day
from shared.standards.errors import NotValid
from shared.standards.money import ZERO
from shared.standards.shanghai import day_in_shanghai

BOOK = "book"
PAYMENTS = UUID("5b8e0f6a-41c7-5a0d-9a3e-6d2f7c1b8e90")
GRACE = timedelta(days=1)  # after a month's end, for what was decided in its last moment


class Pair(NamedTuple):
    owed_by: str  # region of insurance
    owed_to: str  # region of treatment


class Sum(NamedTuple):
    settlements: int = 0  # reversed ones counted off
    amount: Decimal = ZERO

    def plus(self, other: "Sum") -> "Sum":
        return Sum(self.settlements + other.settlements, self.amount + other.amount)

    def minus(self, other: "Sum") -> "Sum":
        return Sum(self.settlements - other.settlements, self.amount - other.amount)


@dataclass(frozen=True, slots=True)
class Due:
    """Of a pair of regions, at a month's end."""

    until: Sum  # all that came about so far
    own: Sum  # of it, settled in that month, less what of it was undone in that month


Dues = Mapping[Pair, Due]


@dataclass(frozen=True, slots=True)
class Book:
    months: Mapping[str, ClearingMonthClosed] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def last(self) -> str:
        """The latest month closed; '' before the first."""
        return max(self.months, default="")

    @property
    def stated(self) -> Mapping[Pair, Sum]:
        """By all months together."""
        sums: defaultdict[Pair, Sum] = defaultdict(Sum)
        for closed in self.months.values():
            for one in closed.statements:
                pair = Pair(one.owed_by, one.owed_to)
                sums[pair] = sums[pair].plus(Sum(one.settlements, one.amount))
        return sums


@dataclass(frozen=True, slots=True)
class CloseMonth:
    month: str
    dues: Dues
    open_before: str | None  # the earliest open month before it for which anything is due
    closed_by: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A month: `corrections` are the part of `statements` that belongs to earlier ones."""

    statements: tuple[ClearingStatement, ...] = ()
    corrections: tuple[ClearingCorrection, ...] = ()


def reckon(dues: Dues, stated: Mapping[Pair, Sum]) -> Reckoned:
    """`stated`: by the months before."""
    statements, corrections = [], []
    for pair, due in sorted(dues.items()):
        left = due.until.minus(stated.get(pair, Sum()))
        correction = left.minus(due.own)
        if left != Sum() or correction != Sum():
            statements.append(ClearingStatement(**pair._asdict(), **left._asdict()))
        if correction != Sum():
            corrections.append(ClearingCorrection(**pair._asdict(), **correction._asdict()))
    return Reckoned(tuple(statements), tuple(corrections))


def balances(statements: Iterable[ClearingStatement]) -> tuple[RegionBalance, ...]:
    """What each region gets or gives; together zero."""
    by_region: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for one in statements:
        by_region[one.owed_by] -= one.amount
        by_region[one.owed_to] += one.amount
    return tuple(RegionBalance(region=region, amount=amount) for region, amount in sorted(by_region.items()))


def concerns(one: ClearingStatement | ClearingCorrection, area: str) -> bool:
    """Whether a clerk who serves this area keeps the fund of a region that owes or is owed."""
    return overlap(one.owed_by, area) or overlap(one.owed_to, area)


def payment_of(month: str, statement: ClearingStatement) -> UUID:
    """A statement is paid by one order: its id follows from month and regions."""
    return uuid5(PAYMENTS, f"{month}\n{statement.owed_by}\n{statement.owed_to}")


def first_day_after(month: str) -> date:
    """'2023-07' -> 2023-08-01. Raises Invalid for what is no month."""
    try:
        first = read_day(f"{month}-01")
    except NotValid:
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


def decide(state: Book, command: CloseMonth) -> Sequence[Event]:
    if command.month in state.months:
        return []
    require_over(command.month, command.now)
    if command.month < state.last:
        raise refusals.later_month_closed(command.month, state.last)
    if command.open_before is not None and command.open_before > state.last:
        raise refusals.earlier_month_open(command.open_before)
    reckoned = reckon(command.dues, state.stated)
    return [
        ClearingMonthClosed(
            month=command.month,
            statements=reckoned.statements,
            balances=balances(reckoned.statements),
            closed_by=command.closed_by,
            closed_at=command.now,
            corrections=reckoned.corrections,
        )
    ]


def evolve(state: Book, event: Event) -> Book:
    if not isinstance(event, ClearingMonthClosed):
        return state
    return Book(MappingProxyType({**state.months, event.month: event}))


CLEARING: Aggregate[Book, CloseMonth] = Aggregate("clearing", Book(), decide, evolve)
