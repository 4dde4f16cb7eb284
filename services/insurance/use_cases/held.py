"""Two officers who keep the fund of the place of insurance decide on a held payment."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.insurance.directory import Directory
from services.insurance.domain import refusals
from services.insurance.domain.held import ConfirmOnHeld, Decision, ProposeOnHeld
from services.insurance.domain.hospital import Hospital, keeps_fund, serves_insured
from services.insurance.domain.insured import INSURED
from services.insurance.domain.insured_state import Held, Insured, State
from services.insurance.domain.officer import Officer
from services.insurance.domain.pricing import PolicyBook
from services.insurance.read_models.held import person_of
from shared.contracts.insurance import ClaimHeld
from shared.department.caller import Caller
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Done, Loaded, Store


@dataclass(frozen=True, slots=True)
class HeldDesk:
    store: Store
    pool: Pool
    directory: Directory
    policies: PolicyBook
    caller: Caller
    area: str  # the division they serve

    async def propose(
        self, held: UUID, decision: Decision, reason_zh: str, reason_en: str, now: datetime, context: Context
    ) -> Done[State]:
        person, known = await self._own(held)
        command = ProposeOnHeld(
            held, decision, reason_zh, reason_en, self._hospital(known), self.directory, self._officer, now
        )
        return await self.store.execute(INSURED.stream(person), INSURED, command, context)

    async def confirm(self, held: UUID, decision: Decision, now: datetime, context: Context) -> Done[State]:
        """By another person than who proposed it."""
        person, known = await self._own(held)
        command = ConfirmOnHeld(
            held, decision, self._hospital(known), self.policies, self.directory, self._officer, now
        )
        return await self.store.execute(INSURED.stream(person), INSURED, command, context)

    @property
    def _officer(self) -> Officer:
        return Officer(self.caller.id, self.caller.person)

    async def _own(self, held: UUID) -> tuple[UUID, Held]:
        """Raises NotFound also for another place's; NotAllowed where the office does not keep the fund, or for a matter
        of the officer's own."""
        loaded, known = await find_held(self.store, self.pool, held)
        assert isinstance(loaded.state, Insured)
        if not serves_insured(known.of.region, self.area):
            raise refusals.no_such_held()
        if not keeps_fund(known.of.region, self.area):
            raise refusals.not_own_fund()
        self.caller.stand_aside(loaded.state.person)
        return loaded.state.person, known

    def _hospital(self, known: Held) -> Hospital | None:
        """None: of an allowance, or no longer designated."""
        return self.directory.hospitals.get(known.of.hospital) if isinstance(known.of, ClaimHeld) else None


async def find_held(store: Store, pool: Pool, held: UUID) -> tuple[Loaded[State], Held]:
    """The stream it stands in, and how it stands. Raises NotFound."""
    person = await person_of(pool, held)
    if person is None:
        raise refusals.no_such_held()
    loaded = await store.load(INSURED.stream(person), INSURED)
    known = loaded.state.held.get(held) if isinstance(loaded.state, Insured) else None
    if known is None:
        raise refusals.no_such_held()
    return loaded, known
