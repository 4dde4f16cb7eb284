"""A case's form: filled with what is known, checked by the definition's rules, and what follows from it. Pure."""

from collections.abc import Mapping
from datetime import date, datetime

from services.cases.domain import register_rules
from services.cases.domain.definition import Definition
from services.cases.domain.way import Way
from shared.contracts.errors import Invalid
from shared.contracts.identity import RegisterRulesPublished
from shared.forms import filling
from shared.forms.fields import Known
from shared.standards.text import Text


def fill(
    definition: Definition, way: Way, given: Mapping[str, str], known: Known, today: date, now: datetime
) -> dict[str, str]:
    """Field by field what is kept. Raises Invalid naming every wrong field."""
    given = with_defaults(definition, given)
    if definition.way:
        given = {**given, definition.way: way.code}
    return filling.filled(definition.fields_of(way), given, with_chosen(definition, given, known), today, now)


def ready(definition: Definition, way: Way | None, known: Known) -> dict[str, str]:
    """The form as it is handed out."""
    chosen = {definition.way: way.code} if definition.way and way else {}
    return {**chosen, **filling.prefilled(definition.fields_of(way), known)}


def with_defaults(definition: Definition, given: Mapping[str, str]) -> dict[str, str]:
    return {**given, **{name: value for name, value in definition.defaults.items() if not given.get(name, "").strip()}}


def with_chosen(definition: Definition, form: Mapping[str, str], known: Known) -> Known:
    """What is known, and of the one whom a field chooses under that field's name: 'householder.address'."""
    roles = {source.partition(".")[0] for source in known}
    more: dict[str, str] = {}
    for alias, field in definition.chosen.items():
        role = form.get(field, "").strip()
        if role not in roles:  # the wrong choice is told of that field alone
            role = next((person.role for person in definition.persons if person.role in roles), "")
        more |= {f"{alias}.{fact}": value for source, value in known.items() if (fact := _of(source, role))}
    return {**known, **more}


def refreshed(definition: Definition, way: Way, form: Mapping[str, str], known: Known) -> dict[str, str]:
    """The form with the facts of now: fields that nobody may type follow what is known."""
    known = with_chosen(definition, form, known)
    told = {
        field.name: known[field.prefill]
        for field in definition.fields_of(way)
        if field.prefill and not field.editable and field.prefill in known
    }
    return {**form, **told}


def facts_of(definition: Definition, form: Mapping[str, str]) -> dict[str, str]:
    """What items are given that follows from a choice: 'hospital.issuer'."""
    return definition.hospitals.facts(form) if definition.hospitals else {}


def division_of(definition: Definition, form: Mapping[str, str], known: Known) -> str:
    """Whose people are told when it takes too long: where the household is, else where the first person lives."""
    return form.get(definition.division) or known[f"{definition.persons[0].role}.division"]


def objections(
    definition: Definition,
    form: Mapping[str, str],
    known: Known,
    handed_in_on: date,
    rules: RegisterRulesPublished | None,
) -> dict[str, Text]:
    """Why this form cannot be done as this case, by field; by the register's rules too, as they were told."""
    found = {
        rule.field: objection
        for rule in definition.eligibility
        if (objection := rule.objection(form, known, handed_in_on))
    }
    if definition.register_rules:
        parents = _parents(definition, form, known)
        found = {**register_rules.objections(definition.register_rules, rules, form, parents, handed_in_on), **found}
    return found


def _parents(definition: Definition, form: Mapping[str, str], known: Known) -> register_rules.Parents:
    way = definition.way_called(form.get(definition.way or ""))
    return register_rules.Parents(
        known,
        {person.role: person.sex for person in definition.persons if person.sex},
        late=way.roles[-1] if way and way.found_by == "late_spouse" else None,
        is_named=bool(way and way.found_by == "typed"),
    )


def first_objections(definition: Definition, given: Mapping[str, str], today: date) -> dict[str, Text]:
    """What is done elsewhere whoever they are: said before anybody is looked up."""
    first = (rule for rule in definition.eligibility if rule.is_first)
    return {rule.field: objection for rule in first if (objection := rule.objection(given, {}, today))}


def not_eligible(definition: Definition, wrong: Mapping[str, Text]) -> Invalid:
    return Invalid(
        "not_eligible",
        f"不符合“{definition.name.zh}”的办理条件，原因见标出的各项。",
        f"This cannot be done as “{definition.name.en}”; the marked fields say why.",
        fields=wrong,
    )


def _of(source: str, role: str) -> str:
    whose, _, fact = source.partition(".")
    return fact if whose == role else ""
