"""A certificate after issue: suspended and reinstated, corrected, superseded, expired."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.certificates.domain import life_refusals as refusals
from services.certificates.domain.certificate_state import Living, NotIssued, Standing, State, Suspended
from services.certificates.domain.fact_change import HearOfChange, follow
from services.certificates.domain.forms import FilledForm
from services.certificates.domain.guardian import EndGuardianship, end, guardian_of
from services.certificates.domain.life_events import CorrectionDecided, SuccessionSettled
from services.certificates.domain.officer import Officer
from services.certificates.domain.reasons import said
from services.certificates.domain.revocation import OnRevocation, decide_revocation
from services.certificates.domain.stopped_case import TakeBack, take_back
from shared.contracts.certificates import (
    CertificateExpired,
    CertificateReinstated,
    CertificateSuperseded,
    CertificateSuspended,
)
from shared.contracts.event import Event
from shared.standards.shanghai import end_of

OfficersReason = Literal["under_review", "fact_changed", "holder_asked"]


@dataclass(frozen=True, slots=True)
class SuspendCertificate:
    officer: Officer
    reason: OfficersReason
    explanation: str
    now: datetime


@dataclass(frozen=True, slots=True)
class ReinstateCertificate:
    officer: Officer
    explanation: str
    now: datetime


@dataclass(frozen=True, slots=True)
class CorrectCertificate:
    """`form` is all of the application's form as it should have been."""

    officer: Officer
    form: FilledForm
    before: Mapping[str, str]
    reason: str
    now: datetime


@dataclass(frozen=True, slots=True)
class SupersedeCertificate:
    """By a certificate that was issued in its place."""

    by: UUID
    by_identifier: str
    now: datetime


@dataclass(frozen=True, slots=True)
class SettleSuccession:
    """Of the certificate that took another's place: the other one has been seen to."""


@dataclass(frozen=True, slots=True)
class ExpireCertificate:
    now: datetime


ByOfficer = SuspendCertificate | ReinstateCertificate | CorrectCertificate
ByItself = SupersedeCertificate | SettleSuccession | ExpireCertificate | HearOfChange | EndGuardianship | TakeBack
LifeCommand = ByOfficer | ByItself | OnRevocation


def decide_life(state: State, command: LifeCommand) -> Sequence[Event]:
    if isinstance(state, NotIssued):
        raise refusals.no_such_certificate()
    match command:
        case EndGuardianship():
            return end(state.as_issued.guardian, command)
        case SettleSuccession():
            return [SuccessionSettled(certificate=state.as_issued.certificate)]
        case TakeBack():
            return take_back(state, command) if isinstance(state, Living) else []
        case SupersedeCertificate() | ExpireCertificate() | HearOfChange():
            return _by_itself(state, command) if isinstance(state, Living) else []
        case SuspendCertificate() | ReinstateCertificate() | CorrectCertificate():
            command.officer.require(state.as_issued)
            return _by_officer(living(state), command)
        case _:
            return decide_revocation(state, command)


def living(state: Standing) -> Living:
    """Raises Refused for one whose life is over, or that is just being replaced."""
    if not isinstance(state, Living):
        raise refusals.is_over(state.status)
    if state.correction:
        raise refusals.being_corrected()
    return state


def _by_officer(state: Living, command: ByOfficer) -> Sequence[Event]:
    match command:
        case SuspendCertificate():
            return _suspend(state, command)
        case ReinstateCertificate():
            return _reinstate(state, command)
        case CorrectCertificate():
            return _correct(state, command)


def _suspend(state: Living, command: SuspendCertificate) -> Sequence[Event]:
    if isinstance(state, Suspended):
        raise refusals.is_suspended()
    of = state.as_issued
    return [
        CertificateSuspended(
            certificate=of.certificate,
            citizen=of.citizen,
            certificate_type=of.certificate_type,
            identifier=of.identifier,
            reason=command.reason,
            explanation=said("explanation", command.explanation),
            decided_by=command.officer.id,
            suspended_at=command.now,
            guardian=guardian_of(of, command.now),
        )
    ]


def _reinstate(state: Living, command: ReinstateCertificate) -> Sequence[Event]:
    if not isinstance(state, Suspended):
        raise refusals.not_suspended()
    if state.reason == "holder_died":
        raise refusals.holder_died()
    of = state.as_issued
    return [
        CertificateReinstated(
            certificate=of.certificate,
            citizen=of.citizen,
            certificate_type=of.certificate_type,
            identifier=of.identifier,
            explanation=said("explanation", command.explanation),
            decided_by=command.officer.id,
            reinstated_at=command.now,
            guardian=guardian_of(of, command.now),
        )
    ]


def _correct(state: Living, command: CorrectCertificate) -> Sequence[Event]:
    of = state.as_issued
    if of.valid_to and command.now >= end_of(of.valid_to):
        raise refusals.is_over("expired")
    if state.proposal:
        raise refusals.revocation_waits()
    if dict(command.form.values) == dict(command.before):
        raise refusals.nothing_corrected()
    return [
        CorrectionDecided(
            certificate=of.certificate,
            form=dict(command.form.values),
            reason=said("reason", command.reason),
            decided_by=command.officer.id,
            decided_at=command.now,
            citizen=of.citizen,
        )
    ]


def _by_itself(state: Living, command: SupersedeCertificate | ExpireCertificate | HearOfChange) -> Sequence[Event]:
    of = state.as_issued
    match command:
        case HearOfChange():
            return follow(state, command)
        case SupersedeCertificate(by, by_identifier, now):
            return [
                CertificateSuperseded(
                    certificate=of.certificate,
                    citizen=of.citizen,
                    certificate_type=of.certificate_type,
                    identifier=of.identifier,
                    by=by,
                    by_identifier=by_identifier,
                    superseded_at=now,
                    guardian=guardian_of(of, now),
                )
            ]
        case ExpireCertificate(now) if of.valid_to and now >= end_of(of.valid_to):
            return [
                CertificateExpired(
                    certificate=of.certificate,
                    citizen=of.citizen,
                    certificate_type=of.certificate_type,
                    identifier=of.identifier,
                    valid_to=of.valid_to,
                    expired_at=now,
                    guardian=guardian_of(of, now),
                )
            ]
        case _:
            return []
