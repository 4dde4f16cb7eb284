"""Which certificates there are, who issues them, and which proofs are not needed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.certificates.domain.certificate_type import AbolishedProof, CertificateType
from services.certificates.domain.concept import OF_A_LIST, Concept, not_listed_for, not_theirs_to_certify
from services.certificates.domain.forms import FilledForm
from services.certificates.domain.issuer import Issuer, IssuerClass
from services.certificates.domain.remedy import Remedy
from services.certificates.domain.review_chain import REVIEWERS
from shared.contracts.errors import Invalid, Misconfigured, NotFound, Refused
from shared.contracts.identity import Role
from shared.forms.fields import Body, BodyField
from shared.standards.divisions import Level, at_level, find, is_within
from shared.standards.text import Text

NEAREST_FIRST: tuple[Level, ...] = ("village", "township", "county", "city", "province")


@dataclass(frozen=True)
class Catalogue:
    """Types by code, each with its versions from the oldest on."""

    types: Mapping[str, Sequence[CertificateType]]
    abolished: Mapping[str, AbolishedProof]
    issuers: Mapping[tuple[IssuerClass, str], Issuer]  # by class and division
    concepts: Mapping[str, Concept]  # by code; the abolished proofs among them
    remedies: Mapping[IssuerClass, Remedy]  # what a refusal says beside its reason
    more_issuers: Sequence[Issuer] = ()  # others of a division, that issue when they are chosen

    def in_force(self, today: date) -> list[CertificateType]:
        """The version of each type that is in force."""
        found = (self._latest(code, today) for code in self.types)
        return [type for type in found if type]

    def not_issued(self) -> list[AbolishedProof]:
        """The proofs nobody can apply for here."""
        return [proof for code, proof in self.abolished.items() if code not in self.types]

    def current(self, code: str, today: date) -> CertificateType:
        """Raises Refused "not_needed" or "not_issued_here" for a proof nobody issues here, NotFound for others."""
        if type := self._latest(code, today):
            return type
        if proof := self.abolished.get(code):
            raise _not_issued(proof)
        raise NotFound(
            "unknown_type",
            "没有这种证明，请从目录中选择。",
            "There is no such certificate; please choose one of the catalogue.",
        )

    def version(self, code: str, number: int) -> CertificateType:
        """The version an application was submitted under. Raises Misconfigured when the catalogue dropped it."""
        for type in self.types.get(code, ()):
            if type.version == number:
                return type
        raise Misconfigured(
            f"the catalogue no longer has version {number} of {code}, under which there are applications"
        )

    def name(self, code: str) -> Text:
        """What a type is called today; its code when the catalogue no longer knows it."""
        versions = self.types.get(code)
        return versions[-1].name if versions else Text(code, code)

    def labels(self, code: str) -> Mapping[str, Text]:
        """What a type's fields have been called, by name; of several versions the latest."""
        return {field.name: field.label for type in self.types.get(code, ()) for field in type.fields}

    def codes_of(self, kinds: Collection[Role]) -> list[str]:
        """The types of bodies that review in these roles."""
        return [code for code, versions in self.types.items() if REVIEWERS[versions[-1].issuer] in kinds]

    def issuer(self, issuer_class: IssuerClass, division: str) -> Issuer | None:
        """The nearest body of this class whose jurisdiction holds the division. None: none issues on line there."""
        codes = (at_level(division, level) for level in NEAREST_FIRST)
        return next((found for code in codes if (found := self.issuers.get((issuer_class, code)))), None)

    @property
    def bodies(self) -> Sequence[Issuer]:
        """All that issue on line."""
        return (*self.issuers.values(), *self.more_issuers)

    def body(self, issuer_class: IssuerClass, code: str) -> Issuer | None:
        """The body with this credit code. None: no such body of this class issues on line."""
        return next((one for one in self.bodies if one.credit_code == code and one.issuer_class == issuer_class), None)

    def issuer_of(self, type: CertificateType, division: str, issuing_body: str | None) -> Issuer | None:
        """Who issues: the body that was chosen, else the nearest one."""
        return self.body(type.issuer, issuing_body) if issuing_body else self.issuer(type.issuer, division)

    def chosen(self, type: CertificateType, code: str) -> Issuer:
        """The body that an applicant chose. Raises Invalid when it does not issue this type on line."""
        if body := self.body(type.issuer, code):
            return body
        text = Text(
            "所选机构不签发该证照，请选择有权签发的机构。",
            "The body chosen does not issue this certificate; please choose one that does.",
        )
        raise Invalid("no_issuer", *text, fields={type.issuing_body or "issuing_body": text})

    def require_issuer(self, form: FilledForm, issuing_body: str | None = None) -> Issuer:
        """Who would issue what is applied for: the body that was chosen, else the nearest one.

        Raises Invalid when nobody there issues on line, or the body chosen serves another place.
        """
        if issuing_body:
            return self._serving(form, self.chosen(form.type, issuing_body))
        issuer = self.issuer(form.type.issuer, form.division)
        second = form.type.countersigner
        if issuer and (second is None or self.issuer(second, form.division)):
            return issuer
        text = Text(
            "该地尚未开通在线签发，请到当地窗口办理。",
            "Nobody there issues on line yet; please go to the office there.",
        )
        raise Invalid("no_issuer", *text, fields={form.type.division: text})

    def _serving(self, form: FilledForm, body: Issuer) -> Issuer:
        if is_within(form.division, body.division):
            return body
        text = Text(
            f"所选机构{body.name}不服务该地，请更正地区或另选机构。",
            f"The body chosen, {body.name}, does not serve this place; correct the place or choose another body.",
        )
        raise Invalid("another_place", *text, fields={form.type.division: text})

    def refuse_if_not_the_villages(self, type: CertificateType, division: str | None) -> None:
        """Raises Refused when a village is asked for what no village may issue. `division`: as it was written."""
        proof = self.abolished.get(type.code)
        if proof and division and (found := find(division)) and found.level == "village":
            raise _not_issued(proof)

    def _latest(self, code: str, today: date) -> CertificateType | None:
        versions = [type for type in self.types.get(code, ()) if type.in_force_from <= today]
        return versions[-1] if versions else None


def with_bodies(type: CertificateType, issuers: Iterable[Issuer]) -> CertificateType:
    """The type with the bodies that may be chosen in its form: those of the class that issues it."""
    if type.issuing_body is None:
        return type
    bodies = tuple(Body(code=str(one.credit_code), name=one.name) for one in issuers if one.issuer_class == type.issuer)
    fields = [
        field.model_copy(update={"bodies": bodies}) if isinstance(field, BodyField) else field for field in type.fields
    ]
    return type.model_copy(update={"fields": tuple(fields)})


def not_theirs(type: CertificateType, concepts: Iterable[Concept]) -> Concept | None:
    """What a type means, or says it certifies, and bodies of its class may not certify."""
    names, labels = type.said_names, type.printed_labels
    meant = (one for one in concepts if one.concept in (type.code, type.concept) or one.is_meant_by(names, labels))
    return next((one for one in meant if type.issuer not in one.issued_by), None)


def refuse_what_is_not_theirs(type: CertificateType, concepts: Mapping[str, Concept]) -> None:
    """Raises Refused for what bodies of its class may not certify, and for what is not listed where a list is all."""
    if meant := not_theirs(type, concepts.values()):
        raise not_theirs_to_certify(type.name, type.issuer, meant)
    if type.issuer not in OF_A_LIST:
        return
    listed = [one for one in concepts.values() if type.issuer in one.issued_by]
    if not any(one.concept == type.concept and one.is_named_by(type.name.zh) for one in listed):
        raise not_listed_for(type.name, type.issuer, listed)


def _not_issued(proof: AbolishedProof) -> Refused:
    lead = (
        Text("无需开具", "is not needed")
        if proof.answer == "not_needed"
        else Text("不由村（社区）开具", "is not issued by villages")
    )
    return Refused(
        proof.answer,
        f"{proof.name.zh}{lead.zh}：{proof.because.zh}依据：{proof.basis}。",
        f"{proof.name.en} {lead.en}. {proof.because.en} Basis: {proof.basis}.",
        basis=proof.basis,
    )
