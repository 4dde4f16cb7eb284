"""What a refusal says beside its reason: what it relies on, and the way of review. Who refuses decides it."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.issuer import IssuerClass
from shared.standards.text import Text


class Remedy(BaseModel):
    """Of one class of bodies."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer_class: IssuerClass = Field(alias="class")
    verb: Text  # 不予出具, 不予办理
    provisions: tuple[str, ...] = Field(min_length=1)  # relied on where a type names none
    remedy: Text
    source: tuple[str, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class RefusalTerms:
    """As pinned when it is refused."""

    provisions: Sequence[str]
    remedy: Text


def terms_of(remedy: Remedy, type: CertificateType) -> RefusalTerms:
    return RefusalTerms(type.provisions or remedy.provisions, remedy.remedy)


def title_of(remedy: Remedy, type: CertificateType) -> Text:
    """What the notice is called: '不予出具居住证明通知书'."""
    name = type.name
    return type.refusal_notice or Text(
        f"{remedy.verb.zh}{name.zh}通知书", f"Notice that a {name.en.lower()} is {remedy.verb.en}"
    )
