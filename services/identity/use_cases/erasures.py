"""Asking that a person's data be erased, and what every department answered."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.identity.domain.erasure import (
    ASKING,
    AskErasure,
    Asking,
    ConfirmErasure,
    EndErasureProposal,
    ProposeErasure,
)
from services.identity.domain.two_officers import another_officer_needed, no_such_proposal
from services.identity.erasing import FIRST, LAST
from services.identity.household import Household
from services.identity.read_models.erasure_answers import answers_of
from services.identity.use_cases.officers import OwnMatters, is_same_officer
from shared.department.erasures import Standing, standing_of
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done, repeated

ITSELF = "identity"


@dataclass(frozen=True, slots=True)
class Answered:
    """One department's answer. `standing` None: it has not answered this request yet."""

    department: str
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class Erasures:
    """`by` is a staff id. What officers do raises NotFound, and Refused for an officer's own matter."""

    household: Household

    async def ask(self, person: UUID, now: datetime, context: Context) -> Done[Asking]:
        """By the citizen. Nothing new as long as departments have yet to answer."""
        command = AskErasure(person, context.id_for("request"), now)
        return await self.household.store.execute(ASKING.stream(person), ASKING, command, context)

    async def propose(self, person: UUID, by: UUID, basis: str, now: datetime, context: Context) -> Done[Asking]:
        """Raises Invalid, Refused."""
        await OwnMatters(self.household).stand_aside(by, person)
        command = ProposeErasure(person, context.id_for("proposal"), basis, by, now)
        return await self.household.store.execute(ASKING.stream(person), ASKING, command, context)

    async def confirm(self, person: UUID, proposal: UUID, by: UUID, now: datetime, context: Context) -> Done[Asking]:
        """Raises Refused for whoever proposed it, under another login too."""
        loaded = await self.household.store.load(ASKING.stream(person), ASKING)
        if repeat := repeated(loaded, context):
            return repeat
        await OwnMatters(self.household).stand_aside(by, person)
        present = loaded.state.proposal
        if present is None or present.id != proposal:
            raise no_such_proposal()
        if await is_same_officer(self.household, present.by, by):
            raise another_officer_needed()
        command = ConfirmErasure(person, proposal, present.by, by, context.id_for("request"), now)
        return await self.household.store.execute(ASKING.stream(person), ASKING, command, context)

    async def end(self, person: UUID, proposal: UUID, by: UUID, now: datetime, context: Context) -> Done[Asking]:
        """Withdrawn by whoever proposed it, or declined by another."""
        command = EndErasureProposal(person, proposal, by, now)
        return await self.household.store.execute(ASKING.stream(person), ASKING, command, context)

    async def state(self, person: UUID) -> Asking:
        return (await self.household.store.stand(ASKING.stream(person), ASKING)).state

    async def answers(self, person: UUID, request: UUID) -> list[Answered]:
        """Of every department, identity's own last. What was erased for an earlier request counts."""
        pool = self.household.store.pool
        given = await answers_of(pool, person)
        own = await standing_of(pool, person)
        if own and own.answered_at:
            given[ITSELF] = own
        return [
            Answered(name, one if (one := given.get(name)) and one.request == request else None)
            for name in (*FIRST, LAST, ITSELF)
        ]
