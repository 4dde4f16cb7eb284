"""Paying a hospital what the funds owe it, month by month. Stream `payout-<hospital>`: orders follow each other, so
nothing is ordered twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID, uuid5

from services.insurance.domain import refusals
from services.insurance.domain.clearing import require_over
from services.insurance.domain.events import HospitalPaymentOrdered
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate
from shared.standards.money import ZERO

PAYOUTS = UUID("0f6b1c52-93d4-5f0e-8a21-6f1f3d6f7b90")

State = Mapping[str, HospitalPaymentOrdered]
"""By month."""


@dataclass(frozen=True, slots=True)
class OrderPayment:
    hospital: str
    month: str
    due: Decimal  # all that was settled up to the month's end, less what was reversed by then
    ordered_by: UUID
    now: datetime


def decide(state: State, command: OrderPayment) -> Sequence[Event]:
    if command.month in state:
        return []
    require_over(command.month, command.now)
    amount = command.due - sum((one.amount for one in state.values()), ZERO)
    if amount <= ZERO:
        raise refusals.nothing_due()
    return [
        HospitalPaymentOrdered(
            order=uuid5(PAYOUTS, f"{command.hospital}\n{command.month}"),
            hospital=command.hospital,
            month=command.month,
            amount=amount,
            ordered_by=command.ordered_by,
            ordered_at=command.now,
        )
    ]


def evolve(state: State, event: Event) -> State:
    match event:
        case HospitalPaymentOrdered(month=month):
            return MappingProxyType({**state, month: event})
        case _:
            return state


PAYOUT: Aggregate[State, OrderPayment] = Aggregate("payout", MappingProxyType({}), decide, evolve)
