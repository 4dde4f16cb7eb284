"""From a form to a case: filled with what is known, checked by the definition's rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from services.cases.domain.definition import Definition
from shared.contracts.cases import CaseChannel, CaseOpened, ConsentNeeded
from shared.contracts.errors import Invalid
from shared.forms import filling
from shared.forms.fields import Known

NAMESPACE = UUID("5a8a2b6e-3f0e-5d57-9d6e-0f6f2b1c7a10")  # of cases' ids


@dataclass(frozen=True, slots=True)
class Persons:
    """Those whom the case is about, and what is known of them."""

    ids: Mapping[str, UUID]  # by role
    known: Known
    applicant: UUID

    @property
    def others(self) -> frozenset[str]:
        """Roles of those beside the applicant."""
        return frozenset(role for role, person in self.ids.items() if person != self.applicant)


@dataclass(frozen=True, slots=True)
class TakenIn:
    """How the form came. `by`: staff; None: the applicant himself."""

    channel: CaseChannel
    by: UUID | None
    now: datetime
    today: date
    at: str | None = None  # the division of the counter


def open_case(definition: Definition, given: Mapping[str, str], persons: Persons, taken_in: TakenIn) -> CaseOpened:
    """Raises Invalid naming every field that is wrong or not eligible."""
    form = filling.filled(definition.fields, given, persons.known, taken_in.today)
    objections = {
        rule.field: objection
        for rule in definition.eligibility
        if (objection := rule.objection(form, persons.known, taken_in.today))
    }
    if objections:
        raise Invalid(
            "not_eligible",
            f"不符合“{definition.name.zh}”的办理条件，原因见标出的各项。",
            f"This cannot be done as “{definition.name.en}”; the marked fields say why.",
            fields=objections,
        )
    return CaseOpened(
        case=case_of(definition, form, persons),
        definition=definition.code,
        definition_version=definition.version,
        applicant=persons.applicant,
        channel=taken_in.channel,
        taken_in_by=taken_in.by,
        division=form[definition.division],
        form=form,
        plan=definition.plan,
        promise_days=definition.promise_days,
        consents=tuple(
            ConsentNeeded(role=role, person=persons.ids[role])
            for role in definition.consents
            if persons.ids[role] != persons.applicant
        ),
        effort=definition.effort,
        effort_separately=definition.separately,
        opened_at=taken_in.now,
        taken_in_at=taken_in.at,
    )


def case_of(definition: Definition, form: Mapping[str, str], persons: Persons) -> UUID:
    """The same for the same birth, whoever of the parents sends the form, so that two at once meet in one stream."""
    about = (str(persons.ids[one]) if one in persons.ids else form[one] for one in definition.about)
    return uuid5(NAMESPACE, "\n".join((definition.code, *about)))
