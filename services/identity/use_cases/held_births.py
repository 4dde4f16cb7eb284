"""Deciding about held births: one registrar proposes, another person confirms, each of the household's division."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.identity.domain.delivery import (
    DELIVERY,
    ConfirmDecision,
    Deliveries,
    EndProposal,
    OneBirth,
    ProposeDecision,
    not_held,
)
from services.identity.domain.events import HeldDecision
from services.identity.domain.two_officers import another_officer_needed, require_proposal
from services.identity.household import Household
from services.identity.use_cases.officers import OwnMatters, is_same_officer
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done, repeated


@dataclass(frozen=True, slots=True)
class Held:
    """A held birth, and whose it is: nobody related to them decides."""

    mother: UUID
    newborn: UUID


@dataclass(frozen=True, slots=True)
class HeldBirths:
    """`by` is a staff id. Each method raises NotFound, and Refused for an officer's own matter."""

    household: Household

    async def propose(
        self, held: Held, by: UUID, decision: HeldDecision, reason: str, now: datetime, context: Context
    ) -> Done[Deliveries]:
        """Raises Invalid, Refused."""
        await OwnMatters(self.household).stand_aside(by, held.mother)
        command = ProposeDecision(held.newborn, context.id_for("proposal"), decision, reason, by, now)
        return await self._execute(held, command, context)

    async def confirm(self, held: Held, proposal: UUID, by: UUID, now: datetime, context: Context) -> Done[Deliveries]:
        """Raises Refused for whoever proposed it, under another login too."""
        if repeat := repeated(await self.household.store.load(DELIVERY.stream(held.mother), DELIVERY), context):
            return repeat
        await OwnMatters(self.household).stand_aside(by, held.mother)
        present = require_proposal((await self._birth(held)).proposal, proposal)
        if await is_same_officer(self.household, present.by, by):
            raise another_officer_needed()
        return await self._execute(held, ConfirmDecision(held.newborn, proposal, present.by, by, now), context)

    async def end(self, held: Held, proposal: UUID, by: UUID, now: datetime, context: Context) -> Done[Deliveries]:
        """Withdrawn by whoever proposed it, or declined by another."""
        return await self._execute(held, EndProposal(held.newborn, proposal, by, now), context)

    async def _birth(self, held: Held) -> OneBirth:
        state = (await self.household.store.stand(DELIVERY.stream(held.mother), DELIVERY)).state
        birth = state.births.get(held.newborn)
        if birth is None:
            raise not_held()
        return birth

    async def _execute(
        self, held: Held, command: ProposeDecision | ConfirmDecision | EndProposal, context: Context
    ) -> Done[Deliveries]:
        return await self.household.store.execute(DELIVERY.stream(held.mother), DELIVERY, command, context)
