"""How the catalogue and a form are shown."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from services.certificates.domain.certificate_type import AbolishedProof, CertificateType
from services.certificates.domain.evidence_kind import EvidenceKind
from services.certificates.domain.issuer import IssuerClass
from services.certificates.domain.promise import WorkingDays
from shared.contracts.case_items import Words
from shared.department.answer import Answer, words
from shared.forms.fields import BodyField, ChoiceField, FormField, NameField, NumberField, TextField
from shared.standards.person_name import LONGEST


class ChoiceShown(Answer):
    code: str
    label: Words


class FieldShown(Answer):
    """`value` is what the applicant's form is filled with; always null where the form is shown to nobody."""

    name: str
    type: Literal[
        "text", "name", "choice", "date", "time", "id_number", "mobile", "number", "village", "county", "body"
    ]
    label: Words
    hint: Words | None
    required: bool
    editable: bool
    max_length: int | None
    minimum: int | None
    maximum: int | None
    unit: Words | None
    choices: list[ChoiceShown] | None
    value: str | None


def show_field(field: FormField, value: str | None = None) -> FieldShown:
    return FieldShown(
        name=field.name,
        type=field.type,
        label=words(field.label),
        hint=words(field.hint) if field.hint else None,
        required=field.required,
        editable=field.editable,
        max_length=_longest(field),
        minimum=field.minimum if isinstance(field, NumberField) else None,
        maximum=field.maximum if isinstance(field, NumberField) else None,
        unit=words(field.unit) if isinstance(field, NumberField) and field.unit else None,
        choices=_choices(field),
        value=value,
    )


def _choices(field: FormField) -> list[ChoiceShown] | None:
    match field:
        case ChoiceField(choices=choices):
            return [ChoiceShown(code=choice.code, label=words(choice.label)) for choice in choices]
        case BodyField(bodies=bodies):
            return [ChoiceShown(code=body.code, label=Words(zh=body.name, en=body.name)) for body in bodies]
        case _:
            return None


def _longest(field: FormField) -> int | None:
    match field:
        case TextField(max_length=length):
            return length
        case NameField():
            return LONGEST
        case _:
            return None


class ReviewShown(Answer):
    level: str  # 'issuer', 'village', 'township', 'county' …
    role: str


class EvidenceKindShown(Answer):
    kind: str
    label: Words
    hint: Words | None
    required: bool
    media: list[str]
    max_bytes: int
    instead_of_evidence: list[str]  # types: who holds a valid certificate of one of them need not show it


def show_evidence_kind(kind: EvidenceKind) -> EvidenceKindShown:
    return EvidenceKindShown(
        kind=kind.kind,
        label=words(kind.label),
        hint=words(kind.hint) if kind.hint else None,
        required=kind.required,
        media=list(kind.media),
        max_bytes=kind.max_bytes,
        instead_of_evidence=list(kind.instead_of_evidence),
    )


class TypeShown(Answer):
    """A certificate one can apply for here. The promise runs from submission to the decision."""

    answer: Literal["apply"] = "apply"
    code: str
    version: int
    in_force_from: date
    name: Words
    summary: Words
    issuer: IssuerClass
    review: list[ReviewShown]  # who decides, one after the other
    promise_minutes: int | None  # either this
    promise_working_days: int | None  # or this
    valid_months: int | None
    source: list[str]
    fields: list[FieldShown]
    evidence: list[EvidenceKindShown]


class NotIssuedShown(Answer):
    """A proof that is not needed, or that others issue."""

    answer: Literal["not_needed", "not_issued_here"]
    code: str
    name: Words
    because: Words
    basis: str


class CatalogueShown(Answer):
    types: list[TypeShown]
    not_issued: list[NotIssuedShown]


def show_type(type: CertificateType) -> TypeShown:
    promise = type.promise
    return TypeShown(
        code=type.code,
        version=type.version,
        in_force_from=type.in_force_from,
        name=words(type.name),
        summary=words(type.summary),
        issuer=type.issuer,
        review=[ReviewShown(level=review.level, role=review.role) for review in type.review],
        promise_minutes=None if isinstance(promise, WorkingDays) else int(promise.total_seconds() // 60),
        promise_working_days=promise.working_days if isinstance(promise, WorkingDays) else None,
        valid_months=type.valid_months,
        source=list(type.source),
        fields=[show_field(field) for field in type.fields],
        evidence=[show_evidence_kind(kind) for kind in type.evidence],
    )


def show_not_issued(proof: AbolishedProof) -> NotIssuedShown:
    return NotIssuedShown(
        answer=proof.answer, code=proof.code, name=words(proof.name), because=words(proof.because), basis=proof.basis
    )


class FormShown(Answer):
    """`json_schema` says what is enforced: for this applicant, at this moment."""

    code: str
    version: int
    name: Words
    fields: list[FieldShown]
    evidence: list[EvidenceKindShown]  # without what a certificate of ours shows already
    json_schema: dict[str, Any]


class VersionShown(Answer):
    version: int
    in_force_from: date
    published_by: UUID | None  # None: shipped with the release
    published_at: datetime | None


class VersionsShown(Answer):
    """From the oldest on."""

    code: str
    versions: list[VersionShown]
