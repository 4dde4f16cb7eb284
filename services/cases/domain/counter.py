"""What a counter may hand in for a person who is present, and what it is shown of their form. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.cases.domain import refusals
from services.cases.domain.definition import Definition
from services.cases.domain.form import with_chosen
from services.cases.domain.opening import Persons
from shared.contracts.cases import CaseChannel
from shared.forms import filling
from shared.forms.fields import FormField
from shared.standards.divisions import is_within
from shared.standards.id_number import IdNumber
from shared.standards.phone import MobileNumber

PHONE: Final = "phone"
LICENCE: Final = "licence"
HIDDEN: Final = "***"
SHOWN_OF_A_LICENCE: Final = 4  # characters, its last


@dataclass(frozen=True, slots=True)
class Counter:
    """Where a form is handed in. A hospital's counter hands in for births of its own hospital only."""

    staff: UUID
    division: str
    channel: CaseChannel
    is_of_hospital: bool = False

    def check_definition(self, definition: Definition) -> None:
        """Raises NotAllowed when hospitals have no part in it."""
        if self.is_of_hospital and definition.hospitals is None:
            raise refusals.not_for_hospitals()

    def check_hospital(self, definition: Definition, form: Mapping[str, str]) -> None:
        """Raises NotAllowed unless the hospital that the form names stands in their division."""
        if not self.is_of_hospital:
            return
        self.check_definition(definition)
        assert definition.hospitals is not None
        stands = definition.hospitals.division(form[definition.hospitals.field])
        if stands is None or not is_within(stands, self.division):
            raise refusals.another_hospital()


def masked(fields: Sequence[FormField], form: Mapping[str, str], others: Collection[str]) -> dict[str, str]:
    """A form as a counter sees it: no whole phone, and nothing but the names of those who are not there.

    `others`: roles of those beside the applicant.
    """
    by_name = {field.name: field for field in fields}
    return {name: _masked(by_name.get(name), value, others) for name, value in form.items()}


def shown_at_counter(definition: Definition, form: Mapping[str, str], others: Collection[str]) -> dict[str, str]:
    """As `masked`; a choice that names one of the others shows no more of them."""
    chosen = {alias for alias, field in definition.chosen.items() if form.get(field, "").strip() in others}
    return masked(definition.fields, form, {*others, *chosen})


def typed(definition: Definition, given: Mapping[str, str], persons: Persons) -> dict[str, str]:
    """What a clerk wrote: fields sent back as they were shown are left out, and come from what is known.

    Raises Invalid when a phone is another one than that of the person's verified account.
    """
    known = with_chosen(definition, given, persons.known)
    ready = filling.prefilled(definition.fields, known)
    shown = shown_at_counter(definition, {**given, **ready}, persons.others)
    left = {name: value for name, value in given.items() if name not in ready or value.strip() != shown[name]}
    phones = {field.name for field in definition.fields if _fact(field) == PHONE and field.name in ready}
    wrong = {name for name in phones & left.keys() if left[name].strip() not in ("", ready[name])}
    if wrong:
        raise filling.incorrect(dict.fromkeys(wrong, refusals.PHONE_OF_AN_ACCOUNT))
    return {name: value for name, value in left.items() if name not in phones}


def _masked(field: FormField | None, value: str, others: Collection[str]) -> str:
    if field is None or field.prefill is None:
        return value
    fact = _fact(field)
    if fact == PHONE:
        return MobileNumber(value).masked
    if fact == LICENCE:
        return HIDDEN + value[-SHOWN_OF_A_LICENCE:]
    if field.prefill.partition(".")[0] not in others or fact in ("name", "division"):
        return value
    return IdNumber(value).masked if fact == "id_number" else HIDDEN


def _fact(field: FormField) -> str:
    return (field.prefill or "").partition(".")[2]
