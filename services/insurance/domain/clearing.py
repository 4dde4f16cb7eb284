"""Months between regions: the place of insurance owes the place of treatment. Stream `clearing-<region>`.

Each region keeps its own book, and its months close in their order: a statement is all that came about until the
month's end, less what the months before it stated. So what comes late, or undoes what was stated, is in the next month
that closes, once. One officer proposes to close, another closes; what changed in between makes the proposal stale.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID, uuid5

from services.insurance.domain import refusals
from services.insurance.domain.events import (
    ClearingCloseProposed,
    ClearingPaymentsApproved,
    ClearingPaymentsProposed,
)
from services.insurance.domain.hospital import overlap
from services.insurance.domain.officer import Officer, require_another
from shared.contracts.errors import Refused
from shared.contracts.event import Event
from shared.contracts.insurance import ClearingCorrection, ClearingMonthClosed, ClearingStatement, RegionBalance
from shared.eventstore.aggregate import Aggregate
from shared.standards.day import read_day
from shared.standards.errors import NotValid
from shared.standards.money import ZERO
from shared.standards.shanghai import day_in_shanghai

BOOK = "book"  # of all regions at once, in earlier days; nothing is written into it any more
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
    proposed: Mapping[str, ClearingCloseProposed] = field(default_factory=lambda: MappingProxyType({}))
    """Months to be closed."""
    to_pay: Mapping[str, ClearingPaymentsProposed] = field(default_factory=lambda: MappingProxyType({}))
    """Of months: what is to be ordered once more."""

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

    def of(self, region: str) -> "Book":
        """What a book of all regions says of one."""
        return Book(MappingProxyType({month: _part(closed, region) for month, closed in self.months.items()}))

    def after(self, earlier: "Book") -> "Book":
        """With what closed before this book was begun."""
        return replace(self, months=MappingProxyType({**earlier.months, **self.months}))


def _part(closed: ClearingMonthClosed, region: str) -> ClearingMonthClosed:
    statements = tuple(one for one in closed.statements if one.owed_by == region)
    return closed.model_copy(
        update={
            "statements": statements,
            "balances": balances(statements),
            "corrections": tuple(one for one in closed.corrections if one.owed_by == region),
        }
    )


@dataclass(frozen=True, slots=True)
class ProposeClose:
    region: str
    month: str
    dues: Dues  # of this region
    open_before: str | None  # the earliest open month before it for which anything is due
    earlier: Book  # what the book of all regions said of this one
    officer: Officer
    now: datetime


@dataclass(frozen=True, slots=True)
class CloseMonth:
    """By another person than who proposed it."""

    region: str
    month: str
    dues: Dues
    open_before: str | None
    earlier: Book
    officer: Officer
    now: datetime


@dataclass(frozen=True, slots=True)
class ProposePayments:
    """`payments`: statements of closed months whose payment the bank rejected, or that this region owes back."""

    region: str
    month: str
    payments: tuple[UUID, ...]
    officer: Officer
    now: datetime


@dataclass(frozen=True, slots=True)
class ApprovePayments:
    region: str
    month: str
    payments: tuple[UUID, ...]  # as they are now
    officer: Officer
    now: datetime


Command = ProposeClose | CloseMonth | ProposePayments | ApprovePayments


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
            f"{refusals.month_zh(month)}尚未结束，请在次月2日起办理。",
            f"{month} is not over yet; this can be done from the 2nd of the next month on.",
        )


def decide(state: Book, command: Command) -> Sequence[Event]:
    match command:
        case ProposeClose():
            return _propose(state.after(command.earlier), command)
        case CloseMonth():
            return _close(state.after(command.earlier), command)
        case ProposePayments():
            return _propose_payments(state, command)
        case ApprovePayments():
            return _approve_payments(state, command)


def _propose(state: Book, command: ProposeClose) -> Sequence[Event]:
    if command.month in state.months:
        return []
    reckoned = _reckoned(state, command)
    known = state.proposed.get(command.month)
    if known and known.proposed_by == command.officer.id and _says(known, reckoned):
        return []
    return [
        ClearingCloseProposed(
            region=command.region,
            month=command.month,
            statements=reckoned.statements,
            corrections=reckoned.corrections,
            proposed_by=command.officer.id,
            proposer=command.officer.person,
            proposed_at=command.now,
        )
    ]


def _close(state: Book, command: CloseMonth) -> Sequence[Event]:
    if command.month in state.months:
        return []
    reckoned = _reckoned(state, command)
    proposal = state.proposed.get(command.month)
    if proposal is None:
        raise refusals.nothing_proposed()
    require_another(proposal, command.officer)
    if not _says(proposal, reckoned):
        raise refusals.stale_proposal()
    return [
        ClearingMonthClosed(
            month=command.month,
            statements=reckoned.statements,
            balances=balances(reckoned.statements),
            closed_by=command.officer.id,
            closed_at=command.now,
            corrections=reckoned.corrections,
            region=command.region,
            proposed_by=proposal.proposed_by,
        )
    ]


def _says(proposal: ClearingCloseProposed, reckoned: Reckoned) -> bool:
    return Reckoned(proposal.statements, proposal.corrections) == reckoned


def _reckoned(state: Book, command: ProposeClose | CloseMonth) -> Reckoned:
    """Raises Refused for a month that cannot be closed now."""
    require_over(command.month, command.now)
    if command.month < state.last:
        raise refusals.later_month_closed(command.month, state.last)
    if command.open_before is not None and command.open_before > state.last:
        raise refusals.earlier_month_open(command.open_before)
    return reckon(command.dues, state.stated)


def _propose_payments(state: Book, command: ProposePayments) -> Sequence[Event]:
    if not command.payments:
        raise refusals.nothing_to_order()
    known = state.to_pay.get(command.month)
    if known and (known.payments, known.proposed_by) == (command.payments, command.officer.id):
        return []
    return [
        ClearingPaymentsProposed(
            region=command.region,
            month=command.month,
            payments=command.payments,
            proposed_by=command.officer.id,
            proposer=command.officer.person,
            proposed_at=command.now,
        )
    ]


def _approve_payments(state: Book, command: ApprovePayments) -> Sequence[Event]:
    proposal = state.to_pay.get(command.month)
    if proposal is None:
        raise refusals.nothing_proposed()
    require_another(proposal, command.officer)
    if proposal.payments != command.payments:
        raise refusals.stale_proposal()
    return [
        ClearingPaymentsApproved(
            region=command.region,
            month=command.month,
            payments=command.payments,
            proposed_by=proposal.proposed_by,
            approved_by=command.officer.id,
            approved_at=command.now,
        )
    ]


def evolve(state: Book, event: Event) -> Book:
    match event:
        case ClearingMonthClosed(month=month):
            return replace(state, months=MappingProxyType({**state.months, month: event}))
        case ClearingCloseProposed(month=month):
            return replace(state, proposed=MappingProxyType({**state.proposed, month: event}))
        case ClearingPaymentsProposed(month=month):
            return replace(state, to_pay=MappingProxyType({**state.to_pay, month: event}))
        case ClearingPaymentsApproved(month=month):
            left = {of: one for of, one in state.to_pay.items() if of != month}
            return replace(state, to_pay=MappingProxyType(left))
        case _:
            return state


CLEARING: Aggregate[Book, Command] = Aggregate("clearing", Book(), decide, evolve)
