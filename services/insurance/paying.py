"""From a confirmed allowance to its payment: effectively once, because everything follows from the allowance.

The request that confirms orders at once. Should it be killed in between, or the bank decide later, the leader's sweep
over `allowances` goes on. Each confirmation is one attempt of one and the same order.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from services.insurance.directory import directory
from services.insurance.domain.allowances import CheckBeforePaying, NoteAllowancePaid, NoteAllowanceRejected
from services.insurance.domain.events import Side
from services.insurance.domain.insured import INSURED
from services.insurance.domain.insured_state import Allowance, Insured, State
from services.insurance.domain.payment import NotOrdered, Paid, Pay, TurnedDown
from services.insurance.domain.postings import BENEFITS
from services.insurance.read_models.allowances import next_to_pay, person_of
from services.insurance.treasury import Treasury
from shared.contracts.errors import TongbanError
from shared.department.paging import Place
from shared.department.sweeping import Clock, go_through, utc_now
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done

log = structlog.get_logger(__name__)

PURPOSE = "生育津贴"


@dataclass(frozen=True, slots=True)
class Paying:
    treasury: Treasury
    at_once: int = 100  # allowances a page of the sweep

    async def pay(self, allowance: UUID, person: UUID, now: datetime) -> Done[State] | None:
        """Order it, and note how the payment ended. None: nothing to pay, or not decided yet.

        Before an order leaves it is looked at once more: what came up since the confirmation holds it.
        """
        stream, store = INSURED.stream(person), self.treasury.store
        state = (await store.stand(stream, INSURED)).state
        if not isinstance(state, Insured) or state.allowances[allowance].status != "confirmed":
            return None
        confirmed = state.allowances[allowance]
        ordered = await self.treasury.state(allowance)
        if isinstance(ordered, NotOrdered | TurnedDown) and ordered.attempt < confirmed.confirmations:
            check = CheckBeforePaying(allowance, directory(), now)
            checked = await store.execute(stream, INSURED, check, Context(self.treasury.itself))
            if checked.events:
                return checked
        context = Context(self.treasury.itself, key=f"allowance {allowance} {confirmed.confirmations}")
        order = _order(state, confirmed, now)
        match await self.treasury.pay(order, context.step("payment")):
            case Paid(receipt=receipt):
                noted = NoteAllowancePaid(allowance, receipt, now)
                return await store.execute(stream, INSURED, noted, context.step("paid"))
            case TurnedDown(attempt=attempt, code=code, reason=reason) if attempt == order.attempt:
                rejected = NoteAllowanceRejected(allowance, attempt, code, reason, now)
                return await store.execute(stream, INSURED, rejected, context.step("rejected"))
            case _:
                return None

    async def pay_now(self, allowance: UUID, person: UUID, now: datetime) -> Done[State] | None:
        """As `pay`; None also when that is not possible at the moment: the sweep tries on."""
        try:
            return await self.pay(allowance, person, now)
        except TongbanError:
            log.exception("allowance not paid yet", allowance=str(allowance))
            return None

    async def sweep(self, clock: Clock = utc_now) -> int:
        """Go on with whatever is confirmed and neither paid nor rejected, the longest waiting first. Returns how many
        it brought to an end."""

        async def go_on(place: Place) -> bool:
            person = await person_of(self.treasury.pool, place.id)
            assert person is not None
            return await self.pay(place.id, person, clock()) is not None

        decided = await go_through(
            "allowances to pay", next_to_pay, go_on, self.treasury.pool, clock, a_page=self.at_once
        )
        if decided:
            log.info("confirmed before, decided by the sweep", allowances=decided)
        return decided


def _order(state: Insured, confirmed: Allowance, now: datetime) -> Pay:
    prepared = confirmed.prepared
    region = state.region_of(prepared.settlement)
    return Pay(
        order=prepared.allowance,
        attempt=confirmed.confirmations,
        kind="allowance",
        payer=Side(account=f"{BENEFITS}:{region}", region=region),
        payee=str(state.person),
        payee_account=state.payee_account,
        receiver=None,
        amount=prepared.amount,
        purpose=PURPOSE,
        now=now,
    )
