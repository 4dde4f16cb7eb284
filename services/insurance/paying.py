"""From a confirmed allowance to its payment: effectively once, because everything follows from the allowance.

The request that confirms pays at once. Should it be killed in between, the leader's sweep over `allowances` does it.
Both hand in the same order, and an order is paid once.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from services.insurance.domain.allowances import NoteAllowancePaid
from services.insurance.domain.insured import INSURED
from services.insurance.domain.insured_state import Insured, State
from services.insurance.domain.postings import BENEFITS
from services.insurance.payments import PaymentOrder, Payments
from services.insurance.read_models.allowances import next_to_pay, person_of
from shared.contracts.errors import TongbanError
from shared.contracts.event import Metadata
from shared.department.sweeping import Clock, all_of, utc_now
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Done, Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Paying:
    store: Store
    pool: Pool
    payments: Payments
    at_once: int = 100  # allowances a page of the sweep

    async def pay(self, allowance: UUID, person: UUID, now: datetime) -> Done[State] | None:
        """None: there is nothing to pay. Raises what the port and the store raise."""
        stream = INSURED.stream(person)
        state = (await self.store.load(stream, INSURED)).state
        if not isinstance(state, Insured) or state.allowances[allowance].status != "confirmed":
            return None
        prepared = state.allowances[allowance].prepared
        region = state.region_of(prepared.settlement)
        department = self.store.registry.department
        context = Context(Metadata(actor=f"department:{department}"), key=f"allowance {allowance}")
        order = PaymentOrder(allowance, f"{BENEFITS}:{region}", region, str(person), prepared.amount)
        receipt = await self.payments.pay(order, now, context.step("payment"))
        return await self.store.execute(
            stream, INSURED, NoteAllowancePaid(allowance, receipt, now), context.step("paid")
        )

    async def pay_now(self, allowance: UUID, person: UUID, now: datetime) -> Done[State] | None:
        """As `pay`; None also when that is not possible at the moment: the sweep tries on."""
        try:
            return await self.pay(allowance, person, now)
        except TongbanError:
            log.exception("allowance not paid yet", allowance=str(allowance))
            return None

    async def sweep(self, clock: Clock = utc_now) -> int:
        """Pay whatever is confirmed and not paid, the longest waiting first. Returns how many it paid."""
        paid = 0
        async for place in all_of(next_to_pay, self.pool, self.at_once):
            person = await person_of(self.pool, place.id)
            assert person is not None
            paid += await self.pay_now(place.id, person, clock()) is not None
        if paid:
            log.info("confirmed before, paid by the sweep", allowances=paid)
        return paid
