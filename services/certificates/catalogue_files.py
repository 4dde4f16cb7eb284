"""The catalogue this release ships: YAML, read and checked at start."""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, ConfigDict, Field

from services.certificates.catalogue import Catalogue, refuse_what_is_not_theirs, with_bodies
from services.certificates.document.places import require_room
from services.certificates.domain.certificate_type import AbolishedProof, CertificateType
from services.certificates.domain.concept import Concept
from services.certificates.domain.issuer import Issuer, IssuerClass
from services.certificates.domain.remedy import Remedy
from services.certificates.yaml_entries import read
from shared.contracts.errors import Misconfigured, Refused
from shared.standards.credit_code import CreditCode
from shared.standards.division_names import village_committee_name
from shared.standards.divisions import get
from shared.standards.errors import NotValid

FOLDER = Path(__file__).with_name("catalogue")
ABOLISHED = "abolished.yaml"
CONCEPTS = "concepts.yaml"
ISSUERS = "issuers.yaml"
REFUSALS = "refusals.yaml"


@cache
def catalogue() -> Catalogue:
    """The catalogue this release ships."""
    return load(FOLDER)


def load(folder: Path) -> Catalogue:
    """Read every file of a folder. Raises Misconfigured naming file, entry and field."""
    abolished = {proof.code: proof for proof in read(folder / ABOLISHED, AbolishedProof)}
    concepts = _concepts(folder / CONCEPTS, abolished)
    issuers = _issuers(folder / ISSUERS)
    types = {
        file.stem: [with_bodies(type, issuers) for type in _versions(file, concepts)]
        for file in sorted(folder.glob("*.yaml"))
        if file.name not in (ABOLISHED, CONCEPTS, ISSUERS, REFUSALS)
    }
    nearest: dict[tuple[IssuerClass, str], Issuer] = {}
    for one in issuers:
        nearest.setdefault((one.issuer_class, one.division), one)
    others = tuple(one for one in issuers if nearest[one.issuer_class, one.division] is not one)
    return Catalogue(types, abolished, nearest, concepts, _remedies(folder / REFUSALS), others)


def _remedies(file: Path) -> Mapping[IssuerClass, Remedy]:
    remedies = {one.issuer_class: one for one in read(file, Remedy)}
    if missing := set(get_args(IssuerClass)) - remedies.keys():
        raise Misconfigured(f"{file.name}: there is nothing for {', '.join(sorted(missing))}")
    return remedies


def _concepts(file: Path, abolished: Mapping[str, AbolishedProof]) -> Mapping[str, Concept]:
    concepts = {code: proof.concept for code, proof in abolished.items()}
    for number, one in enumerate(read(file, Concept), 1):
        if one.concept in concepts:
            raise Misconfigured(f"{file.name}: entry {number}, concept: {one.concept} occurs twice")
        concepts[one.concept] = one
    return concepts


def _versions(file: Path, concepts: Mapping[str, Concept]) -> list[CertificateType]:
    versions = read(file, CertificateType, code=file.stem)
    for number, type in enumerate(versions, 1):
        if type.concept and type.concept not in concepts:
            raise Misconfigured(f"{file.name}: entry {number}, concept: there is no {type.concept}")
        try:
            refuse_what_is_not_theirs(type, concepts)
        except Refused as refused:
            raise Misconfigured(f"{file.name}: entry {number}, issuer: {refused.text.en}") from None
    require_room(versions, file.name)
    for before, after in pairwise(versions):
        if after.version <= before.version or after.in_force_from <= before.in_force_from:
            raise Misconfigured(f"{file.name}: version {after.version} must be later than {before.version}")
    return versions


class _IssuerRow(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer_class: IssuerClass = Field(alias="class")
    division: str
    credit_code: CreditCode
    name: str | None = Field(default=None, min_length=4, max_length=100)


def _issuers(file: Path) -> Sequence[Issuer]:
    """As they stand there; of several of a class and division the first is meant where none is chosen."""
    issuers: dict[CreditCode, Issuer] = {}
    villages: set[str] = set()
    for row in read(file, _IssuerRow):
        try:
            name = _full_legal_name(row)
        except NotValid as wrong:
            raise Misconfigured(f"{file.name}: division {row.division}: {wrong.en}") from None
        if row.division in villages:
            raise Misconfigured(f"{file.name}: division {row.division} occurs twice")
        if row.issuer_class == "village":
            villages.add(row.division)
        if row.credit_code in issuers:
            raise Misconfigured(f"{file.name}: credit code {row.credit_code} occurs twice")
        issuers[row.credit_code] = Issuer(row.division, row.credit_code, name, row.issuer_class)
    return tuple(issuers.values())


def _full_legal_name(row: _IssuerRow) -> str:
    if row.issuer_class == "village":
        name = village_committee_name(row.division)
        if row.name not in (None, name):
            raise NotValid("name", "村（社区）的名称由区划代码得出。", "A village's name follows from its division.")
        return name
    get(row.division)
    if row.name is None:
        raise NotValid("name", "请填写机构全称。", "A body that is no village needs its full legal name.")
    return row.name
