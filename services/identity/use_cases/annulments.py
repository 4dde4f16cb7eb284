"""Annulling an entry of the register: one registrar proposes, another person confirms, each of the entry's division."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.identity.domain.annulment import ConfirmAnnulment, EndAnnulmentProposal, ProposeAnnulment
from services.identity.domain.person import PERSON, State, entry_of
from services.identity.domain.two_officers import another_officer_needed, no_such_proposal
from services.identity.household import Household
from services.identity.use_cases.officers import OwnMatters, is_same_officer
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done, repeated


@dataclass(frozen=True, slots=True)
class Annulments:
    """`by` is a staff id. Each method raises NotFound, and Refused for an officer's own matter."""

    household: Household

    async def propose(
        self, person: UUID, by: UUID, reason: str, basis: str, now: datetime, context: Context
    ) -> Done[State]:
        """Raises Invalid, Refused."""
        await OwnMatters(self.household).stand_aside(by, person)
        command = ProposeAnnulment(context.id_for("proposal"), reason, basis, by, now)
        return await self.household.store.execute(PERSON.stream(person), PERSON, command, context)

    async def confirm(self, person: UUID, proposal: UUID, by: UUID, now: datetime, context: Context) -> Done[State]:
        """Raises Refused for whoever proposed it, under another login too."""
        if repeat := repeated(await self.household.store.load(PERSON.stream(person), PERSON), context):
            return repeat
        await OwnMatters(self.household).stand_aside(by, person)
        state = await self.household.kept(person)
        present = entry_of(state).annulment
        if present is None or present.id != proposal:
            raise no_such_proposal()
        if await is_same_officer(self.household, present.by, by):
            raise another_officer_needed()
        command = ConfirmAnnulment(proposal, present.by, by, now)
        return await self.household.store.execute(PERSON.stream(person), PERSON, command, context)

    async def end(self, person: UUID, proposal: UUID, by: UUID, now: datetime, context: Context) -> Done[State]:
        """Withdrawn by whoever proposed it, or declined by another."""
        command = EndAnnulmentProposal(proposal, by, now)
        return await self.household.store.execute(PERSON.stream(person), PERSON, command, context)
