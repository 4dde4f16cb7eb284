"""Recording and restoring marriages: both spouses are claimed, then the marriage is written.

A crash in between leaves claims without a marriage. Whoever repeats the request goes on from there; and once a claim
has waited longer than any request takes, the next marriage of either takes over: first the marriage's edition is ended
in its own stream, so whoever still works on it comes too late, then the claim is released.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from services.identity.domain import marriage
from services.identity.domain.events import SpouseClaimed
from services.identity.domain.marriage import (
    MARRIAGE,
    Ended,
    EndMarriage,
    LapseAttempt,
    RecordMarriage,
    RestoreMarriage,
    Standing,
    Unrecorded,
)
from services.identity.domain.person import Dead, Entered, entry_closed, no_such_person
from services.identity.domain.spouse_claim import SPOUSE_CLAIM, Claimed, ClaimSpouse, ReleaseSpouse
from services.identity.household import Household
from shared.contracts.errors import Refused
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done, Store
from shared.standards.id_number import IdNumber

UNFINISHED = timedelta(minutes=1)  # what was claimed longer ago, and came to nothing, nobody works on


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
        state = (await self.store.stand(stream, MARRIAGE)).state
        if isinstance(state, Unrecorded):
            command = replace(command, edition=state.edition)
            await self._claim(id, state.edition, (couple.husband.person, couple.wife.person), now, context)
        return await self.store.execute(stream, MARRIAGE, command, context.step("record"))

    async def end(self, id: UUID, command: EndMarriage, context: Context) -> Done[marriage.State]:
        """Raises NotFound, Invalid, Refused."""
        return await self.store.execute(MARRIAGE.stream(id), MARRIAGE, command, context)

    async def restore(self, id: UUID, now: datetime, context: Context) -> Done[marriage.State]:
        """Of one that a death had ended, while both live and neither has married since. Raises NotFound, Refused."""
        state = await self.written(id)
        if isinstance(state, Ended) and state.reason == "death":
            for person in state.marriage.persons:
                await self.household.entry(person)
            await self._claim(id, state.edition, state.marriage.persons, now, context)
        command = RestoreMarriage(state.edition, now)
        return await self.store.execute(MARRIAGE.stream(id), MARRIAGE, command, context.step("restore"))

    async def written(self, id: UUID) -> Standing | marriage.Ended:
        """Raises NotFound."""
        state = (await self.store.stand(MARRIAGE.stream(id), MARRIAGE)).state
        if isinstance(state, Unrecorded):
            raise marriage.no_such_marriage()
        return state

    async def of(self, person: UUID) -> Standing | None:
        """The marriage someone is in."""
        claim = (await self.store.stand(SPOUSE_CLAIM.stream(person), SPOUSE_CLAIM)).state
        if not isinstance(claim, Claimed):
            return None
        state = (await self.store.stand(MARRIAGE.stream(claim.marriage), MARRIAGE)).state
        return state if isinstance(state, Standing) and person in state.persons else None

    async def all_of(self, person: UUID) -> list[Standing | marriage.Ended]:
        """All that someone is or was in."""
        claims = await self.store.load(SPOUSE_CLAIM.stream(person), SPOUSE_CLAIM)
        ids = dict.fromkeys(event.data.marriage for event in claims.events if isinstance(event.data, SpouseClaimed))
        states = [(await self.store.stand(MARRIAGE.stream(id), MARRIAGE)).state for id in ids]
        found = [state for state in states if isinstance(state, Standing | Ended)]
        return [state for state in found if person in marriage.persons_of(state)]

    async def _claim(self, id: UUID, edition: int, persons: Iterable[UUID], now: datetime, context: Context) -> None:
        """Both or none, always in the same order. Raises Refused "already_married"."""
        anew = replace(context, key=None)  # claims and releases take turns; by themselves they do nothing twice
        claimed: list[UUID] = []
        try:
            for person in sorted(persons):
                await self._release_lapsed(person, id, now, anew)
                claim = ClaimSpouse(id, now, edition)
                done = await self.store.execute(SPOUSE_CLAIM.stream(person), SPOUSE_CLAIM, claim, anew)
                claimed += [person] if done.events else []
        except Refused:
            if claimed:
                await self._lapse(id, edition, now, anew)  # or who repeats beside us would count on what we release
            for person in claimed:
                release = ReleaseSpouse(id, now, edition)
                await self.store.execute(SPOUSE_CLAIM.stream(person), SPOUSE_CLAIM, release, anew)
            raise

    async def _release_lapsed(self, person: UUID, wanted: UUID, now: datetime, context: Context) -> None:
        stream = SPOUSE_CLAIM.stream(person)
        claim = (await self.store.stand(stream, SPOUSE_CLAIM)).state
        if not isinstance(claim, Claimed) or claim.marriage == wanted:
            return
        state = (await self.store.stand(MARRIAGE.stream(claim.marriage), MARRIAGE)).state
        if not isinstance(state, Standing) and state.edition == claim.edition and now - claim.at >= UNFINISHED:
            state = await self._lapse(claim.marriage, claim.edition, now, context)
        is_lapsed = person not in state.persons if isinstance(state, Standing) else state.edition > claim.edition
        if is_lapsed:
            release = ReleaseSpouse(claim.marriage, now, claim.edition)
            await self.store.execute(stream, SPOUSE_CLAIM, release, context)

    async def _lapse(self, id: UUID, edition: int, now: datetime, context: Context) -> marriage.State:
        command = LapseAttempt(id, edition, now)
        return (await self.store.execute(MARRIAGE.stream(id), MARRIAGE, command, context)).state

    async def _living(self, number: IdNumber) -> Entered:
        match await self.household.bearer(number):
            case Entered() as entry:
                return entry
            case Dead():
                raise entry_closed()
            case _:
                raise no_such_person()
