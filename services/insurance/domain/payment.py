"""A payment. Stream `payment-<order id>`: ordered, then settled or rejected; an order is paid once.

What was rejected may be ordered anew, as a further attempt, for instance to another account.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID, uuid5

from services.insurance.domain.events import (
    PaymentAccepted,
    PaymentBooked,
    PaymentOrdered,
    PaymentRejected,
    PaymentSettled,
    Side,
)
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate

Kind = Literal["allowance", "hospital", "clearing"]


@dataclass(frozen=True, slots=True)
class Accepted:
    """The bank took it and says later how it ends."""

    reference: str


@dataclass(frozen=True, slots=True)
class Settled:
    receipt: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """`reason`: what a person can read; `code`: for machines."""

    code: str
    reason: str


Outcome = Accepted | Settled | Rejected
"""What a bank says of an order."""


@dataclass(frozen=True, slots=True)
class Pay:
    """Ordered once an attempt, however often it is asked for."""

    order: UUID
    attempt: int
    kind: Kind
    payer: Side
    payee: str
    payee_account: str
    receiver: Side | None
    amount: Decimal
    purpose: str
    now: datetime


@dataclass(frozen=True, slots=True)
class NoteOutcome:
    attempt: int
    outcome: Outcome
    now: datetime


Command = Pay | NoteOutcome


@dataclass(frozen=True, slots=True)
class NotOrdered:
    """No event yet."""

    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Awaiting:
    """`reference`: the bank's, once it took the order; None: whether it came there is not known."""

    ordered: PaymentOrdered
    reference: str | None = None

    @property
    def attempt(self) -> int:
        return self.ordered.attempt


@dataclass(frozen=True, slots=True)
class Paid:
    receipt: str
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class TurnedDown:
    attempt: int
    code: str
    reason: str


State = NotOrdered | Awaiting | Paid | TurnedDown


def bank_order_of(ordered: PaymentOrdered) -> UUID:
    """The id the bank knows an attempt by."""
    return ordered.order if ordered.attempt == 1 else uuid5(ordered.order, f"attempt {ordered.attempt}")


def decide(state: State, command: Command) -> Sequence[Event]:
    match state, command:
        case NotOrdered() | TurnedDown(), Pay() if command.attempt > state.attempt:
            return [_ordered(command, state.attempt + 1)]
        case Awaiting(), NoteOutcome() if command.attempt == state.attempt:
            return _outcome(state, command.outcome, command.now)
        case _:
            return []


def _ordered(command: Pay, attempt: int) -> PaymentOrdered:
    return PaymentOrdered(
        order=command.order,
        attempt=attempt,
        kind=command.kind,
        payer=command.payer,
        payee=command.payee,
        payee_account=command.payee_account,
        receiver=command.receiver,
        amount=command.amount,
        purpose=command.purpose,
        ordered_at=command.now,
    )


def _outcome(state: Awaiting, outcome: Outcome, now: datetime) -> Sequence[Event]:
    of = state.ordered
    match outcome:
        case Accepted(reference=reference):
            if state.reference is not None:
                return []
            return [PaymentAccepted(order=of.order, attempt=of.attempt, reference=reference, accepted_at=now)]
        case Settled(receipt=receipt):
            return [
                PaymentSettled(
                    order=of.order,
                    attempt=of.attempt,
                    payer=of.payer,
                    receiver=of.receiver,
                    amount=of.amount,
                    receipt=receipt,
                    settled_at=now,
                )
            ]
        case Rejected(code=code, reason=reason):
            return [
                PaymentRejected(
                    order=of.order,
                    attempt=of.attempt,
                    payer=of.payer,
                    receiver=of.receiver,
                    amount=of.amount,
                    code=code,
                    reason=reason,
                    rejected_at=now,
                )
            ]


def evolve(state: State, event: Event) -> State:
    match event:
        case PaymentOrdered():
            return Awaiting(event)
        case PaymentAccepted(reference=reference) if isinstance(state, Awaiting):
            return replace(state, reference=reference)
        case PaymentSettled(receipt=receipt, attempt=attempt):
            return Paid(receipt, attempt)
        case PaymentRejected(attempt=attempt, code=code, reason=reason):
            return TurnedDown(attempt, code, reason)
        case PaymentBooked(order=order):
            return Paid(f"ledger-{order}")
        case _:
            return state


PAYMENT: Aggregate[State, Command] = Aggregate("payment", NotOrdered(), decide, evolve)
