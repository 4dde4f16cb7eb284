"""Living certificates: what follows when a fact that a certificate rests on changes.

Someone may hold a certificate about a village where he rents while his household is registered elsewhere. A move of the
household touches only certificates about the place it left; whether he still lives there is then for its reviewers
to say, so the certificate is suspended, not revoked.

A death suspends, too: revoking is for ever and takes two officers, and one registrar's record may be wrong. When the
record is withdrawn, what it suspended holds again by itself.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.certificates.domain.certificate_state import Living, Suspended
from services.certificates.domain.certificate_type import Fact
from services.certificates.domain.guardian import guardian_of
from shared.contracts.certificates import CertificateReinstated, CertificateSuspended, SuspensionReason
from shared.contracts.event import Event
from shared.standards.divisions import is_within
from shared.standards.text import Text


class Moved(NamedTuple):
    from_division: str


class Corrected(NamedTuple):
    """Name or ID number in the household register."""


class Died(NamedTuple):
    pass


class Lives(NamedTuple):
    """The record of his death was withdrawn."""


Change = Moved | Corrected | Died | Lives

MOVED = Text(
    "户口已从证照所载地区迁出或在其内变更住址；仍在该地居住的，请联系签发机关更正或恢复。",
    "The household moved out of, or within, the place the certificate names; if the holder still lives there, its "
    "issuer can correct or reinstate it.",
)
CORRECTED = Text(
    "户籍登记的姓名或公民身份号码已更正，与证照所载不一致；请联系签发机关更正证照。",
    "Name or ID number in the household register were corrected and differ from the certificate; its issuer can "
    "correct it.",
)
DIED = Text(
    "户籍登记为持证人已死亡；登记有误的，由公安机关撤销死亡登记后自行恢复。",
    "The household register says that the holder has died; if that is wrong, the certificate holds again once the "
    "police have withdrawn the record.",
)
LIVES = Text("持证人的死亡登记已撤销。", "The record of the holder's death was withdrawn.")


@dataclass(frozen=True, slots=True)
class HearOfChange:
    """`cause` is the event of identity that told of it; `rests_on` belongs to the certificate's type."""

    cause: UUID
    change: Change
    rests_on: Collection[Fact]
    now: datetime


def follow(state: Living, command: HearOfChange) -> Sequence[Event]:
    rests_on = command.rests_on
    match command.change:
        case Died() if "life" in rests_on:
            return [_suspended(state, command, "holder_died", _both(DIED))]
        case Lives():
            return _lives(state, command)
        case Moved(left) if {"residence", "household"} & set(rests_on) and is_within(left, state.as_issued.division):
            return [_suspended(state, command, "fact_changed", _both(MOVED))]
        case Corrected() if "identity" in rests_on:
            return [_suspended(state, command, "fact_changed", _both(CORRECTED))]
        case _:
            return []


def _lives(state: Living, command: HearOfChange) -> Sequence[Event]:
    """One that was suspended before the death, for another reason, stays suspended for that one."""
    match state:
        case Suspended(reason="holder_died", beneath=None):
            of = state.as_issued
            return [
                CertificateReinstated(
                    certificate=of.certificate,
                    citizen=of.citizen,
                    certificate_type=of.certificate_type,
                    identifier=of.identifier,
                    explanation=_both(LIVES),
                    decided_by=None,
                    reinstated_at=command.now,
                    cause=command.cause,
                    guardian=guardian_of(of, command.now),
                )
            ]
        case Suspended(reason="holder_died", beneath=Suspended(reason=reason, explanation=explanation)):
            return [_suspended(state, command, reason, explanation)]
        case _:
            return []


def _suspended(
    state: Living, command: HearOfChange, reason: SuspensionReason, explanation: str
) -> CertificateSuspended:
    """Said of one that is suspended already, too: it is not to be reinstated without a look at this."""
    of = state.as_issued
    return CertificateSuspended(
        certificate=of.certificate,
        citizen=of.citizen,
        certificate_type=of.certificate_type,
        identifier=of.identifier,
        reason=reason,
        explanation=explanation,
        cause=command.cause,
        suspended_at=command.now,
        guardian=guardian_of(of, command.now),
    )


def _both(text: Text) -> str:
    """An explanation is one text, read by people of either language."""
    return f"{text.zh} {text.en}"
