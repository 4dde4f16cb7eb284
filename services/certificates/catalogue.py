"""Which certificates there are, who issues them, and which proofs are not needed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.certificates.domain.certificate_type import AbolishedProof, CertificateType
from services.certificates.domain.concept import OF_A_LIST, Concept, not_listed_for, not_theirs_to_certify
from services.certificates.domain.forms import FilledForm
from services.certificates.domain.issuer import Issuer, IssuerClass
from services.certificates.domain.review_chain import REVIEWERS
from shared.contracts.errors import Invalid, Misconfigured, NotFound, Refused
from shared.contracts.identity import Role
from shared.standards.divisions import Level, at_level, find
from shared.standards.text import Text

NEAREST_FIRST: tuple[Level, ...] = ("village", "township", "county", "city", "province")


@dataclass(frozen=True)
class Catalogue:
    """Types by code, each with its versions from the oldest on."""

    types: Mapping[str, Sequence[CertificateType]]
    abolished: Mapping[str, AbolishedProof]
    issuers: Mapping[tuple[IssuerClass, str], Issuer]  # by class and division
    concepts: Mapping[str, Concept]  # by code; the abolished proofs among them

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

    def require_issuer(self, form: FilledForm) -> Issuer:
        """Who would issue what is applied for. Raises Invalid when nobody there issues on line."""
        if issuer := self.issuer(form.type.issuer, form.division):
            return issuer
        text = Text(
            "该地尚未开通在线签发，请到当地窗口办理。",
            "Nobody there issues on line yet; please go to the office there.",
        )
        raise Invalid("no_issuer", *text, fields={form.type.division: text})

    def refuse_if_not_the_villages(self, type: CertificateType, division: str | None) -> None:
        """Raises Refused when a village is asked for what no village may issue. `division`: as it was written."""
        proof = self.abolished.get(type.code)
        if proof and division and (found := find(division)) and found.level == "village":
            raise _not_issued(proof)

    def _latest(self, code: str, today: date) -> CertificateType | None:
        versions = [type for type in self.types.get(code, ()) if type.in_force_from <= today]
        return versions[-1] if versions else None


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
