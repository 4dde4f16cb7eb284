"""Paying a hospital what the funds owe it, month by month. Stream `payout-<hospital>`: orders follow each other, so
nothing is ordered twice. One officer proposes, another orders; so, too, what the bank rejected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID, uuid5

from services.insurance.domain import refusals
from services.insurance.domain.clearing import require_over
from services.insurance.domain.events import (
    HospitalPaymentOrdered,
    HospitalPaymentProposed,
    HospitalPaymentReordered,
)
from services.insurance.domain.officer import Officer, require_another
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate
from shared.standards.money import ZERO

PAYOUTS = UUID("0f6b1c52-93d4-5f0e-8a21-6f1f3d6f7b90")


@dataclass(frozen=True, slots=True)
class State:
    orders: Mapping[str, HospitalPaymentOrdered] = field(default_factory=lambda: MappingProxyType({}))  # by month
    proposed: Mapping[str, HospitalPaymentProposed] = field(default_factory=lambda: MappingProxyType({}))
    """By month: what waits for another officer."""
    approved: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """By month: the attempt that two officers wanted last."""


@dataclass(frozen=True, slots=True)
class ProposePayment:
    """`attempt`: 1, or one more than what the bank rejected."""

    hospital: str
    month: str
    due: Decimal  # all that was settled up to the month's end, less what was reversed by then
    attempt: int
    officer: Officer
    now: datetime


@dataclass(frozen=True, slots=True)
class OrderPayment:
    """By another person than who proposed it."""

    hospital: str
    month: str
    due: Decimal
    attempt: int
    officer: Officer
    now: datetime


Command = ProposePayment | OrderPayment


def decide(state: State, command: Command) -> Sequence[Event]:
    known = state.approved.get(command.month, 0)
    if isinstance(command, OrderPayment) and command.month not in state.proposed and known >= command.attempt:
        return []  # another request of the two was first
    amount = _amount(state, command)
    proposal = state.proposed.get(command.month)
    match command:
        case ProposePayment(officer=officer):
            said = (command.attempt, amount, officer.id)
            if proposal and (proposal.attempt, proposal.amount, proposal.proposed_by) == said:
                return []
            return [_proposed(command, amount)]
        case OrderPayment(officer=officer):
            if proposal is None:
                raise refusals.nothing_proposed()
            require_another(proposal, officer)
            if (proposal.attempt, proposal.amount) != (command.attempt, amount):
                raise refusals.stale_proposal()
            return [_ordered(command, amount, proposal)]


def _amount(state: State, command: Command) -> Decimal:
    """Of the month; what was ordered before keeps its amount. Raises Refused where nothing is due."""
    if ordered := state.orders.get(command.month):
        if command.attempt == 1:
            raise refusals.ordered_already()
        return ordered.amount
    require_over(command.month, command.now)
    amount = command.due - sum((one.amount for one in state.orders.values()), ZERO)
    if amount <= ZERO:
        raise refusals.nothing_due()
    return amount


def _proposed(command: ProposePayment, amount: Decimal) -> HospitalPaymentProposed:
    return HospitalPaymentProposed(
        hospital=command.hospital,
        month=command.month,
        amount=amount,
        attempt=command.attempt,
        proposed_by=command.officer.id,
        proposer=command.officer.person,
        proposed_at=command.now,
    )


def order_of(hospital: str, month: str) -> UUID:
    return uuid5(PAYOUTS, f"{hospital}\n{month}")


def _ordered(
    command: OrderPayment, amount: Decimal, proposal: HospitalPaymentProposed
) -> HospitalPaymentOrdered | HospitalPaymentReordered:
    order = order_of(command.hospital, command.month)
    if command.attempt > 1:
        return HospitalPaymentReordered(
            order=order,
            hospital=command.hospital,
            month=command.month,
            attempt=command.attempt,
            proposed_by=proposal.proposed_by,
            ordered_by=command.officer.id,
            ordered_at=command.now,
        )
    return HospitalPaymentOrdered(
        order=order,
        hospital=command.hospital,
        month=command.month,
        amount=amount,
        ordered_by=command.officer.id,
        ordered_at=command.now,
        proposed_by=proposal.proposed_by,
    )


def evolve(state: State, event: Event) -> State:
    match event:
        case HospitalPaymentProposed(month=month):
            return replace(state, proposed=MappingProxyType({**state.proposed, month: event}))
        case HospitalPaymentOrdered(month=month):
            approved = MappingProxyType({**state.approved, month: 1})
            return State(MappingProxyType({**state.orders, month: event}), _without(state, month), approved)
        case HospitalPaymentReordered(month=month, attempt=attempt):
            approved = MappingProxyType({**state.approved, month: attempt})
            return replace(state, proposed=_without(state, month), approved=approved)
        case _:
            return state


def _without(state: State, month: str) -> Mapping[str, HospitalPaymentProposed]:
    return MappingProxyType({of: one for of, one in state.proposed.items() if of != month})


PAYOUT: Aggregate[State, Command] = Aggregate("payout", State(), decide, evolve)
