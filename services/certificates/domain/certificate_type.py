"""What a certificate type is: dated data that the catalogue keeps, version by version."""

from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.certificates.domain.form_fields import DivisionField, FieldName, FormField
from shared.standards.credit_code import CreditCode
from shared.standards.text import Text


def _begins_with_a_credit_code(text: str) -> str:
    CreditCode(text[:18])
    return text


TypeCode = Annotated[
    str, StringConstraints(pattern=r"^[0-9A-Z]{18}[0-9]{3}$"), AfterValidator(_begins_with_a_credit_code)
]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$", max_length=40)]


class CertificateType(BaseModel):
    """One version of a type. An application keeps the version it was submitted under."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code
    version: int = Field(ge=1)
    in_force_from: date
    source: tuple[str, ...] = Field(min_length=1)
    name: Text
    summary: Text
    type_code: TypeCode  # GB/T 36904: credit code of the defining body + 3 digits
    issuer: Literal["village"]  # who may issue is a property of the type
    review: tuple[Literal["village"], ...] = Field(min_length=1, max_length=1)
    promise: timedelta  # from submission to the decision
    valid_months: int | None = Field(default=None, ge=1)  # None: without end
    fields: tuple[FormField, ...] = Field(min_length=1)
    holder_name: FieldName
    holder_code: FieldName
    division: FieldName  # decides who reviews and issues
    one_open_per: tuple[FieldName, ...]  # a citizen has one open application for each combination of these
    certifies: tuple[FieldName, ...]  # what goes on the certificate beside the holder

    @property
    def fixed(self) -> frozenset[str]:
        """Fields that say which application this is: they stay as submitted."""
        return frozenset({self.division, *self.one_open_per})

    def field(self, name: str) -> FormField | None:
        return next((field for field in self.fields if field.name == name), None)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.promise <= timedelta():
            raise ValueError("promise must be longer than nothing")
        names = [field.name for field in self.fields]
        if len(set(names)) < len(names):
            raise ValueError("fields: a name occurs twice")
        for role in ("holder_name", "holder_code", "division", "one_open_per", "certifies"):
            named = getattr(self, role)
            if missing := {named} - set(names) if isinstance(named, str) else set(named) - set(names):
                raise ValueError(f"{role}: there is no field {', '.join(sorted(missing))}")
        if not isinstance(self.field(self.division), DivisionField):
            raise ValueError(f"division: field {self.division} must be of type village")  # noqa: TRY004 - pydantic wants ValueError
        for number, field in enumerate(self.fields):
            if not field.editable and field.prefill is None:
                raise ValueError(f"fields.{field.name}: what cannot be edited needs a prefill")
            if field.follows and (field.follows not in names[:number] or field.prefill is None):
                raise ValueError(f"fields.{field.name}: follows must name an earlier field, and needs a prefill")
        for name in {self.holder_name, self.holder_code, *self.fixed}:
            found = self.field(name)
            if found and not found.required:
                raise ValueError(f"fields.{name}: must be required, the certificate rests on it")
        return self


class AbolishedProof(BaseModel):
    """A proof that villages do not issue: it is not needed, or somebody else's to give."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code
    name: Text
    answer: Literal["not_needed", "not_issued_here"]
    because: Text  # what to do instead
    basis: str
    since: date
