"""From a month's end to the hospital's money: ordered once, and paid once, however often it is asked for."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.insurance.domain.events import HospitalPaymentOrdered
from services.insurance.domain.hospital import Hospital
from services.insurance.domain.payout import PAYOUT, OrderPayment, State
from services.insurance.domain.postings import hospital_account
from services.insurance.payments import PaymentOrder, Payments
from services.insurance.read_models.hospital_dues import due_until
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Done, Store


@dataclass(frozen=True, slots=True)
class Payouts:
    store: Store
    pool: Pool
    payments: Payments

    async def pay(
        self, hospital: Hospital, month: str, clerk: UUID, now: datetime, context: Context
    ) -> tuple[Done[State], HospitalPaymentOrdered, str]:
        """The order and the receipt. Asked again after a crash in between, the same order is handed in again."""
        due = await due_until(self.pool, hospital.code, month)
        command = OrderPayment(hospital.code, month, due, clerk, now)
        done = await self.store.execute(PAYOUT.stream(hospital.code), PAYOUT, command, context)
        ordered = done.state[month]
        order = PaymentOrder(
            ordered.order, hospital_account(hospital.code), hospital.region, hospital.code, ordered.amount
        )
        key = Context(context.metadata, key=f"payout {ordered.order}")
        return done, ordered, await self.payments.pay(order, now, key)
