"""Two officers who keep the fund record that money was paid back, or drop the order."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.insurance.domain import refusals
from services.insurance.domain.hospital import keeps_fund, serves_insured
from services.insurance.domain.insured import INSURED
from services.insurance.domain.insured_state import Insured, Repayment, State
from services.insurance.domain.officer import Officer
from services.insurance.domain.repayment import ConfirmOnRepayment, ProposeOnRepayment, Step
from services.insurance.read_models.repayments import person_of
from shared.department.caller import Caller
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Done, Store


@dataclass(frozen=True, slots=True)
class RepaymentDesk:
    store: Store
    pool: Pool
    caller: Caller
    area: str  # the division they serve

    async def propose(self, order: UUID, step: Step, note: str, now: datetime, context: Context) -> Done[State]:
        person = await self._own(order)
        command = ProposeOnRepayment(order, step, note, self._officer, now)
        return await self.store.execute(INSURED.stream(person), INSURED, command, context)

    async def confirm(self, order: UUID, step: Step, now: datetime, context: Context) -> Done[State]:
        """By another person than who proposed it."""
        person = await self._own(order)
        command = ConfirmOnRepayment(order, step, self._officer, now)
        return await self.store.execute(INSURED.stream(person), INSURED, command, context)

    @property
    def _officer(self) -> Officer:
        return Officer(self.caller.id, self.caller.person)

    async def _own(self, order: UUID) -> UUID:
        """Raises NotFound also for another place's; NotAllowed where the office does not keep the fund, or for a matter
        of the officer's own."""
        person = await person_of(self.pool, order)
        if person is None:
            raise refusals.no_such_repayment()
        state = (await self.store.stand(INSURED.stream(person), INSURED)).state
        known = repayment_of(state, order)
        if not serves_insured(known.of.region, self.area):
            raise refusals.no_such_repayment()
        if not keeps_fund(known.of.region, self.area):
            raise refusals.not_own_fund()
        self.caller.stand_aside(person)
        return person


def repayment_of(state: State, order: UUID) -> Repayment:
    """Raises NotFound."""
    known = state.repayments.get(order) if isinstance(state, Insured) else None
    if known is None:
        raise refusals.no_such_repayment()
    return known
