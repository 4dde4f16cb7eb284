"""A paper that a stopped case takes back: void for ever, so that a case handed in anew leaves one paper alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.certificates.domain.certificate_state import Living
from services.certificates.domain.guardian import guardian_of
from services.certificates.domain.issuer import IssuerClass
from shared.contracts.certificates import CertificateRevoked
from shared.contracts.event import Event
from shared.standards.text import Text

CALLED_BACK = Text("撤销", "revoked")
WORDS: Mapping[IssuerClass, Text] = {
    "health": Text("作废", "void"),
    "insurance": Text("注销", "cancelled"),
    "social_security": Text("注销", "cancelled"),
}
"""As each class of bodies calls it; the others revoke (撤销)."""


@dataclass(frozen=True, slots=True)
class TakeBack:
    """By the department. `cause`: the withdrawal of the item that the paper was made for."""

    cause: UUID
    issuer: IssuerClass
    now: datetime


def explanation(issuer: IssuerClass) -> Text:
    zh, en = WORDS.get(issuer, CALLED_BACK)
    return Text(
        f"办理该证照的“一件事”已终止，该证照{zh}，请勿再使用；仍需要的，请重新提交，将另行签发。",
        f"The case that this certificate was made for was stopped, so it is {en}; please do not use it any more. If it "
        "is still wanted, please hand in the case again and a new one is issued.",
    )


def take_back(state: Living, command: TakeBack) -> Sequence[Event]:
    of = state.as_issued
    return [
        CertificateRevoked(
            certificate=of.certificate,
            citizen=of.citizen,
            certificate_type=of.certificate_type,
            identifier=of.identifier,
            reason="case_stopped",
            explanation="{} {}".format(*explanation(command.issuer)),
            cause=command.cause,
            revoked_at=command.now,
            guardian=guardian_of(of, command.now),
        )
    ]
