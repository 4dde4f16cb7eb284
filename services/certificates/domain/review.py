"""Reviewing an application: claiming it, passing its steps in order, sending back, refusing, approving."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.certificates.domain import refusals
from services.certificates.domain.application_state import Approved, Closed, InReview, Open, SentBack
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.concern import is_concerned, may_decide
from services.certificates.domain.escalation import patience
from services.certificates.domain.reasons import said
from services.certificates.domain.remedy import RefusalTerms
from services.certificates.domain.reviewer import Reviewer
from shared.contracts.case_items import Words
from shared.contracts.certificates import (
    ApplicationApproved,
    ApplicationClaimed,
    ApplicationRefused,
    ApplicationReleased,
    ApplicationSentBack,
    ApplicationStepPassed,
)
from shared.contracts.event import Event
from shared.contracts.identity import Role
from shared.contracts.standing_aside import not_ones_own_matter

CLAIM_LASTS = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class ClaimApplication:
    reviewer: Reviewer
    now: datetime


@dataclass(frozen=True, slots=True)
class ReleaseApplication:
    """By its claimer, or by a leader for him."""

    reviewer: Reviewer
    now: datetime


@dataclass(frozen=True, slots=True)
class SendBackApplication:
    """`in_case`: of a one-thing case, which corrects any field of its form by applying anew."""

    reviewer: Reviewer
    type: CertificateType
    wrong_fields: Mapping[str, str]
    now: datetime
    in_case: bool = False


@dataclass(frozen=True, slots=True)
class RefuseApplication:
    reviewer: Reviewer
    reason: str
    now: datetime
    terms: RefusalTerms | None = None  # None: it has no notice


@dataclass(frozen=True, slots=True)
class ApproveApplication:
    """Of the last step, that is; of one before it, the next step goes on."""

    reviewer: Reviewer
    now: datetime


@dataclass(frozen=True, slots=True)
class LapseClaim:
    """By the department."""

    now: datetime


Decision = SendBackApplication | RefuseApplication | ApproveApplication
ByReviewer = ClaimApplication | ReleaseApplication | Decision


def decide_review(state: Open | Closed, command: ByReviewer) -> Sequence[Event]:
    reviewer = command.reviewer
    if not is_concerned(state, reviewer):
        raise refusals.no_such_application()
    match state:
        case InReview():
            return _in_review(state, command)
        case SentBack():
            raise refusals.with_the_citizen()
        case Approved() if isinstance(command, ApproveApplication) and reviewer.id == state.decided_by:
            return []
        case _:
            raise refusals.already_decided(state.status)


def lapse(state: Open | Closed, command: LapseClaim) -> Sequence[Event]:
    match state:
        case InReview(of, claim=claim) if claim and command.now >= claim.at + CLAIM_LASTS:
            return [
                ApplicationReleased(
                    application=of.application,
                    released_by=claim.reviewer,
                    released_at=command.now,
                    has_lapsed=True,
                )
            ]
        case _:
            return []


def _in_review(state: InReview, command: ByReviewer) -> Sequence[Event]:
    if isinstance(command, ReleaseApplication):
        return _release(state, command)
    _require_turn(state, command.reviewer)
    match command:
        case ClaimApplication(reviewer, now):
            if state.claim:
                return []
            return [ApplicationClaimed(application=state.of.application, reviewer=reviewer.id, claimed_at=now)]
        case ApproveApplication():
            return [_approved(state, command) if state.is_last_step else _passed(state, command)]
        case RefuseApplication():
            return [_refused(state, command)]
        case SendBackApplication():
            return [_sent_back(state, command)]


def _require_turn(state: InReview, reviewer: Reviewer) -> None:
    """It is theirs to decide, nobody else has taken it on, and they neither took it in nor passed a step
    before: a check is by another."""
    if not may_decide(state, reviewer):
        raise refusals.not_your_step()
    if reviewer.is_one_of(*state.of.concerned):
        raise not_ones_own_matter()
    if reviewer.id in (*state.passed_by, state.of.submitted_by):
        raise refusals.another_must_check()
    if state.claim and state.claim.reviewer != reviewer.id:
        raise refusals.claimed_by_another()


def _release(state: InReview, command: ReleaseApplication) -> Sequence[Event]:
    reviewer = command.reviewer
    if state.claim is None:
        return []
    if state.claim.reviewer != reviewer.id and not reviewer.leads(state.step.division, state.of.kind):
        raise refusals.not_your_claim()
    return [
        ApplicationReleased(application=state.of.application, released_by=reviewer.id, released_at=command.now),
    ]


def _passed(state: InReview, command: ApproveApplication) -> ApplicationStepPassed:
    """Within the promise its clock runs on; an overdue one gives the next step time before a level above is told."""
    of, now = state.of, command.now
    due = of.due
    return ApplicationStepPassed(
        application=of.application,
        citizen=of.citizen,
        certificate_type=of.certificate_type,
        step=len(state.passed_by),
        reviewer=command.reviewer.id,
        next_step=of.chain[len(state.passed_by) + 1],
        passed_at=now,
        escalates_at=due if due is None or now < due else now + patience(of, due),
        guardian=of.guardian_at(now),
    )


def _approved(state: InReview, command: ApproveApplication) -> ApplicationApproved:
    """The reviewer is who checked last; a leader signs what was checked."""
    decider = command.reviewer.id
    is_leaders = state.step.role == Role.leader
    return ApplicationApproved(
        application=state.of.application,
        citizen=state.of.citizen,
        certificate_type=state.of.certificate_type,
        reviewer=state.passed_by[-1] if is_leaders and state.passed_by else decider,
        approved_at=command.now,
        leader=decider if is_leaders else None,
    )


def _refused(state: InReview, command: RefuseApplication) -> ApplicationRefused:
    terms = command.terms
    return ApplicationRefused(
        application=state.of.application,
        citizen=state.of.citizen,
        certificate_type=state.of.certificate_type,
        reason=said("reason", command.reason),
        reviewer=command.reviewer.id,
        refused_at=command.now,
        guardian=state.of.guardian_at(command.now),
        provisions=tuple(terms.provisions) if terms else (),
        remedy=Words(**terms.remedy._asdict()) if terms else None,
        has_notice=terms is not None,
    )


def _sent_back(state: InReview, command: SendBackApplication) -> ApplicationSentBack:
    return ApplicationSentBack(
        application=state.of.application,
        citizen=state.of.citizen,
        certificate_type=state.of.certificate_type,
        wrong_fields=_marked(command),
        reviewer=command.reviewer.id,
        sent_back_at=command.now,
        guardian=state.of.guardian_at(command.now),
    )


def _marked(command: SendBackApplication) -> dict[str, str]:
    type, wrong_fields = command.type, command.wrong_fields
    if not wrong_fields:
        raise refusals.nothing_marked()
    if unknown := {name for name in wrong_fields if type.field(name) is None}:
        raise refusals.unknown_fields(unknown)
    if not command.in_case and (fixed := wrong_fields.keys() & type.fixed):
        raise refusals.fixed_fields(fixed)
    return {name: said(f"wrong_fields.{name}", what) for name, what in wrong_fields.items()}
