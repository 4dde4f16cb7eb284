"""From a form to a case: filled with what is known, checked by the definition's rules and the register's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid5

from services.cases.domain.definition import Definition
from services.cases.domain.form import division_of, facts_of, fill, first_objections, not_eligible, objections
from services.cases.domain.way import Way
from shared.contracts.cases import CaseChannel, CaseOpened, ConsentNeeded
from shared.contracts.identity import RegisterRulesPublished
from shared.forms.fields import Known

NAMESPACE = UUID("5a8a2b6e-3f0e-5d57-9d6e-0f6f2b1c7a10")  # of cases' ids


@dataclass(frozen=True, slots=True)
class Persons:
    """Those whom the case is about, and what is known of them."""

    ids: Mapping[str, UUID]  # by role
    known: Known
    applicant: UUID
    way: Way | None = None  # None: the only one
    as_told: Mapping[str, int] = field(default_factory=dict)  # person id -> number of the last event heard of them

    @property
    def others(self) -> frozenset[str]:
        """Roles of those beside the applicant."""
        return frozenset(role for role, person in self.ids.items() if person != self.applicant)


@dataclass(frozen=True, slots=True)
class TakenIn:
    """How the form came. `by`: staff; None: the applicant themselves."""

    channel: CaseChannel
    by: UUID | None
    now: datetime
    today: date
    at: str | None = None  # the division of the counter


def open_case(
    definition: Definition,
    given: Mapping[str, str],
    persons: Persons,
    taken_in: TakenIn,
    *,
    rules: RegisterRulesPublished | None = None,
    number: int = 0,
) -> CaseOpened:
    """Raises Invalid naming every field that is wrong or not eligible. `number`: how many of the same ended before."""
    if wrong := first_objections(definition, given, taken_in.today):
        raise not_eligible(definition, wrong)
    way = persons.way or definition.every_way[0]
    form = fill(definition, way, given, persons.known, taken_in.today, taken_in.now)
    if wrong := objections(definition, form, persons.known, taken_in.today, rules):
        raise not_eligible(definition, wrong)
    return CaseOpened(
        case=case_of(definition, form, persons, number),
        definition=definition.code,
        definition_version=definition.version,
        applicant=persons.applicant,
        channel=taken_in.channel,
        taken_in_by=taken_in.by,
        division=division_of(definition, form, persons.known),
        form=form,
        plan=definition.plan,
        promise_days=definition.promise_days,
        consents=tuple(
            ConsentNeeded(role=role, person=persons.ids[role])
            for role in way.consents
            if persons.ids[role] != persons.applicant
        ),
        effort=definition.effort,
        effort_separately=definition.separately,
        opened_at=taken_in.now,
        taken_in_at=taken_in.at,
        way=way.code if definition.ways else None,
        persons=dict(persons.ids),
        facts=facts_of(definition, form),
        typed=definition.typed(way),
        number=number,
        as_told=dict(persons.as_told),
        handling={item.code: item.handling for item in definition.items},
    )


def case_of(definition: Definition, form: Mapping[str, str], persons: Persons, number: int = 0) -> UUID:
    """The same for the same birth, whoever of the parents sends the form, so that two at once meet in one stream.

    When the first came to nothing, the next has the number 1.
    """
    about = [str(persons.ids[one]) if one in persons.ids else form[one] for one in definition.about]
    return uuid5(NAMESPACE, "\n".join((definition.code, *about, *([str(number)] if number else ()))))
