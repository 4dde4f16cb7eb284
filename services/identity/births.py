"""Entering newborns for cases: the birth is claimed, then a number chosen and claimed, then the entry written.

Each step does nothing the second time, and the newborn's id follows from the case's item; so a crash anywhere heals
when the item is looked at again, and two desks that work on one item make one entry. Whoever the request names is
looked up anew at each try. What is implausible waits for two officers (`domain/delivery.py`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from services.identity.domain import person
from services.identity.domain.birth import COUNTY, Birth, Named, birth_of
from services.identity.domain.delivery import OF_PARENTS, OneBirth
from services.identity.domain.household_place import HOUSEHOLDER, HouseholdPlace
from services.identity.domain.newborn_number import NEWBORN_NUMBER, ChooseNumber, Numbered
from services.identity.domain.number_series import NumberSeries, NumbersUsedUp
from services.identity.domain.parentage import Parents, implausible_parents, parents_of
from services.identity.domain.person import PERSON, Dead, Entered, EnterNewborn, EnterPerson, OfBirth
from services.identity.domain.register_rules import RegisterRules, in_force
from services.identity.domain.today import today
from services.identity.free_numbers import FreeNumbers
from services.identity.household import Household
from services.identity.marriages import Marriages
from services.identity.reactions import ITEM
from services.identity.register_rules_file import REGISTER_RULES
from services.identity.use_cases.birth_claims import BirthClaims, Claimant
from shared.contracts.case_items import ItemTaken, Words
from shared.contracts.errors import Invalid, Refused
from shared.eventstore.aggregate import Context
from shared.messaging.asked_item import (
    Answer,
    AnswerDone,
    AnswerRefused,
    AnswerUndone,
    AnswerWaiting,
    item_id,
    reference,
)
from shared.standards.errors import NotValid
from shared.standards.id_number import IdNumber

STAYS: Final = Words(
    zh="已完成户口登记；登记有误、确需撤销的，请到派出所办理。",
    en="The child is in the household register; if that is wrong, please ask the police station to annul it.",
)
HELD: Final = Words(
    zh="待核实：该出生登记与母亲名下的其他出生登记时间相近，须由派出所两名民警核实后办理，结果会告知您；请保持电话畅通。",
    en="Held: this birth is very close to another one of the mother, so two officers of the police station look into "
    "it first. You will be told; please keep your phone at hand.",
)
HELD_FOR_AGE: Final = Words(
    zh="待核实：登记的父母年龄与这次出生不常见，须由派出所两名民警核实后办理，结果会告知您；请保持电话畅通。",
    en="Held: the age of a parent is unusual for this birth, so two officers of the police station look into it "
    "first. You will be told; please keep your phone at hand.",
)
HELD_FOR_PROOF: Final = Words(
    zh="待核实：非婚生育随父落户，须由派出所两名民警核对亲子鉴定；请携亲子鉴定意见书原件到落户地派出所，结果会告知您。",
    en="Held: to join the household of a father not married to the mother, two officers look at the parentage test; "
    "please bring the original to the police station of the household. You will be told the outcome.",
)
MAY_RETRY: Final = frozenset(
    {
        "mother_not_registered",
        "father_not_registered",
        "household_elsewhere",
        "household_closed",
        "parents_mistaken",
        "no_marriage_on_record",
        "born_in_marriage",
        "father_lives",
        "mother_dead",
        "father_dead",
        "surname_of_neither_parent",
    }
)


class SentBack(Refused):
    """Two officers sent a held birth back to be mended."""


@dataclass(frozen=True, slots=True)
class _Ready:
    """A request, its facts looked up now."""

    claimant: Claimant
    parents: Parents

    @property
    def birth(self) -> Birth:
        return self.claimant.birth


class Births:
    def __init__(
        self,
        household: Household,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        rules: Sequence[RegisterRules] = REGISTER_RULES,
    ) -> None:
        self._household, self._clock, self._rules = household, clock, rules
        self._store, self._pseudonyms = household.store, household.pseudonyms
        self._marriages, self._claims = Marriages(household), BirthClaims(household)
        self.free = FreeNumbers(household.store, household.pseudonyms)

    async def enter(self, request: ItemTaken, context: Context) -> Answer:
        """The action `enter_birth`. Inputs: those of `birth_of`, all as text."""
        try:
            child = await self._child(request, context)
        except (Refused, NotValid) as refusal:
            may_mend = isinstance(refusal, NotValid | Invalid | NumbersUsedUp | SentBack)
            words = Words(zh=refusal.text.zh, en=refusal.text.en)
            return AnswerRefused(refusal.code, words, self._clock(), may_mend or refusal.code in MAY_RETRY)
        if isinstance(child, OneBirth):
            return AnswerWaiting(_held(child), self._clock())
        return AnswerDone(await self._results(child), self._clock())

    async def undo(self, request: ItemTaken, context: Context) -> AnswerUndone:
        """An entry stays; a birth that came to none may be entered by another case."""
        if isinstance(await self._household.state(self._newborn(request)), Entered | Dead):
            return AnswerUndone(STAYS, self._clock())
        await self._release(request, request.inputs, context)
        return AnswerUndone(None, self._clock())

    async def _child(self, request: ItemTaken, context: Context) -> Entered | OneBirth:
        """As it was entered, now or before; or its birth, which is held. Raises Refused and NotValid."""
        match await self._household.state(self._newborn(request)):
            case (Entered() as entry) | Dead(entry):
                return entry
            case person.Annulled():
                raise person.entry_annulled()
        await self._release_earlier(request, context)
        return await self._enter(request, context)

    async def _enter(self, request: ItemTaken, context: Context) -> Entered | OneBirth:
        now = self._clock()
        rules = in_force(self._rules, today(now))
        ready = await self._ready(request, rules, now)
        claimant = ready.claimant
        try:
            stands = await self._claims.claim(claimant, rules, now, context)
            match stands.status:
                case "held":
                    return stands
                case "refuse" | "send_back":
                    raise _decided(stands)
            number = await self._number(claimant.newborn, ready.birth, ready.parents.joined, context)
        except Refused as refusal:
            if not isinstance(refusal, SentBack) and refusal.code != "refused_by_two":
                await self._claims.release(claimant.newborn, ready.birth, claimant.mother, now, context)
            raise
        command = self._command(request, ready, number, rules, now)
        done = await self._store.execute(PERSON.stream(claimant.newborn), PERSON, command, context.step("enter"))
        assert isinstance(done.state, Entered | Dead)  # it was just entered
        return person.entry_of(done.state)

    async def _ready(self, request: ItemTaken, rules: RegisterRules, now: datetime) -> _Ready:
        birth = birth_of(request.inputs, today(now), rules)
        mother = await self._parent(birth.mother)
        father = await self._parent(birth.father) if birth.father else None
        marriages = []
        if isinstance(mother, Entered | Dead):
            marriages = await self._marriages.all_of(person.entry_of(mother).person)
        parents = parents_of(birth, mother, father, marriages, rules, today(now))
        newborn, item = self._newborn(request), reference(request.case, request.item)
        return _Ready(
            Claimant(
                newborn,
                request.case,
                item,
                birth,
                parents.mother.person,
                parents.joined.division,
                implausible_parents(birth, parents, rules),
            ),
            parents,
        )

    def _command(
        self, request: ItemTaken, ready: _Ready, number: IdNumber, rules: RegisterRules, now: datetime
    ) -> EnterNewborn:
        birth, parents = ready.birth, ready.parents
        entry = EnterPerson(
            person=ready.claimant.newborn,
            name=birth.name,
            id_number=number,
            division=parents.joined.division,
            address=birth.address or parents.joined.address,
            now=now,
            household=_place(birth, parents, rules),
        )
        of = OfBirth(
            mother=parents.mother.person,
            father=parents.father.person if parents.father else None,
            born_on=birth.born_on,
            order=birth.order,
            certificate=birth.certificate,
            case=request.case,
        )
        return EnterNewborn(entry, tuple(one.person for one in parents.guardians), of, birth.died_on)

    async def _results(self, child: Entered) -> Mapping[str, str]:
        """What is not known is empty."""
        place = child.household
        householder = place.householder_name or ""
        if place.householder:
            householder = person.entry_of(await self._household.kept(place.householder)).name
        return {
            "child": str(child.person),
            "child_id_number": child.id_number,
            "householder_name": householder,
            "relation": place.relation or "",
            "household_number": place.number or "",
            "registered_on": child.registered_on.isoformat() if child.registered_on else "",
        }

    async def _parent(self, named: Named) -> person.State:
        """As the register has them now: by person id, or by a number that is theirs or was."""
        if named.person:
            return await self._household.state(named.person)
        return await self._household.bearer_ever(named.number)

    async def _number(self, newborn: UUID, birth: Birth, joined: Entered, context: Context) -> IdNumber:
        """Chosen and claimed. Raises NumbersUsedUp."""
        series = NumberSeries(joined.division[:COUNTY], birth.born_on, birth.is_male)
        stream, fresh = NEWBORN_NUMBER.stream(newborn), replace(context, key=None)
        chosen = (await self._store.stand(stream, NEWBORN_NUMBER)).state
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

    async def _release_earlier(self, request: ItemTaken, context: Context) -> None:
        """What an earlier attempt had claimed, or what is held, under another mother."""
        if request.attempt == 1:
            return
        events = (await self._store.load(ITEM.stream(item_id(request.case, request.item)), ITEM)).events
        for before in (event.data for event in events):
            if isinstance(before, ItemTaken) and _mother(before.inputs) != _mother(request.inputs):
                await self._release(request, before.inputs, context)

    async def _release(self, request: ItemTaken, inputs: Mapping[str, str], context: Context) -> None:
        now = self._clock()
        try:
            birth = birth_of(inputs, today(now), in_force(self._rules, today(now)))
        except (Refused, NotValid):
            return  # so nothing was claimed
        match await self._parent(birth.mother):
            case (Entered() as mother) | Dead(mother) | person.Annulled(mother):
                await self._claims.release(self._newborn(request), birth, mother.person, now, context)

    def _newborn(self, request: ItemTaken) -> UUID:
        return self._pseudonyms.newborn(reference(request.case, request.item))


def _place(birth: Birth, parents: Parents, rules: RegisterRules) -> HouseholdPlace:
    """Of the newborn in the household it joins, as far as the register knows that household."""
    joined = parents.joined.household
    is_child = joined.householder in {parents.mother.person, parents.father and parents.father.person} - {None}
    of_parent = HOUSEHOLDER if is_child else joined.relation
    return replace(joined, relation=rules.relation(of_parent, is_male=birth.is_male))


def _mother(inputs: Mapping[str, str]) -> tuple[str | None, ...]:
    return inputs.get("mother"), inputs.get("mother_id_number")


def _held(birth: OneBirth) -> Words:
    """What asks most of the family is said."""
    if "parentage_proof" in birth.reasons:
        return HELD_FOR_PROOF
    return HELD if set(birth.reasons) - OF_PARENTS else HELD_FOR_AGE


def _decided(birth: OneBirth) -> Refused:
    verdict = birth.verdict.rstrip("。. ")
    if birth.status == "send_back":
        return SentBack(
            "sent_back_by_two",
            f"经两名民警核实，请更正后重新提交：{verdict}。",
            f"Two officers have looked into it; please put it right and submit again: {verdict}.",
        )
    return Refused(
        "refused_by_two",
        f"经两名民警核实，不予办理出生登记：{verdict}。如有异议，可到派出所查询。",
        f"Two officers have looked into it, and this birth is not entered: {verdict}. If you disagree, please ask "
        "at the police station.",
    )
