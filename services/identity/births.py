"""Entering newborns for cases: the birth is claimed, then a number chosen and claimed, then the entry written.

Each step does nothing the second time, and the newborn's id follows from the case's item; so a crash anywhere heals
when the item is looked at again, and two desks that work on one item make one entry.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from services.identity.domain import person
from services.identity.domain.birth import Birth, birth_of, parents_of
from services.identity.domain.birth_claim import BIRTH_CLAIM, ClaimBirth, ReleaseBirth
from services.identity.domain.newborn_number import NEWBORN_NUMBER, ChooseNumber, Numbered
from services.identity.domain.number_series import NumberSeries, NumbersUsedUp
from services.identity.domain.person import PERSON, EnterNewborn, EnterPerson
from services.identity.domain.today import today
from services.identity.free_numbers import FreeNumbers
from services.identity.household import Household
from shared.contracts.case_items import ItemTaken, Words
from shared.contracts.errors import Refused
from shared.eventstore.aggregate import Context
from shared.messaging.asked_item import Answer, AnswerDone, AnswerRefused, AnswerUndone, reference
from shared.standards.errors import NotValid
from shared.standards.id_number import IdNumber

STAYS: Final = Words(
    zh="已完成户口登记，如需撤销请到派出所办理。",
    en="The child is in the household register; to have the entry undone, please go to the police station.",
)
MAY_RETRY: Final = frozenset({"mother_not_registered", "father_not_registered", "household_elsewhere"})


class Births:
    def __init__(self, household: Household, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._household, self._clock = household, clock
        self._store, self._pseudonyms = household.store, household.pseudonyms
        self.free = FreeNumbers(household.store, household.pseudonyms)

    async def enter(self, request: ItemTaken, context: Context) -> Answer:
        """The action `enter_birth`. Inputs: those of `Birth`, all as text."""
        newborn = self._newborn(request)
        try:
            number = await self._number_in_register(newborn) or await self._enter(newborn, request.inputs, context)
        except (Refused, NotValid) as refusal:
            may_retry = refusal.code in MAY_RETRY or isinstance(refusal, NumbersUsedUp)
            words = Words(zh=refusal.text.zh, en=refusal.text.en)
            return AnswerRefused(refusal.code, words, self._clock(), may_retry)
        return AnswerDone({"child": str(newborn), "child_id_number": number}, self._clock())

    async def undo(self, request: ItemTaken, context: Context) -> AnswerUndone:
        """An entry stays; a birth that came to none may be entered by another case."""
        newborn = self._newborn(request)
        if await self._number_in_register(newborn):
            return AnswerUndone(STAYS, self._clock())
        try:
            birth = birth_of(request.inputs, today(self._clock()))
        except (Refused, NotValid):
            return AnswerUndone(None, self._clock())  # so nothing was claimed
        match await self._household.bearer(birth.mother):
            case (person.Entered() as mother) | person.Dead(mother):
                await self._release(newborn, self._claims_on(birth, mother.person), context)
        return AnswerUndone(None, self._clock())

    async def _enter(self, newborn: UUID, inputs: Mapping[str, str], context: Context) -> IdNumber:
        now = self._clock()
        birth = birth_of(inputs, today(now))
        mother, father = parents_of(
            birth, await self._household.bearer(birth.mother), await self._household.bearer(birth.father)
        )
        claims = self._claims_on(birth, mother.person)
        try:
            for claim in claims:
                await self._store.execute(claim, BIRTH_CLAIM, ClaimBirth(newborn, now), replace(context, key=None))
            number = await self._number(newborn, birth, context)
        except Refused:
            await self._release(newborn, claims, context)
            raise
        entry = EnterPerson(newborn, birth.name, number, birth.division, birth.address, now)
        command = EnterNewborn(entry, guardians=(mother.person, father.person))
        await self._store.execute(PERSON.stream(newborn), PERSON, command, context.step("enter"))
        return number

    async def _number(self, newborn: UUID, birth: Birth, context: Context) -> IdNumber:
        """Chosen and claimed. Raises NumbersUsedUp."""
        series = NumberSeries(birth.county, birth.born_on, birth.is_male)
        stream, fresh = NEWBORN_NUMBER.stream(newborn), replace(context, key=None)
        chosen = (await self._store.load(stream, NEWBORN_NUMBER)).state
        if isinstance(chosen, Numbered) and chosen.number in series and await self._claim(newborn, chosen, fresh):
            return chosen.number
        while True:
            async with self.free.offer(series) as number:
                command = ChooseNumber(newborn, number, instead_of=chosen, now=self._clock())
                chosen = (await self._store.execute(stream, NEWBORN_NUMBER, command, fresh)).state
                if isinstance(chosen, Numbered) and await self._claim(newborn, chosen, fresh):
                    return chosen.number

    async def _claim(self, newborn: UUID, chosen: Numbered, context: Context) -> bool:
        return await self._household.claim_for(newborn, chosen.number, self._clock(), context)

    async def _number_in_register(self, newborn: UUID) -> IdNumber | None:
        match (await self._store.load(PERSON.stream(newborn), PERSON)).state:
            case person.Entered(id_number=number) | person.Dead(person.Entered(id_number=number)):
                return number
            case _:
                return None

    def _claims_on(self, birth: Birth, mother: UUID) -> tuple[str, str]:
        """The streams of the birth and of its certificate."""
        return (
            BIRTH_CLAIM.stream(self._pseudonyms.birth(mother, birth.born_on, birth.order)),
            BIRTH_CLAIM.stream(self._pseudonyms.birth_certificate(birth.certificate)),
        )

    async def _release(self, newborn: UUID, claims: tuple[str, ...], context: Context) -> None:
        for claim in claims:
            command = ReleaseBirth(newborn, self._clock())
            await self._store.execute(claim, BIRTH_CLAIM, command, replace(context, key=None))

    def _newborn(self, request: ItemTaken) -> UUID:
        return self._pseudonyms.newborn(reference(request.case, request.item))
