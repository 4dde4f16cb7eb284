"""Living certificates: what follows when a fact that a certificate rests on changes.

Someone may hold a certificate about a village where he rents while his household is registered elsewhere. A move of the
household touches only certificates about the place it left; whether he still lives there is then for its reviewers
to say, so the certificate is suspended, not revoked.

A death suspends, too: revoking is for ever and takes two officers, and one registrar's record may be wrong. When the
record is withdrawn, what it suspended holds again by itself.

What says something that the register no longer says is suspended at once, and replaced by itself where the type says
so; where a body has to look, it stays suspended until the body corrects it, or the register says again what it says.
An entry that two officers annulled takes
with it for ever all that was issued to, or about, somebody who never was.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.certificates.domain.certificate_state import Issued, Living, Suspended
from services.certificates.domain.certificate_type import Fact
from services.certificates.domain.guardian import guardian_of
from services.certificates.domain.life_events import CorrectionDecided
from services.certificates.domain.register_facts import Difference
from shared.contracts.certificates import (
    CertificateReinstated,
    CertificateRevoked,
    CertificateSuspended,
    SuspensionReason,
)
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


class Annulled(NamedTuple):
    """The entry should never have been made."""


class NamedAnnulled(NamedTuple):
    """The entry of somebody whom the paper names beside its holder should never have been made."""


class Born(NamedTuple):
    """Entered in the register, so that it is known whom a birth certificate is about."""


Change = Moved | Corrected | Died | Lives | Annulled | NamedAnnulled | Born

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
REPLACED = Text(
    "户籍登记已更正，与证照所载不一致；原证照停止使用，新证照将自动换发，无需申请。",
    "The household register was corrected and differs from the certificate; it no longer holds, and a new one is "
    "issued in its place without an application.",
)
ANNULLED = Text(
    "证照所依据的户籍登记已被撤销，证照随之作废；有异议的，请向作出登记的公安机关提出。",
    "The entry in the household register that the certificate rests on was annulled, and the certificate with it; if "
    "you disagree, please turn to the police who keep the register.",
)
NAMED_ANNULLED = Text(
    "证照所载人员的户籍登记已被撤销；原证照停止使用，由签发机关核对后换发或撤销，请联系签发机关。",
    "The entry in the household register of somebody whom this certificate names was annulled; it no longer holds, and "
    "its issuer looks at it and corrects or revokes it; please turn to the issuer.",
)
WHY_REPLACED = "户籍登记更正，自动换发"
AGREES = Text(
    "户籍登记现与证照所载一致，证照恢复使用。",
    "The household register says again what the certificate says, so it holds again.",
)
LIVES = Text("持证人的死亡登记已撤销。", "The record of the holder's death was withdrawn.")


@dataclass(frozen=True, slots=True)
class HearOfChange:
    """`cause` is the event of identity that told of it; `rests_on` belongs to the certificate's type.

    `differs`: what the certificate says otherwise than the register now; None: that was not compared. `form`: the whole
    form as the register has it now.
    """

    cause: UUID
    change: Change
    rests_on: Collection[Fact]
    now: datetime
    differs: Difference | None = None
    form: Mapping[str, str] | None = None


def follow(state: Living, command: HearOfChange) -> Sequence[Event]:
    rests_on = command.rests_on
    match command.change:
        case Annulled():
            return [_revoked(state, command)]
        case NamedAnnulled():
            return _once(state, _suspended(state, command, "fact_changed", _both(NAMED_ANNULLED)))
        case Died() if "life" in rests_on:
            return [_suspended(state, command, "holder_died", _both(DIED))]
        case Lives():
            return _lives(state, command)
        case Moved(left) if {"residence", "household"} & set(rests_on) and is_within(left, state.as_issued.division):
            return _moved(state, command)
        case Corrected() if "identity" in rests_on and command.differs is None:
            return [_suspended(state, command, "fact_changed", _both(CORRECTED))]
        case _ if command.differs:
            return _differs(state, command, command.differs)
        case _ if isinstance(state, Suspended) and _agrees(state, command):
            return _holds_again(state, command)
        case _:
            return []


def _moved(state: Living, command: HearOfChange) -> Sequence[Event]:
    """After a death, which may be withdrawn, the death stays the reason, and beneath it the move."""
    moved = _suspended(state, command, "fact_changed", _both(MOVED))
    if isinstance(state, Suspended) and state.reason == "holder_died":
        return [moved, _suspended(state, command, "holder_died", state.explanation)]
    return [moved]


def looked_at(body: str) -> Text:
    """Whom it waits for."""
    return Text(
        f"户籍登记已更正，与证照所载不一致；原证照停止使用，由{body}核对后换发，无需重新申请。",
        "The household register was corrected and differs from the certificate; it no longer holds, and its issuer, "
        f"{body}, looks at it and issues a new one; there is no need to apply again.",
    )


def _differs(state: Living, command: HearOfChange, differs: Difference) -> Sequence[Event]:
    """Replaced by itself if nothing else keeps it from holding, and nobody has to look at it."""
    if state.correction:
        return []  # the one that takes its place is looked at, too
    by = state.as_issued.reviewer
    fields = tuple(sorted(differs.now))
    would_hold = isinstance(state, Issued) or (bool(state.differs) and state.beneath is None)
    if differs.is_reviewed or command.form is None or by is None or state.proposal or not would_hold:
        why = _both(looked_at(state.as_issued.issuing_body))
        return _once(state, _suspended(state, command, "fact_changed", why, fields))
    return [
        _suspended(state, command, "fact_changed", _both(REPLACED), fields),
        CorrectionDecided(
            certificate=state.as_issued.certificate,
            form=dict(command.form),
            reason=WHY_REPLACED,
            decided_by=by,
            decided_at=command.now,
            cause=command.cause,
            citizen=state.as_issued.citizen,
        ),
    ]


def _once(state: Living, suspended: CertificateSuspended) -> Sequence[Event]:
    """One that is suspended for the same is not suspended again; a death that may be withdrawn stays the reason."""
    if not isinstance(state, Suspended):
        return [suspended]
    is_the_same = state.reason == suspended.reason and bool(state.differs) == bool(suspended.differs)
    return [] if is_the_same or state.reason == "holder_died" else [suspended]


def _agrees(state: Suspended, command: HearOfChange) -> bool:
    """Whether the register says again all that the paper was suspended for. What is not known agrees with nothing."""
    differs = command.differs
    if not state.differs or differs is None or differs:
        return False
    return differs.same.issuperset(state.differs)


def _holds_again(state: Suspended, command: HearOfChange) -> Sequence[Event]:
    """One that was suspended before, for another reason, stays suspended for that one."""
    if state.correction:
        return []
    if before := state.beneath:
        return [_suspended(state, command, before.reason, before.explanation, before.differs)]
    return [_reinstated(state, command, AGREES)]


def _revoked(state: Living, command: HearOfChange) -> CertificateRevoked:
    of = state.as_issued
    return CertificateRevoked(
        certificate=of.certificate,
        citizen=of.citizen,
        certificate_type=of.certificate_type,
        identifier=of.identifier,
        reason="entry_annulled",
        explanation=_both(ANNULLED),
        cause=command.cause,
        revoked_at=command.now,
        guardian=guardian_of(of, command.now),
    )


def _lives(state: Living, command: HearOfChange) -> Sequence[Event]:
    """One that was suspended before the death, for another reason, stays suspended for that one."""
    if not isinstance(state, Suspended) or state.reason != "holder_died":
        return _holds_again(state, command) if isinstance(state, Suspended) and _agrees(state, command) else []
    before = state.beneath
    if before and _agrees(before, command):
        before = before.beneath
    if before is None:
        return [_reinstated(state, command, LIVES)]
    return [_suspended(state, command, before.reason, before.explanation, before.differs)]


def _reinstated(state: Living, command: HearOfChange, why: Text) -> CertificateReinstated:
    of = state.as_issued
    return CertificateReinstated(
        certificate=of.certificate,
        citizen=of.citizen,
        certificate_type=of.certificate_type,
        identifier=of.identifier,
        explanation=_both(why),
        decided_by=None,
        reinstated_at=command.now,
        cause=command.cause,
        guardian=guardian_of(of, command.now),
    )


def _suspended(
    state: Living, command: HearOfChange, reason: SuspensionReason, explanation: str, differs: tuple[str, ...] = ()
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
        differs=differs,
    )


def _both(text: Text) -> str:
    """An explanation is one text, read by people of either language."""
    return f"{text.zh} {text.en}"
