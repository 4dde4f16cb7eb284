"""Entering and correcting people: the number is claimed first, then the entry is written.

A crash in between leaves a claim without an entry; whoever repeats the request goes on from there.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.identity.domain import id_claim, person
from services.identity.domain.events import IdNumberClaimed
from services.identity.domain.household_place import NOT_KNOWN, HouseholdPlace
from services.identity.domain.id_claim import ID_CLAIM, ClaimIdNumber, ReleaseIdNumber
from services.identity.domain.person import PERSON, Annulled, CorrectPerson, Dead, Entered, EnterPerson
from services.identity.pseudonyms import Pseudonyms
from shared.contracts.errors import Refused
from shared.contracts.event import Event
from shared.contracts.identity import PersonCorrected, PersonRegistered
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done, Store
from shared.standards.id_number import IdNumber


@dataclass(frozen=True, slots=True)
class Household:
    """The register as commands need it: found by ID number, which no stream or table holds in clear."""

    store: Store
    pseudonyms: Pseudonyms

    async def find(self, number: IdNumber) -> tuple[UUID, person.State]:
        """Whom a number stands for; for a number nobody bears, an id nobody has, by the same work."""
        claim = (await self.store.stand(self._claim_on(number), ID_CLAIM)).state
        id = self._holder(claim, number)
        entry = (await self.store.stand(PERSON.stream(id), PERSON)).state
        if isinstance(entry, Entered) and entry.id_number == number:
            return id, entry
        return self.pseudonyms.person(number, claim.claims), person.Unknown()

    async def bearer(self, number: IdNumber) -> person.State:
        """Who bears a number, the dead too."""
        claim = (await self.store.stand(self._claim_on(number), ID_CLAIM)).state
        if not isinstance(claim, id_claim.Claimed):
            return person.Unknown()
        state = (await self.store.stand(PERSON.stream(claim.person), PERSON)).state
        if isinstance(state, Entered | Dead) and person.entry_of(state).id_number == number:
            return state
        return person.Unknown()

    async def bearer_ever(self, number: IdNumber) -> person.State:
        """Who bears a number; when nobody does, the last who bore it: an older request names them so."""
        return next(iter(await self.bearers_ever(number)), person.Unknown())

    async def bearers_ever(self, number: IdNumber) -> list[Entered | Dead | Annulled]:
        """Whoever bears a number or bore it, the last first."""
        loaded = await self.store.load(self._claim_on(number), ID_CLAIM)
        claimed = [event.data.person for event in loaded.events if isinstance(event.data, IdNumberClaimed)]
        entries = [await self.store.load(PERSON.stream(id), PERSON) for id in dict.fromkeys(reversed(claimed))]
        found = [entry.state for entry in entries if any(bears(event.data, number) for event in entry.events)]
        return [state for state in found if not isinstance(state, person.Unknown)]

    async def state(self, id: UUID) -> person.State:
        return (await self.store.stand(PERSON.stream(id), PERSON)).state

    async def kept(self, id: UUID) -> Entered | Dead | Annulled:
        """What the register keeps, annulled entries too. Raises NotFound."""
        state = await self.state(id)
        if isinstance(state, person.Unknown):
            raise person.no_such_person()
        return state

    async def written(self, id: UUID) -> Entered | Dead:
        """What is in the register, closed entries too. Raises NotFound."""
        state = await self.kept(id)
        if isinstance(state, Annulled):
            raise person.no_such_person()
        return state

    async def entry(self, id: UUID) -> Entered:
        """Of the living. Raises NotFound, Refused "entry_closed"."""
        state = await self.written(id)
        if isinstance(state, Dead):
            raise person.entry_closed()
        return state

    async def enter(
        self,
        name: str,
        number: IdNumber,
        division: str,
        address: str,
        now: datetime,
        context: Context,
        household: HouseholdPlace = NOT_KNOWN,
    ) -> Done[person.State]:
        """Raises Invalid and NotValid, and Refused when the number is in the register."""
        id = self._holder(await self._standing_claim(number, now, context), number)
        command = EnterPerson(id, name, number, division, address, now, household)
        person.enter(command)  # what is not valid claims no number
        await self._claim(number, ClaimIdNumber(id, 1, now), context)
        return await self.store.execute(PERSON.stream(id), PERSON, command, context.step("enter"))

    async def correct(self, entry: Entered, command: CorrectPerson, context: Context) -> Done[person.State]:
        """`entry` as the registrar saw it. Raises Refused when the number is another's or the entry has moved on."""
        person.correct(entry, command)
        stream = PERSON.stream(entry.person)
        if command.id_number != entry.id_number:
            await self._standing_claim(command.id_number, command.now, context)
            claim = ClaimIdNumber(entry.person, entry.edition + 1, command.now)
            await self._claim(command.id_number, claim, context)
        return await self.store.execute(stream, PERSON, command, context.step("correct"))

    async def claim_for(self, newborn: UUID, number: IdNumber, now: datetime, context: Context) -> bool:
        """Whether the number is the newborn's, before his entry is written under it. False: it is another's."""
        try:
            await self._claim(number, ClaimIdNumber(newborn, 1, now), context)
        except Refused:
            return False
        return True

    async def _standing_claim(self, number: IdNumber, now: datetime, context: Context) -> id_claim.State:
        """The claim on a number, once one that has lapsed is released.

        It has lapsed when the edition it was made for is written, or a later one, and does not bear the number: it was
        corrected away, or another correction was first.
        """
        claim_on = self._claim_on(number)
        claim = (await self.store.stand(claim_on, ID_CLAIM)).state
        if not isinstance(claim, id_claim.Claimed):
            return claim
        state = (await self.store.stand(PERSON.stream(claim.person), PERSON)).state
        if isinstance(state, person.Unknown):
            return claim
        entry = person.entry_of(state)
        if entry.id_number == number:
            return claim
        # nothing comes of it while the edition the claim was made for is still to come
        release = ReleaseIdNumber(entry.person, entry.edition, now)
        return (await self.store.execute(claim_on, ID_CLAIM, release, replace(context, key=None))).state

    def _holder(self, claim: id_claim.State, number: IdNumber) -> UUID:
        if isinstance(claim, id_claim.Claimed):
            return claim.person
        return self.pseudonyms.person(number, claim.claims)

    def _claim_on(self, number: IdNumber) -> str:
        return ID_CLAIM.stream(self.pseudonyms.id_number(number))

    async def _claim(self, number: IdNumber, command: ClaimIdNumber, context: Context) -> None:
        await self.store.execute(self._claim_on(number), ID_CLAIM, command, context.step("claim"))


def bears(event: Event, number: IdNumber) -> bool:
    """Whether an entry was written under this number."""
    return isinstance(event, PersonRegistered | PersonCorrected) and event.id_number == number
