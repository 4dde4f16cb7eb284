"""Recording marriages: both spouses are claimed, then the marriage is written.

A crash in between leaves claims without a marriage; whoever repeats the request goes on from there.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.identity.domain import marriage, spouse_claim
from services.identity.domain.marriage import MARRIAGE, EndMarriage, RecordMarriage, Standing, Unrecorded
from services.identity.domain.person import Dead, Entered, entry_closed, no_such_person
from services.identity.domain.spouse_claim import SPOUSE_CLAIM, ClaimSpouse, ReleaseSpouse
from services.identity.household import Household
from shared.contracts.errors import Refused
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done, Store
from shared.standards.id_number import IdNumber


@dataclass(frozen=True, slots=True)
class Couple:
    husband: Entered
    wife: Entered


@dataclass(frozen=True, slots=True)
class Marriages:
    household: Household

    @property
    def store(self) -> Store:
        return self.household.store

    async def couple(self, husband: IdNumber, wife: IdNumber) -> Couple:
        """Raises NotFound, Refused "entry_closed"."""
        return Couple(await self._living(husband), await self._living(wife))

    async def record(
        self, couple: Couple, licence: str, married_on: date, now: datetime, context: Context
    ) -> Done[marriage.State]:
        """The marriage's id follows from its licence. Raises Invalid and Refused."""
        id = self.household.pseudonyms.marriage(licence)
        command = RecordMarriage(id, couple.husband, couple.wife, licence, married_on, now)
        marriage.record(command)  # what is not valid claims nobody
        stream = MARRIAGE.stream(id)
        if isinstance((await self.store.load(stream, MARRIAGE)).state, Unrecorded):
            await self._claim(id, sorted((couple.husband.person, couple.wife.person)), now, context)
        return await self.store.execute(stream, MARRIAGE, command, context.step("record"))

    async def end(self, id: UUID, command: EndMarriage, context: Context) -> Done[marriage.State]:
        """Raises NotFound, Invalid, Refused."""
        return await self.store.execute(MARRIAGE.stream(id), MARRIAGE, command, context)

    async def written(self, id: UUID) -> Standing | marriage.Ended:
        """Raises NotFound."""
        state = (await self.store.load(MARRIAGE.stream(id), MARRIAGE)).state
        if isinstance(state, Unrecorded):
            raise marriage.no_such_marriage()
        return state

    async def of(self, person: UUID) -> Standing | None:
        """The marriage someone is in."""
        claim = (await self.store.load(SPOUSE_CLAIM.stream(person), SPOUSE_CLAIM)).state
        if not isinstance(claim, spouse_claim.Claimed):
            return None
        state = (await self.store.load(MARRIAGE.stream(claim.marriage), MARRIAGE)).state
        return state if isinstance(state, Standing) and person in state.persons else None

    async def _claim(self, id: UUID, persons: list[UUID], now: datetime, context: Context) -> None:
        """Both or none, always in the same order. Raises Refused "already_married"."""
        anew = replace(context, key=None)  # claims and releases take turns; by themselves they do nothing twice
        claimed: list[UUID] = []
        try:
            for person in persons:
                await self._release_lapsed(person, now, anew)
                done = await self.store.execute(SPOUSE_CLAIM.stream(person), SPOUSE_CLAIM, ClaimSpouse(id, now), anew)
                claimed += [person] if done.events else []
        except Refused:
            for person in claimed:
                await self.store.execute(SPOUSE_CLAIM.stream(person), SPOUSE_CLAIM, ReleaseSpouse(id, now), anew)
            raise

    async def _release_lapsed(self, person: UUID, now: datetime, context: Context) -> None:
        stream = SPOUSE_CLAIM.stream(person)
        claim = (await self.store.load(stream, SPOUSE_CLAIM)).state
        if not isinstance(claim, spouse_claim.Claimed):
            return
        state = (await self.store.load(MARRIAGE.stream(claim.marriage), MARRIAGE)).state
        stands = isinstance(state, Standing) and person in state.persons
        if not stands and not isinstance(state, Unrecorded):
            await self.store.execute(stream, SPOUSE_CLAIM, ReleaseSpouse(claim.marriage, now), context)

    async def _living(self, number: IdNumber) -> Entered:
        match await self.household.bearer(number):
            case Entered() as entry:
                return entry
            case Dead():
                raise entry_closed()
            case _:
                raise no_such_person()
