"""How the catalogue and a form are shown."""

from typing import Literal

from services.certificates.api.answer import Answer, Words, words
from services.certificates.domain.certificate_type import AbolishedProof, CertificateType
from services.certificates.domain.form_fields import ChoiceField, FormField, TextField


class ChoiceShown(Answer):
    code: str
    label: Words


class FieldShown(Answer):
    """`value` is what the applicant's form is filled with; always null where the form is shown to nobody."""

    name: str
    type: Literal["text", "choice", "date", "mobile", "village"]
    label: Words
    hint: Words | None
    required: bool
    editable: bool
    max_length: int | None
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
        max_length=field.max_length if isinstance(field, TextField) else None,
        choices=[ChoiceShown(code=choice.code, label=words(choice.label)) for choice in field.choices]
        if isinstance(field, ChoiceField)
        else None,
        value=value,
    )


class TypeShown(Answer):
    """A certificate one can apply for here."""

    answer: Literal["apply"] = "apply"
    code: str
    version: int
    name: Words
    summary: Words
    issuer: str
    review: list[str]  # who decides, level by level
    promise_minutes: int  # from submission to the decision
    valid_months: int | None
    source: list[str]
    fields: list[FieldShown]


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
    return TypeShown(
        code=type.code,
        version=type.version,
        name=words(type.name),
        summary=words(type.summary),
        issuer=type.issuer,
        review=list(type.review),
        promise_minutes=int(type.promise.total_seconds() // 60),
        valid_months=type.valid_months,
        source=list(type.source),
        fields=[show_field(field) for field in type.fields],
    )


def show_not_issued(proof: AbolishedProof) -> NotIssuedShown:
    return NotIssuedShown(
        answer=proof.answer, code=proof.code, name=words(proof.name), because=words(proof.because), basis=proof.basis
    )


class FormShown(Answer):
    code: str
    version: int
    name: Words
    fields: list[FieldShown]
