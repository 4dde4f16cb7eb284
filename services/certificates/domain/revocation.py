"""Revoking takes two: one proposes, another decides. A holder may propose it, too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.certificates.domain import life_refusals as refusals
from services.certificates.domain.certificate_state import Living, Proposal, Standing
from services.certificates.domain.guardian import guardian_of
from services.certificates.domain.life_events import RevocationDeclined, RevocationProposed
from services.certificates.domain.officer import Officer
from services.certificates.domain.reasons import said
from shared.contracts.certificates import CertificateIssued, CertificateRevoked, RevocationReason
from shared.contracts.event import Event


@dataclass(frozen=True, slots=True)
class ProposeRevocation:
    """By an officer, or by the holder."""

    by: Officer | UUID
    reason: RevocationReason
    explanation: str
    now: datetime


@dataclass(frozen=True, slots=True)
class ConfirmRevocation:
    officer: Officer
    now: datetime


@dataclass(frozen=True, slots=True)
class DeclineRevocation:
    """By an officer; or whoever proposed it takes it back."""

    by: Officer | UUID
    explanation: str
    now: datetime


OnRevocation = ProposeRevocation | ConfirmRevocation | DeclineRevocation


def decide_revocation(state: Standing, command: OnRevocation) -> Sequence[Event]:
    _require(state.as_issued, command.officer if isinstance(command, ConfirmRevocation) else command.by)
    if not isinstance(state, Living):
        raise refusals.is_over(state.status)
    if state.correction:
        raise refusals.being_corrected()
    match command:
        case ProposeRevocation():
            return _propose(state, command)
        case ConfirmRevocation():
            return _confirm(state, command)
        case DeclineRevocation():
            return _decline(state, command)


def _require(issued: CertificateIssued, by: Officer | UUID) -> None:
    """To another citizen there is no such certificate."""
    if isinstance(by, Officer):
        by.require(issued)
    elif by != issued.citizen:
        raise refusals.no_such_certificate()


def _propose(state: Living, command: ProposeRevocation) -> Sequence[Event]:
    if state.proposal:
        raise refusals.revocation_waits()
    return [
        RevocationProposed(
            certificate=state.as_issued.certificate,
            reason=command.reason,
            explanation=said("explanation", command.explanation),
            proposed_by=_id(command.by),
            proposed_at=command.now,
            citizen=state.as_issued.citizen,
        )
    ]


def _confirm(state: Living, command: ConfirmRevocation) -> Sequence[Event]:
    of, proposal = state.as_issued, _waiting(state)
    if command.officer.id == proposal.proposed_by:
        raise refusals.another_must_decide()
    return [
        CertificateRevoked(
            certificate=of.certificate,
            citizen=of.citizen,
            certificate_type=of.certificate_type,
            identifier=of.identifier,
            reason=proposal.reason,
            explanation=proposal.explanation,
            proposed_by=proposal.proposed_by,
            decided_by=command.officer.id,
            revoked_at=command.now,
            guardian=guardian_of(of, command.now),
        )
    ]


def _decline(state: Living, command: DeclineRevocation) -> Sequence[Event]:
    proposal = _waiting(state)
    if not isinstance(command.by, Officer) and proposal.proposed_by != command.by:
        raise refusals.not_your_proposal()
    return [
        RevocationDeclined(
            certificate=state.as_issued.certificate,
            explanation=said("explanation", command.explanation),
            declined_by=_id(command.by),
            declined_at=command.now,
            citizen=state.as_issued.citizen,
        )
    ]


def _waiting(state: Living) -> Proposal:
    if state.proposal is None:
        raise refusals.nothing_proposed()
    return state.proposal


def _id(by: Officer | UUID) -> UUID:
    return by.id if isinstance(by, Officer) else by
