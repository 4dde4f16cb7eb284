"""Giving, answering and ending mandates. Giving takes the same work, and one answer, whoever is named as agent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.identity.domain import account, mandate
from services.identity.domain import mandate_refusals as refusals
from services.identity.domain.account import ACCOUNT
from services.identity.domain.mandate import (
    MANDATE,
    AcceptMandate,
    Addressee,
    DeclineMandate,
    EndByParty,
    GiveMandate,
    NotGiven,
    Party,
)
from services.identity.domain.mandate_day import MANDATE_DAY, CountMandate
from services.identity.domain.mandate_terms import check_terms
from services.identity.domain.person import Entered
from services.identity.domain.today import today
from services.identity.household import Household
from services.identity.read_models.mandates_given import MandateRow, addressed_to, given_by, open_of
from services.identity.use_cases.officers import is_officer, stand_aside
from shared.contracts.matters import MATTERS, Matters
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Done, Store
from shared.standards.id_number import IdNumber
from shared.standards.person_name import is_same_name, person_name


@dataclass(frozen=True, slots=True)
class Offer:
    """What a principal asks for: to whom, for what, until when."""

    agent_name: str
    agent_number: IdNumber
    matters: tuple[str, ...]
    until: date


@dataclass(frozen=True, slots=True)
class Officer:
    """Who records a mandate at a counter."""

    staff: UUID


@dataclass(frozen=True, slots=True)
class Mandates:
    household: Household
    pool: Pool
    matters: Matters = MATTERS

    @property
    def store(self) -> Store:
        return self.household.store

    async def party(self, person: UUID) -> Party:
        """Raises NotFound, Refused "entry_closed"."""
        return _party(await self.household.entry(person))

    async def somebody(self, name: str, number: IdNumber) -> Entered:
        """Who stands at a counter. Raises Invalid; which part is wrong is not told."""
        _, entry = await self.household.find(number)
        if not account.is_of_register(entry, name, number):
            raise refusals.nobody_of_that_name()
        return entry

    async def give(
        self, principal: Party, offer: Offer, now: datetime, context: Context, officer: Officer | None = None
    ) -> Done[mandate.State]:
        """Raises Invalid, Refused and TooMany: never for whether the agent exists."""
        number, day = offer.agent_number, today(now)
        check_terms(
            self.matters, principal.id_number, number, offer.matters, offer.until, day, at_counter=officer is not None
        )
        agent = Addressee(
            person_name(offer.agent_name, "agent.name"), number, self.household.pseudonyms.id_number(number)
        )
        if officer:
            await self._not_between(officer.staff, principal, number)
        told = await self._verified(agent)
        id = context.id_for("mandate")
        await self._count(principal.person, id, day, now, context)
        command = GiveMandate(
            id, principal, agent, told, offer.matters, offer.until, now, officer.staff if officer else None
        )
        return await self.store.execute(MANDATE.stream(id), MANDATE, command, context)

    async def accept(self, id: UUID, person: UUID, now: datetime, context: Context) -> Done[mandate.State]:
        """Raises NotFound for a mandate of others, Refused for one that is over."""
        command = AcceptMandate(await self.party(person), now)
        return await self.store.execute(MANDATE.stream(id), MANDATE, command, context)

    async def decline(self, id: UUID, person: UUID, now: datetime, context: Context) -> Done[mandate.State]:
        """Raises NotFound for a mandate of others, Refused for one that is accepted or over."""
        command = DeclineMandate(await self.party(person), now)
        return await self.store.execute(MANDATE.stream(id), MANDATE, command, context)

    async def end(
        self, id: UUID, person: UUID, now: datetime, context: Context, officer: Officer | None = None
    ) -> Done[mandate.State]:
        """By principal or agent, at once. Raises NotFound for a mandate of others."""
        command = EndByParty(person, now, officer.staff if officer else None)
        return await self.store.execute(MANDATE.stream(id), MANDATE, command, context)

    async def given_by(self, principal: UUID) -> Sequence[MandateRow]:
        return await given_by(self.pool, principal)

    async def given_to(self, person: UUID) -> Sequence[MandateRow]:
        """Those addressed to this very name and number, and those this person has answered."""
        entry = await self.household.entry(person)
        rows = await addressed_to(self.pool, person, self.household.pseudonyms.id_number(entry.id_number))
        return [row for row in rows if row.agent == person or is_same_name(row.agent_name, entry.name)]

    async def _verified(self, agent: Addressee) -> UUID | None:
        """The verified person of that name and number, by the same work for everybody."""
        id, entry = await self.household.find(agent.id_number)
        opened = (await self.store.stand(ACCOUNT.stream(id), ACCOUNT)).state
        is_known = account.is_of_register(entry, agent.name, agent.id_number)
        return id if is_known and isinstance(opened, account.Opened) else None

    async def _not_between(self, staff: UUID, principal: Party, agent: IdNumber) -> None:
        """Raises Invalid when the officer is the agent, Refused when they are the principal."""
        entry, _ = await self.household.find(agent)
        if await is_officer(self.household, staff, agent, entry):
            raise refusals.not_the_officer()
        await stand_aside(self.household, staff, principal.id_number, principal.person)

    async def _count(self, principal: UUID, id: UUID, day: date, now: datetime, context: Context) -> None:
        if not isinstance((await self.store.stand(MANDATE.stream(id), MANDATE)).state, NotGiven):
            return  # asked again under its key
        if await open_of(self.pool, principal) >= self.matters.open_at_once:
            raise refusals.too_many_open(self.matters.open_at_once)
        stream = MANDATE_DAY.stream(f"{principal}-{day}")
        command = CountMandate(id, self.matters.a_day, now)
        await self.store.execute(stream, MANDATE_DAY, command, context.step("count"))


def _party(entry: Entered) -> Party:
    return Party(entry.person, entry.name, entry.id_number)
