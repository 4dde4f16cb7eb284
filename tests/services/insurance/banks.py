"""Banks that are not like the ledger: late, repeating themselves, refusing, or gone when the answer was due."""

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from services.insurance.domain.payment import Accepted, Outcome, Rejected, Settled
from services.insurance.payments import PaymentOrder
from shared.contracts.errors import Unavailable

CLOSED = Rejected("account_closed", "收款账户已销户")


@dataclass
class SmallBank:
    """Takes an order, and says what became of it when somebody has worked on it. Under one id it pays once."""

    orders: dict[UUID, PaymentOrder] = field(default_factory=dict)
    decided: dict[UUID, Outcome] = field(default_factory=dict)
    handed_in: Counter[UUID] = field(default_factory=Counter)
    asked: Counter[UUID] = field(default_factory=Counter)
    refuses: set[str] = field(default_factory=set)  # accounts
    is_away: bool = False  # before anything came there
    loses_answers: int = 0  # so many times: the order is there, the answer is not
    forgets: bool = False  # what it accepted

    async def submit(self, order: PaymentOrder) -> Outcome:
        if self.is_away:
            raise Unavailable("the bank does not answer")
        self.handed_in[order.id] += 1
        assert self.orders.setdefault(order.id, order) == order, "another order under a known id"
        if self.loses_answers:
            self.loses_answers -= 1
            raise Unavailable("the answer was lost")
        return self._standing(order.id)

    async def look_up(self, id: UUID) -> Outcome | None:
        if self.is_away:
            raise Unavailable("the bank does not answer")
        self.asked[id] += 1
        return None if self.forgets or id not in self.orders else self._standing(id)

    def work(self) -> None:
        """Somebody goes through the orders."""
        for id, order in self.orders.items():
            refused = order.payee_account in self.refuses
            self.decided.setdefault(id, CLOSED if refused else Settled(f"SB{id.hex[:12].upper()}"))

    @property
    def paid(self) -> list[PaymentOrder]:
        return [order for id, order in self.orders.items() if isinstance(self.decided.get(id), Settled)]

    def _standing(self, id: UUID) -> Outcome:
        return self.decided.get(id) or Accepted(f"SB-{id.hex[:8]}")
