"""The payment port: whoever really moves money. The local ledger is the default; a bank takes its place by answering
the same two questions.

What a bank's adapter can rely on, and must answer for:

- `PaymentOrder.id` is the idempotent key: under one id, one payment is made, however often it is handed in. A bank that
  knows no such key is asked first whether it has the order.
- An outcome may come at once or much later: `Accepted` until it is `Settled` or `Rejected`, which are final. A payment
  that was rejected comes again, if at all, under another id.
- Whatever cannot be told now (no connection, a time-out, an answer that is none) is `Unavailable`; the order is handed
  in, or asked after, again. Nothing is taken as paid or rejected that the bank did not say.
- The payee's account is a reference (`bank-card:6222…`, `social-security-card:<person>`, `hospital:<code>`,
  `region:<division>`); the adapter knows how its bank resolves it. It is personal and belongs in no log.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from services.insurance.domain.payment import Outcome, Settled


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    id: UUID
    payer: str  # region whose bank account is charged
    payee: str  # a person's id, a hospital's code, a region
    payee_account: str
    amount: Decimal  # yuan, above zero
    purpose: str  # as the payee reads it


class Payments(Protocol):
    async def submit(self, order: PaymentOrder) -> Outcome:
        """Hand in; again under the same id: how it stands. Raises Unavailable when that is not known now."""
        ...

    async def look_up(self, id: UUID) -> Outcome | None:
        """How an order stands that was accepted. None: the bank does not know it, so it is handed in again.
        Raises Unavailable when that is not known now."""
        ...


@dataclass(frozen=True, slots=True)
class LocalLedger:
    """No bank: the books are all there is, so what is ordered is settled."""

    async def submit(self, order: PaymentOrder) -> Outcome:
        return Settled(f"ledger-{order.id}")

    async def look_up(self, id: UUID) -> Outcome | None:
        return Settled(f"ledger-{id}")
