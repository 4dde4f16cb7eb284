"""From a month's end to the hospital's money: proposed by one officer, ordered by another, and paid once."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from services.insurance.domain import refusals
from services.insurance.domain.events import HospitalPaymentOrdered, HospitalPaymentProposed, Side
from services.insurance.domain.hospital import Hospital
from services.insurance.domain.officer import Officer
from services.insurance.domain.payment import NotOrdered, Pay, TurnedDown
from services.insurance.domain.payment import State as Payment
from services.insurance.domain.payout import PAYOUT, OrderPayment, ProposePayment, State, order_of
from services.insurance.domain.postings import hospital_account
from services.insurance.read_models.hospital_dues import due_until
from services.insurance.treasury import Treasury
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done


@dataclass(frozen=True, slots=True)
class Payouts:
    treasury: Treasury

    async def propose(
        self, hospital: Hospital, month: str, officer: Officer, now: datetime, context: Context
    ) -> tuple[Done[State], HospitalPaymentProposed]:
        """What a month came to, or what the bank rejected of it. Raises Refused where nothing is to be ordered."""
        due, attempt = await self._known(hospital, month)
        command = ProposePayment(hospital.code, month, due, attempt, officer, now)
        done = await self._execute(hospital, command, context)
        proposed = done.state.proposed.get(month)
        if proposed is None:  # repeated, and decided since
            raise refusals.changed_since()
        return done, proposed

    async def pay(
        self, hospital: Hospital, month: str, officer: Officer, now: datetime, context: Context
    ) -> tuple[tuple[Done[State], ...], HospitalPaymentOrdered, Payment]:
        """By another officer: the order, and how its payment stands. Again, it goes on where a crash broke off."""
        state = (await self.treasury.store.stand(PAYOUT.stream(hospital.code), PAYOUT)).state
        made: tuple[Done[State], ...] = ()
        if month in state.proposed or month not in state.orders:
            due, attempt = await self._known(hospital, month)
            done = await self._execute(
                hospital, OrderPayment(hospital.code, month, due, attempt, officer, now), context
            )
            made, state = (done,), done.state
        ordered = state.orders[month]
        pay = Pay(
            order=ordered.order,
            attempt=state.approved[month],
            kind="hospital",
            payer=Side(account=hospital_account(hospital.code), region=hospital.region),
            payee=hospital.code,
            payee_account=f"hospital:{hospital.code}",
            receiver=None,
            amount=ordered.amount,
            purpose=f"医保结算款{month}",
            now=now,
        )
        return made, ordered, await self.treasury.pay(pay, context.step("payment"))

    async def _known(self, hospital: Hospital, month: str) -> tuple[Decimal, int]:
        """What is due until the month's end; 1, or one more than what the bank rejected."""
        payment = await self.treasury.state(order_of(hospital.code, month))
        attempt = payment.attempt + 1 if isinstance(payment, NotOrdered | TurnedDown) else 1
        return await due_until(self.treasury.pool, hospital.code, month), attempt

    async def _execute(
        self, hospital: Hospital, command: ProposePayment | OrderPayment, context: Context
    ) -> Done[State]:
        return await self.treasury.store.execute(PAYOUT.stream(hospital.code), PAYOUT, command, context)
