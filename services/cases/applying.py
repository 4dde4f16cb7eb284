"""Handing in a form: who it is about is looked up, not asked; then the case is opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.cases.definitions import Definitions
from services.cases.domain.case import CASE
from services.cases.domain.case_state import State
from services.cases.domain.consent import OpenCase
from services.cases.domain.counter import Counter, masked, typed
from services.cases.domain.definition import Definition
from services.cases.domain.opening import Persons, TakenIn, open_case
from services.cases.read_models.people import Person, find_person, marriage_of
from shared.contracts.errors import Refused
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Done, Store
from shared.forms import filling
from shared.forms.fields import Known
from shared.standards.shanghai import day_in_shanghai


@dataclass(frozen=True, slots=True)
class Applying:
    store: Store
    pool: Pool
    definitions: Definitions

    async def form(self, applicant: UUID, code: str, now: datetime) -> tuple[Definition, dict[str, str]]:
        """The form as it is handed out. Raises NotFound and Refused."""
        definition = self.definitions.current(code, day_in_shanghai(now))
        return definition, filling.prefilled(definition.fields, (await self.persons(definition, applicant)).known)

    async def form_at(
        self, counter: Counter, applicant: UUID, code: str, now: datetime
    ) -> tuple[Definition, dict[str, str]]:
        """As a counter is shown it. Raises NotFound, Refused and NotAllowed."""
        definition = self.definitions.current(code, day_in_shanghai(now))
        counter.check_definition(definition)
        persons = await self.persons(definition, applicant)
        ready = filling.prefilled(definition.fields, persons.known)
        return definition, masked(definition.fields, ready, persons.others)

    async def open(
        self,
        applicant: UUID,
        code: str,
        given: Mapping[str, str],
        now: datetime,
        context: Context,
        *,
        counter: Counter | None = None,
    ) -> Done[State]:
        """Raises NotFound, Invalid, Refused and NotAllowed: the definition, the form, one for the same birth that is
        there, or a birth at another hospital than the counter's.
        """
        today = day_in_shanghai(now)
        definition = self.definitions.current(code, today)
        persons = await self.persons(definition, applicant)
        if counter is None:
            opened = open_case(definition, given, persons, TakenIn("app", None, now, today))
        else:
            counter.check_definition(definition)
            taken_in = TakenIn(counter.channel, counter.staff, now, today, counter.division)
            opened = open_case(definition, typed(definition, given, persons), persons, taken_in)
            counter.check_hospital(definition, opened.form)
        return await self.store.execute(CASE.stream(opened.case), CASE, OpenCase(opened), context)

    async def persons(self, definition: Definition, applicant: UUID) -> Persons:
        """Raises Refused "not_registered", "not_married" or "not_for_you"."""
        himself = await find_person(self.pool, applicant)
        if himself is None:
            raise _not_registered()
        if definition.joined_by is None:
            role = definition.persons[0].role
            return Persons({role: applicant}, _known({role: himself}), applicant)
        marriage = await marriage_of(self.pool, applicant)
        if marriage is None:
            raise Refused(
                "not_married",
                "登记信息中没有您的婚姻记录，此事项仅限婚内生育办理；如已登记结婚，请先到民政部门核对。",
                "No marriage of yours is on record, and this is for births in wedlock; please ask civil affairs.",
            )
        spouse = await find_person(self.pool, marriage.spouse)
        if spouse is None:
            raise _not_registered()
        by_sex = {"male" if one.id_number.is_male else "female": one for one in (himself, spouse)}
        roles = {person.role: by_sex[person.sex] for person in definition.persons if person.sex in by_sex}
        if len(roles) < len(definition.persons):
            raise Refused(
                "not_for_you",
                "登记信息与此事项的办理条件不符，请到窗口办理。",
                "What is on record does not fit this case; please go to the counter.",
            )
        known = {**_known(roles), "marriage.licence": marriage.licence}
        return Persons({role: one.person for role, one in roles.items()}, known, applicant)


def _known(persons: Mapping[str, Person]) -> Known:
    known: dict[str, str] = {}
    for role, person in persons.items():
        known |= {
            f"{role}.name": person.name,
            f"{role}.id_number": str(person.id_number),
            f"{role}.birth_date": person.id_number.birth_date.isoformat(),
            f"{role}.division": person.division,
            f"{role}.address": person.address,
        }
        if person.phone:
            known[f"{role}.phone"] = person.phone
    return known


def _not_registered() -> Refused:
    return Refused(
        "not_registered",
        "未查到您或配偶的户籍登记信息，请稍后重试或到户籍窗口核对。",
        "Your or your spouse's household entry is not known here; try again shortly, or ask the counter.",
    )
