"""How a certificate stands, and how its events move it on."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from services.certificates.domain.guardian import GuardianshipEnded
from services.certificates.domain.life_events import CorrectionDecided, RevocationDeclined, RevocationProposed
from shared.contracts.certificates import (
    CertificateExpired,
    CertificateIssued,
    CertificateReinstated,
    CertificateRevoked,
    CertificateSuperseded,
    CertificateSuspended,
    RevocationReason,
    RevokedFor,
    SuspensionReason,
)
from shared.contracts.event import Event


@dataclass(frozen=True, slots=True)
class NotIssued:
    """No event yet."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A revocation that waits for another's decision."""

    reason: RevocationReason
    explanation: str
    proposed_by: UUID  # staff, or the holder
    proposed_at: datetime


@dataclass(frozen=True, slots=True)
class Correction:
    """What the next version is to say; it is on its way."""

    form: dict[str, str]
    reason: str
    decided_by: UUID
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Issued:
    """`as_issued` tells all that the certificate says."""

    status: ClassVar[str] = "valid"
    as_issued: CertificateIssued
    proposal: Proposal | None = None
    correction: Correction | None = None


@dataclass(frozen=True, slots=True)
class Suspended:
    status: ClassVar[str] = "suspended"
    as_issued: CertificateIssued
    reason: SuspensionReason
    explanation: str
    since: datetime
    proposal: Proposal | None = None
    correction: Correction | None = None
    beneath: "Suspended | None" = None  # what still stands once a death is withdrawn, or the register agrees again
    differs: tuple[str, ...] = ()  # fields that the register says otherwise; it holds again once they agree


@dataclass(frozen=True, slots=True)
class Revoked:
    status: ClassVar[str] = "revoked"
    as_issued: CertificateIssued
    reason: RevokedFor
    explanation: str
    since: datetime
    decided_by: UUID | None  # None: it followed from another department's event


@dataclass(frozen=True, slots=True)
class Superseded:
    status: ClassVar[str] = "superseded"
    as_issued: CertificateIssued
    by: UUID
    by_identifier: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Expired:
    status: ClassVar[str] = "expired"
    as_issued: CertificateIssued
    since: datetime


Living = Issued | Suspended
Over = Revoked | Superseded | Expired
Standing = Living | Over
State = NotIssued | Standing


def evolve(state: State, event: Event) -> State:
    match state, event:
        case NotIssued(), CertificateIssued():
            return Issued(event)
        case Issued() | Suspended(), _:
            return _lives_on(state, event)
        case _:
            return state


def _lives_on(state: Living, event: Event) -> State:
    of = state.as_issued
    match event:
        case CertificateSuspended(reason=reason, explanation=why, suspended_at=at, differs=differs):
            beneath = _beneath(state, event) if reason == "holder_died" or differs else None
            return Suspended(of, reason, why, at, state.proposal, state.correction, beneath, differs)
        case GuardianshipEnded():
            return replace(state, as_issued=of.model_copy(update={"guardian": None, "guardian_until": None}))
        case CertificateReinstated():
            return Issued(of, state.proposal, state.correction)
        case RevocationProposed(reason=reason, explanation=why, proposed_by=by, proposed_at=at):
            return replace(state, proposal=Proposal(reason, why, by, at))
        case RevocationDeclined():
            return replace(state, proposal=None)
        case CertificateRevoked(reason=reason, explanation=why, revoked_at=at, decided_by=by):
            return Revoked(of, reason, why, at, by)
        case CorrectionDecided(form=form, reason=why, decided_by=by, decided_at=at):
            return replace(state, correction=Correction(form, why, by, at))
        case CertificateSuperseded(by=by, by_identifier=identifier, superseded_at=at):
            return Superseded(of, by, identifier, at)
        case CertificateExpired(expired_at=at):
            return Expired(of, at)
        case _:
            return state


def _beneath(state: Living, event: CertificateSuspended) -> Suspended | None:
    under: Living | None = state
    while isinstance(under, Suspended) and (under.reason == "holder_died" or (event.differs and under.differs)):
        under = under.beneath
    return under if isinstance(under, Suspended) else None
