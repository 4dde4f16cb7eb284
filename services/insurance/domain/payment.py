"""A payment of the local ledger. Stream `payment-<order id>`: an order is paid once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.insurance.domain.events import PaymentBooked
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate


@dataclass(frozen=True, slots=True)
class BookPayment:
    order: UUID
    debit: str
    credit: str
    region: str
    amount: Decimal
    now: datetime


def decide(is_booked: bool, command: BookPayment) -> Sequence[Event]:
    if is_booked:
        return []
    return [
        PaymentBooked(
            order=command.order,
            debit=command.debit,
            credit=command.credit,
            region=command.region,
            amount=command.amount,
            booked_at=command.now,
        )
    ]


def evolve(is_booked: bool, event: Event) -> bool:
    return is_booked or isinstance(event, PaymentBooked)


PAYMENT: Aggregate[bool, BookPayment] = Aggregate("payment", False, decide, evolve)
