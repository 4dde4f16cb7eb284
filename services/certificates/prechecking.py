"""The automatic pre-check (预审): who applies, the form and the papers, with all that is wrong told at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from services.certificates.applicant import somebody
from services.certificates.catalogue import Catalogue
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.desk import Desk, check_applicant, check_assistance
from services.certificates.domain.forms import FilledForm
from services.certificates.evidence import NOT_BROUGHT, Evidence
from services.certificates.read_models.certificates import types_held
from services.certificates.read_models.people import Person, match_person
from shared.contracts.agency import Agency
from shared.contracts.certificates import Assistance
from shared.contracts.errors import Invalid
from shared.forms import filling
from shared.standards.id_number import IdNumber


@dataclass(frozen=True, slots=True)
class PreCheck:
    """Of one application: where it came in, who applies, for what."""

    evidence: Evidence
    catalogue: Catalogue
    desk: Desk
    applicant: Person
    type: CertificateType
    today: date
    agency: Agency | None = None  # under which somebody acts for the applicant

    async def people(self, assistance: Assistance | None) -> None:
        """Raises Refused and Invalid: who may not apply, or not without somebody who acts for him."""
        applicant, assistant = somebody(self.applicant), None
        check_applicant(applicant, self.type.least_age, self.today)
        if assistance:
            found = await match_person(self.evidence.pool, assistance.name, IdNumber(assistance.id_number))
            assistant = somebody(found) if found else None
        check_assistance(
            self.desk,
            applicant,
            assistance,
            assistant,
            self.today,
            under_mandate=self.agency is not None,
            minors_apply=self.type.minors_apply,
        )
        if assistance and assistance.mandate:
            brought = await self.evidence.find([self.desk.who], assistance.mandate)
            if brought is None:
                raise Invalid("mandate_not_brought", *NOT_BROUGHT, fields={"assistance.mandate": NOT_BROUGHT})

    async def form(
        self,
        fill: Callable[[], FilledForm],
        named: Mapping[str, str],
        kept: Mapping[str, str] | None = None,
        *,
        body: str | None = None,
    ) -> FilledForm:
        """`named` and `kept`: papers by kind, named now and before. `body`: that was chosen to issue it.

        Raises Invalid by field.
        """
        held: frozenset[str] = frozenset()
        if self.type.evidence:
            held = await types_held(self.evidence.pool, self.applicant.person, self.today)
        brought_by = {self.desk.who, self.applicant.person}
        wrong = await self.evidence.problems(
            self.type.evidence, named, brought_by=brought_by, kept=kept or {}, held=held
        )
        try:
            form = fill()
            self.catalogue.require_issuer(form, body)
        except Invalid as problem:
            raise filling.incorrect({**problem.fields, **wrong}) from None
        if wrong:
            raise filling.incorrect(wrong)
        return form
