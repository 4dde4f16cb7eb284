"""How an application stands, and how its events move it on."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from services.certificates.domain.application_overdue import ApplicationOverdue
from services.certificates.domain.guardian import Guardian, GuardianshipEnded, still_guardian
from services.certificates.domain.notice_issued import NoticeIssued
from services.certificates.domain.promise import known
from services.certificates.domain.refilling import ApplicationRefilled
from services.certificates.domain.remedy import RefusalTerms
from shared.contracts.agency import Agency
from shared.contracts.certificates import (
    ApplicationApproved,
    ApplicationClaimed,
    ApplicationEscalated,
    ApplicationMessageSent,
    ApplicationRefused,
    ApplicationReleased,
    ApplicationResubmitted,
    ApplicationSentBack,
    ApplicationStepPassed,
    ApplicationSubmitted,
    ApplicationTerminated,
    ApplicationWithdrawn,
    Assistance,
    Channel,
    ReviewStep,
    TerminationReason,
)
from shared.contracts.event import Event
from shared.contracts.identity import Role
from shared.standards.legal_clock import LegalClock
from shared.standards.text import Text


@dataclass(frozen=True, slots=True)
class NotSubmitted:
    """No event yet."""


@dataclass(frozen=True, slots=True)
class ActUnderMandate:
    """What an agent did for the citizen."""

    what: Literal["submitted", "resubmitted", "withdrawn", "message"]
    agency: Agency
    at: datetime


@dataclass(frozen=True, slots=True)
class Particulars:
    """What holds through all of an application's life, as last submitted."""

    application: UUID
    citizen: UUID
    certificate_type: str
    catalogue_version: int
    division: str
    form: Mapping[str, str]
    submitted_at: datetime
    filled_at: datetime  # when its form was filled from the register: submitted, or put right
    promised: datetime | LegalClock | None  # a clock: its calendar was not published then
    chain: tuple[ReviewStep, ...]  # at least one step
    messages: int = 0
    evidence: Mapping[str, str] = field(default_factory=dict)  # kind -> SHA-256
    channel: Channel = "app"
    submitted_by: UUID | None = None  # the member of staff who took it in
    assistance: Assistance | None = None
    guardian: Guardian | None = None
    acts: tuple[ActUnderMandate, ...] = ()  # done for the citizen under a mandate
    issuing_body: str | None = None  # credit code of the body that was chosen; None: it follows from the division
    replaces: UUID | None = None  # the certificate that what is issued takes the place of

    def guardian_at(self, now: datetime) -> UUID | None:
        """Who is told beside the citizen."""
        return still_guardian(self.guardian, now)

    @property
    def concerned(self) -> frozenset[UUID]:
        """Whose own matter it is: the citizen's, a guardian's and the agents'."""
        guardians = {self.guardian.person} if self.guardian else set()
        return frozenset({self.citizen, *guardians, *(act.agency.agent for act in self.acts)})

    @property
    def kind(self) -> str:
        """The role that bodies of the issuing class review in: the first step is always theirs."""
        return self.chain[0].role

    @property
    def due(self) -> datetime | None:
        """As the calendar is known today. None: it is pending."""
        return known(self.promised)


@dataclass(frozen=True, slots=True)
class Claim:
    reviewer: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class InReview:
    status: ClassVar[str] = "in_review"
    of: Particulars
    escalates_at: datetime | LegalClock | None  # unless decided by then
    passed_by: tuple[UUID, ...] = ()  # who found it right at the steps before
    claim: Claim | None = None
    escalated_to: str | None = None  # the division above that may decide this step too
    overdue: ApplicationOverdue | None = None  # the clock has run out, and whom to tell is being looked up

    @property
    def step(self) -> ReviewStep:
        return self.of.chain[len(self.passed_by)]

    @property
    def is_last_step(self) -> bool:
        return len(self.passed_by) == len(self.of.chain) - 1


@dataclass(frozen=True, slots=True)
class SentBack:
    status: ClassVar[str] = "sent_back"
    of: Particulars
    wrong_fields: Mapping[str, str]
    reviewer: UUID


@dataclass(frozen=True, slots=True)
class Approved:
    status: ClassVar[str] = "approved"
    of: Particulars
    reviewer: UUID
    approved_at: datetime
    leader: UUID | None = None
    passed_by: tuple[UUID, ...] = ()  # who found it right at the steps before

    @property
    def decided_by(self) -> UUID:
        return self.leader or self.reviewer

    @property
    def reviewed_by(self) -> tuple[UUID, ...]:
        """Each once, in their order."""
        return tuple(dict.fromkeys((*self.passed_by, self.reviewer, self.decided_by)))


@dataclass(frozen=True, slots=True)
class Refused:
    status: ClassVar[str] = "refused"
    of: Particulars
    reason: str
    reviewer: UUID
    has_notice: bool = False  # the document of its own that tells the applicant is made
    terms: RefusalTerms | None = None  # what the notice says beside the reason
    by: ReviewStep | None = None  # the step that it was refused at


@dataclass(frozen=True, slots=True)
class Withdrawn:
    status: ClassVar[str] = "withdrawn"
    of: Particulars


@dataclass(frozen=True, slots=True)
class Terminated:
    """Over before anything was issued. `reviewer`: who approved it or sent it back; None: it was under review."""

    status: ClassVar[str] = "terminated"
    of: Particulars
    reviewer: UUID | None
    reason: TerminationReason


Open = InReview | SentBack
Closed = Approved | Refused | Withdrawn | Terminated
State = NotSubmitted | Open | Closed


def chain_of(submitted: ApplicationSubmitted) -> tuple[ReviewStep, ...]:
    """Who reviews, in order, as pinned when it was submitted."""
    return submitted.chain or (ReviewStep(division=submitted.division, role=Role.reviewer),)


def promised(event: ApplicationSubmitted | ApplicationResubmitted) -> datetime | LegalClock | None:
    """When it is due, or what that will follow from."""
    return event.expected_by or event.pending


def evolve(state: State, event: Event) -> State:
    following = _evolve(state, event)
    act = act_under_mandate(event)
    if act is None or isinstance(following, NotSubmitted):
        return following
    return replace(following, of=replace(following.of, acts=(*following.of.acts, act)))


def act_under_mandate(event: Event) -> ActUnderMandate | None:
    """None: nobody acted under a mandate."""
    match event:
        case ApplicationSubmitted(submitted_at=at):
            return _act("submitted", event, at)
        case ApplicationResubmitted(resubmitted_at=at):
            return _act("resubmitted", event, at)
        case ApplicationWithdrawn(withdrawn_at=at):
            return _act("withdrawn", event, at)
        case ApplicationMessageSent(sent_at=at):
            return _act("message", event, at)
        case _:
            return None


def _act(
    what: Literal["submitted", "resubmitted", "withdrawn", "message"],
    event: ApplicationSubmitted | ApplicationResubmitted | ApplicationWithdrawn | ApplicationMessageSent,
    at: datetime,
) -> ActUnderMandate | None:
    if event.mandate is None or event.agent is None:
        return None
    return ActUnderMandate(what, Agency(event.mandate, event.agent, event.agent_name or ""), at)


def _evolve(state: State, event: Event) -> State:
    match state, event:
        case _, GuardianshipEnded():
            return _without_guardian(state)
        case NotSubmitted(), ApplicationSubmitted():
            return InReview(_particulars(event), escalates_at=promised(event))
        case SentBack(of), ApplicationResubmitted(form=form, evidence=evidence, resubmitted_at=at):
            again = replace(of, form=form, evidence=evidence, filled_at=at, promised=promised(event))
            return InReview(again, escalates_at=again.promised)
        case InReview() | Approved(), ApplicationRefilled(form=form, refilled_at=at):
            return replace(state, of=replace(state.of, form=form, filled_at=at))
        case InReview(), _:
            return _evolve_in_review(state, event)
        case SentBack(of), ApplicationMessageSent():
            return replace(state, of=replace(of, messages=of.messages + 1))
        case SentBack(of), ApplicationWithdrawn():
            return Withdrawn(of)
        case Approved(of) | SentBack(of), ApplicationTerminated(reason=reason):
            return Terminated(of, state.reviewer, reason)
        case Refused(), NoticeIssued():
            return replace(state, has_notice=True)
        case _:
            return state


def _without_guardian(state: State) -> State:
    return state if isinstance(state, NotSubmitted) else replace(state, of=replace(state.of, guardian=None))


def _particulars(submitted: ApplicationSubmitted) -> Particulars:
    return Particulars(
        application=submitted.application,
        citizen=submitted.citizen,
        certificate_type=submitted.certificate_type,
        catalogue_version=submitted.catalogue_version,
        division=submitted.division,
        form=submitted.form,
        submitted_at=submitted.submitted_at,
        filled_at=submitted.submitted_at,
        promised=promised(submitted),
        chain=chain_of(submitted),
        evidence=submitted.evidence,
        channel=submitted.channel,
        submitted_by=submitted.submitted_by,
        assistance=submitted.assistance,
        guardian=Guardian(submitted.guardian, submitted.guardian_until)
        if submitted.guardian and submitted.guardian_until
        else None,
        issuing_body=submitted.issuing_body,
        replaces=submitted.replaces,
    )


def _evolve_in_review(state: InReview, event: Event) -> State:
    of = state.of
    match event:
        case ApplicationClaimed(reviewer=reviewer, claimed_at=at):
            return replace(state, claim=Claim(reviewer, at))
        case ApplicationReleased():
            return replace(state, claim=None)
        case ApplicationStepPassed(reviewer=reviewer, escalates_at=escalates_at):
            is_pending = escalates_at is None and isinstance(of.promised, LegalClock)
            return InReview(of, of.promised if is_pending else escalates_at, (*state.passed_by, reviewer))
        case ApplicationOverdue():
            return replace(state, overdue=event)
        case ApplicationEscalated(division=division, escalates_at=escalates_at):
            return replace(state, escalated_to=division, escalates_at=escalates_at, overdue=None)
        case ApplicationMessageSent():
            return replace(state, of=replace(of, messages=of.messages + 1))
        case ApplicationSentBack(wrong_fields=wrong_fields, reviewer=reviewer):
            return SentBack(of, wrong_fields, reviewer)
        case ApplicationApproved(reviewer=reviewer, approved_at=approved_at, leader=leader):
            return Approved(of, reviewer, approved_at, leader, state.passed_by)
        case ApplicationRefused(reason=reason, reviewer=reviewer, provisions=provisions, remedy=remedy):
            terms = RefusalTerms(provisions, Text(remedy.zh, remedy.en)) if remedy else None
            return Refused(of, reason, reviewer, terms=terms, by=state.step)
        case ApplicationWithdrawn():
            return Withdrawn(of)
        case ApplicationTerminated(reason=reason):
            return Terminated(of, None, reason)
        case _:
            return state
