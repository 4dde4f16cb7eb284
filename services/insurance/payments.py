"""The payment port: whoever really moves money. The local ledger is the default; a bank takes its place by answering
the same question."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from services.insurance.domain.payment import PAYMENT, BookPayment
from services.insurance.domain.postings import BANK
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Store


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    id: UUID  # an order is paid once, however often it is handed in
    fund: str  # the ledger account it is paid for
    region: str
    payee: str  # a person's id, or a hospital's code
    amount: Decimal


class Payments(Protocol):
    async def pay(self, order: PaymentOrder, now: datetime, context: Context) -> str:
        """The receipt's reference, of this payment now or before. Raises Unavailable when it is not possible now."""
        ...


@dataclass(frozen=True, slots=True)
class LocalLedger:
    """Books it: the fund is charged, the bank account gives."""

    store: Store

    async def pay(self, order: PaymentOrder, now: datetime, context: Context) -> str:
        command = BookPayment(order.id, order.fund, f"{BANK}:{order.region}", order.region, order.amount, now)
        await self.store.execute(PAYMENT.stream(order.id), PAYMENT, command, context)
        return f"ledger-{order.id}"
