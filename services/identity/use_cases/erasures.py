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
from services.identity.domain.person import Entered
from services.identity.domain.today import is_of_age, today
from services.identity.domain.two_officers import another_officer_needed, no_such_proposal
from services.identity.erasing import FIRST, LAST
from services.identity.household import Household
from services.identity.read_models.erasure_answers import answers_of
from services.identity.use_cases.officers import OwnMatters, is_same_officer
from shared.contracts.errors import NotFound
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

    async def whose(self, citizen: UUID, of: UUID | None, now: datetime) -> UUID:
        """The citizen's own business, or that of a minor whose guardian they are. Raises NotFound for any other."""
        if of is None or of == citizen:
            return citizen
        ward = await self.household.state(of)
        if isinstance(ward, Entered) and citizen in ward.guardians and not is_of_age(ward.id_number, today(now)):
            return of
        raise NotFound(
            "no_such_ward",
            "没有找到由您监护的该未成年人，请从“我的户口登记”的子女中选择。",
            "You are guardian of no such minor; please choose from the children of your household entry.",
        )

    async def ask(self, citizen: UUID, person: UUID, now: datetime, context: Context) -> Done[Asking]:
        """By the citizen, or by the guardian. Nothing new as long as departments have yet to answer."""
        guardian = None if citizen == person else citizen
        command = AskErasure(person, context.id_for("request"), now, guardian)
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
