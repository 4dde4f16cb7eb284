"""Which certificates there are, who issues them, and which proofs are not needed: YAML, read and checked at start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from services.certificates.domain.certificate_type import AbolishedProof, CertificateType
from services.certificates.domain.forms import FilledForm
from services.certificates.domain.issuer import Issuer
from shared.contracts.errors import Invalid, Misconfigured, NotFound, Refused
from shared.standards.credit_code import CreditCode
from shared.standards.division_names import village_committee_name
from shared.standards.errors import NotValid
from shared.standards.text import Text

FOLDER = Path(__file__).with_name("catalogue")
ABOLISHED = "abolished.yaml"
ISSUERS = "issuers.yaml"

T = TypeVar("T")


@dataclass(frozen=True)
class Catalogue:
    """Types by code, each with its versions from the oldest on."""

    types: Mapping[str, Sequence[CertificateType]]
    abolished: Mapping[str, AbolishedProof]
    issuers: Mapping[str, Issuer]  # by division

    def in_force(self, today: date) -> list[CertificateType]:
        """The version of each type that is in force."""
        found = (self._latest(code, today) for code in self.types)
        return [type for type in found if type]

    def current(self, code: str, today: date) -> CertificateType:
        """Raises Refused "not_needed" or "not_issued_here" for a proof villages do not issue, NotFound for others."""
        if proof := self.abolished.get(code):
            raise _not_issued(proof)
        if type := self._latest(code, today):
            return type
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

    def issuer(self, division: str) -> Issuer | None:
        return self.issuers.get(division)

    def require_issuer(self, form: FilledForm) -> Issuer:
        """Who would issue what is applied for. Raises Invalid when that village does not issue on line."""
        if issuer := self.issuer(form.division):
            return issuer
        text = Text(
            "该村（社区）尚未开通在线签发，请到村（社区）窗口办理。",
            "This village does not issue on line yet; please go to its office.",
        )
        raise Invalid("no_issuer", *text, fields={form.type.division: text})

    def _latest(self, code: str, today: date) -> CertificateType | None:
        versions = [type for type in self.types.get(code, ()) if type.in_force_from <= today]
        return versions[-1] if versions else None


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


@cache
def catalogue() -> Catalogue:
    """The catalogue this release ships."""
    return load(FOLDER)


def load(folder: Path) -> Catalogue:
    """Read every file of a folder. Raises Misconfigured naming file, entry and field."""
    abolished = {proof.code: proof for proof in _read(folder / ABOLISHED, AbolishedProof)}
    types = {
        file.stem: _versions(file) for file in sorted(folder.glob("*.yaml")) if file.name not in (ABOLISHED, ISSUERS)
    }
    if both := types.keys() & abolished.keys():
        raise Misconfigured(f"{ABOLISHED}: {', '.join(sorted(both))} is also a certificate that is issued")
    return Catalogue(types, abolished, _issuers(folder / ISSUERS))


def _versions(file: Path) -> list[CertificateType]:
    versions = _read(file, CertificateType, code=file.stem)
    for before, after in pairwise(versions):
        if after.version <= before.version or after.in_force_from <= before.in_force_from:
            raise Misconfigured(f"{file.name}: version {after.version} must be later than {before.version}")
    return versions


class _IssuerRow(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    division: str
    credit_code: CreditCode


def _issuers(file: Path) -> dict[str, Issuer]:
    issuers: dict[str, Issuer] = {}
    for row in _read(file, _IssuerRow):
        try:
            name = village_committee_name(row.division)
        except NotValid as wrong:
            raise Misconfigured(f"{file.name}: division {row.division}: {wrong.en}") from None
        if row.division in issuers:
            raise Misconfigured(f"{file.name}: division {row.division} occurs twice")
        issuers[row.division] = Issuer(row.division, row.credit_code, name)
    return issuers


def _read(file: Path, kind: type[T], **given: Any) -> list[T]:
    """The entries of one file, each with `given` added."""
    try:
        entries = yaml.safe_load(file.read_text("utf-8"))
        return TypeAdapter(list[kind]).validate_python([entry | given for entry in entries])  # type: ignore[valid-type]
    except (OSError, yaml.YAMLError, TypeError) as error:
        raise Misconfigured(f"{file.name} cannot be read: {error}") from None
    except ValidationError as error:
        wrong = [f"{_place(problem['loc'])}: {problem['msg']}" for problem in error.errors()]
        raise Misconfigured(f"{file.name}: {'; '.join(wrong)}") from None


def _place(location: tuple[int | str, ...]) -> str:
    """'entry 1, fields.2.label': entries are counted from 1, as a person does."""
    entry, *field = location
    return f"entry {int(entry) + 1}" + (f", {'.'.join(map(str, field))}" if field else "")
