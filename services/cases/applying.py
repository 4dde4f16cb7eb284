"""Handing in a form: who it is about is looked up, not asked; then the case is opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from services.cases.definitions import Definitions
from services.cases.domain import refusals
from services.cases.domain.another_birth import ThisBirth, require_plausible
from services.cases.domain.case import CASE
from services.cases.domain.case_state import Closed, NotOpened, State
from services.cases.domain.consent import OpenCase
from services.cases.domain.counter import Counter, shown_at_counter, typed
from services.cases.domain.definition import Definition
from services.cases.domain.following import is_free
from services.cases.domain.form import first_objections, not_eligible, ready, with_defaults
from services.cases.domain.opening import Persons, TakenIn, case_of, open_case
from services.cases.read_models.births import births_near
from services.cases.read_models.people import find_person, people_of
from services.cases.read_models.rules import rules_in_force
from services.cases.use_cases import people
from shared.contracts.cases import CaseOpened
from shared.contracts.errors import Broken
from shared.contracts.identity import RegisterRulesPublished
from shared.department.look_ups import LookUps
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Done, Store
from shared.standards.division_names import full_name
from shared.standards.divisions import find as find_division
from shared.standards.shanghai import day_in_shanghai

MOST: Final = 100
"""Cases of one subject that may end before another is opened: more than anybody hands in."""


@dataclass(frozen=True, slots=True)
class Applying:
    store: Store
    pool: Pool
    definitions: Definitions

    async def form(
        self, applicant: UUID, code: str, now: datetime, way: str | None = None
    ) -> tuple[Definition, Persons, dict[str, str]]:
        """The form as it is handed out. Raises NotFound and Refused."""
        definition = self.definitions.current(code, day_in_shanghai(now))
        persons = await self._to_hand_out(definition, applicant, way)
        return definition, persons, ready(definition, persons.way, persons.known)

    async def form_at(
        self, counter: Counter, applicant: UUID, code: str, now: datetime, way: str | None = None
    ) -> tuple[Definition, Persons, dict[str, str]]:
        """As a counter is shown it. Raises NotFound, Refused and NotAllowed."""
        counter.check_definition(self.definitions.current(code, day_in_shanghai(now)))
        definition, persons, filled = await self.form(applicant, code, now, way)
        return definition, persons, shown_at_counter(definition, filled, persons.others)

    async def open(
        self,
        applicant: UUID,
        code: str,
        given: Mapping[str, str],
        now: datetime,
        context: Context,
        *,
        counter: Counter | None = None,
        present: tuple[UUID, ...] = (),
        draft: UUID | None = None,
    ) -> Done[State]:
        """`present`: others at the counter, too, who agree there.

        Raises NotFound, Invalid, Refused, TooMany and NotAllowed: the definition, the form, one for the same birth that
        is there, or a birth at another hospital than the counter's.
        """
        today = day_in_shanghai(now)
        definition = self.definitions.current(code, today)
        if wrong := first_objections(definition, given, today):
            raise not_eligible(definition, wrong)
        if counter:
            counter.check_definition(definition)
        persons = await self._persons(definition, applicant, given, counter, now, present)
        taken_in = TakenIn("app", None, now, today)
        if counter:
            taken_in = TakenIn(counter.channel, counter.staff, now, today, counter.division)
            given = typed(definition, given, persons)
        rules = await rules_in_force(self.pool, today)
        opened = open_case(definition, given, persons, taken_in, rules=rules)
        if counter:
            counter.check_hospital(definition, opened.form)
        await self._require_plausible(definition, opened, rules)
        opened = (await self._numbered(definition, opened, persons)).model_copy(update={"draft": draft})
        return await self.store.execute(CASE.stream(opened.case), CASE, OpenCase(opened, present), context)

    async def open_case_of(self, applicant: UUID, code: str, given: Mapping[str, str], now: datetime) -> UUID | None:
        """The case that there is of what a draft is about; None: none, or the draft does not say yet."""
        definition = self.definitions.current(code, day_in_shanghai(now))
        if await find_person(self.pool, applicant) is None:
            return None
        mine = await people.persons(self.pool, definition, applicant, None)
        ids = mine.ids
        if any(one not in ids and not given.get(one, "").strip() for one in definition.about):
            return None
        form = {name: value.strip() for name, value in given.items()}
        case, state = await self._last(definition, form, mine)
        return None if isinstance(state, NotOpened) or is_free(state) else case

    async def _require_plausible(
        self, definition: Definition, opened: CaseOpened, rules: RegisterRulesPublished | None
    ) -> None:
        """By the mother's other births. Raises Refused."""
        fields = definition.register_rules
        if rules is None or fields is None or fields.order is None:
            return
        mother, days = opened.persons[next(iter(fields.id_numbers))], rules.birth.delivery_days
        born_on = date.fromisoformat(opened.form[fields.born_on])
        place = full_name(opened.division) if find_division(opened.division) else opened.division
        birth = ThisBirth(born_on, opened.form[fields.order], place, opened.applicant == mother)
        near = await births_near(self.pool, mother, born_on, days)
        require_plausible(birth, near, definition.choices_of(fields.order), days, fields.midnight_days)

    async def _numbered(self, definition: Definition, opened: CaseOpened, persons: Persons) -> CaseOpened:
        """After those of the same birth that came to nothing. Two parents at once count alike, and meet."""
        for number in range(MOST):
            case = case_of(definition, opened.form, persons, number)
            state = (await self.store.stand(CASE.stream(case), CASE)).state
            if not await self._is_free(state):
                return opened.model_copy(update={"case": case, "number": number})
        raise Broken(f"{MOST} cases of one subject came to nothing")

    async def _last(self, definition: Definition, form: Mapping[str, str], persons: Persons) -> tuple[UUID, State]:
        case = case_of(definition, form, persons)
        state: State = CASE.initial
        for number in range(MOST):
            case = case_of(definition, form, persons, number)
            state = (await self.store.stand(CASE.stream(case), CASE)).state
            if not is_free(state):
                break
        return case, state

    async def _is_free(self, state: State) -> bool:
        """It came to nothing, or the entry that it made was annulled."""
        if is_free(state):
            return True
        if not isinstance(state, Closed):
            return False
        made = [UUID(value) for item in state.items.values() for value in item.results.values() if _is_uuid(value)]
        return any(one.stands == "annulled" for one in (await people_of(self.pool, made)).values())

    async def _to_hand_out(self, definition: Definition, applicant: UUID, way: str | None) -> Persons:
        if way is None or definition.way is None:
            return await people.persons(self.pool, definition, applicant, None)
        if definition.way_called(way) is None:
            raise refusals.no_such_way("way")
        return await people.persons(self.pool, definition, applicant, None, code=way)

    async def _persons(
        self,
        definition: Definition,
        applicant: UUID,
        given: Mapping[str, str],
        counter: Counter | None,
        now: datetime,
        present: tuple[UUID, ...],
    ) -> Persons:
        """Naming another by name and number is limited as at a counter."""
        way = definition.way_called(given.get(definition.way, "").strip()) if definition.way else None
        given = with_defaults(definition, given)
        if way is None or way.found_by != "typed":
            return await people.persons(self.pool, definition, applicant, given, present=present)
        async with LookUps(self.pool).one(counter.staff if counter else applicant, now):
            return await people.persons(self.pool, definition, applicant, given, present=present)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
