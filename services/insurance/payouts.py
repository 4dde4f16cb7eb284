"""From a month's end to the hospital's money: ordered once, and paid once, however often it is asked for."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.insurance.domain.events import HospitalPaymentOrdered, Side
from services.insurance.domain.hospital import Hospital
from services.insurance.domain.payment import Pay
from services.insurance.domain.payment import State as Payment
from services.insurance.domain.payout import PAYOUT, OrderPayment, State
from services.insurance.domain.postings import hospital_account
from services.insurance.read_models.hospital_dues import due_until
from services.insurance.treasury import Treasury
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done


@dataclass(frozen=True, slots=True)
class Payouts:
    treasury: Treasury

    async def pay(
        self, hospital: Hospital, month: str, clerk: UUID, now: datetime, context: Context
    ) -> tuple[Done[State], HospitalPaymentOrdered, Payment]:
        """The order, and how its payment stands. Asked again after a crash in between, it goes on; after a rejection,
        it is ordered anew."""
        due = await due_until(self.treasury.pool, hospital.code, month)
        command = OrderPayment(hospital.code, month, due, clerk, now)
        done = await self.treasury.store.execute(PAYOUT.stream(hospital.code), PAYOUT, command, context)
        ordered = done.state[month]
        pay = Pay(
            order=ordered.order,
            attempt=await self.treasury.next_attempt(ordered.order),
            kind="hospital",
            payer=Side(account=hospital_account(hospital.code), region=hospital.region),
            payee=hospital.code,
            payee_account=f"hospital:{hospital.code}",
            receiver=None,
            amount=ordered.amount,
            purpose=f"医保结算款{month}",
            now=now,
        )
        return done, ordered, await self.treasury.pay(pay, context.step("payment"))
