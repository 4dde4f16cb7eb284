"""An application for a certificate, from submission to the decision. Stream `application-<id>`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never
from uuid import UUID, uuid5

from services.certificates.domain import refusals
from services.certificates.domain.application_state import (
    Approved,
    Closed,
    InReview,
    NotSubmitted,
    Open,
    Refused,
    SentBack,
    State,
    Terminated,
    Withdrawn,
    evolve,
)
from services.certificates.domain.conversation import SendMessage, send_message
from services.certificates.domain.escalation import ByClock, EscalateApplication, NoteOverdue, decide_by_clock
from services.certificates.domain.forms import FilledForm
from services.certificates.domain.guardian import EndGuardianship, Guardian, end
from services.certificates.domain.notice import IssueNotice, issue_notice
from services.certificates.domain.refilling import RefillApplication, refill
from services.certificates.domain.review import ByReviewer, LapseClaim, decide_review, lapse
from services.certificates.domain.termination import TerminateApplication, terminate
from shared.contracts.agency import Agency, stated
from shared.contracts.certificates import (
    ApplicationResubmitted,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    Assistance,
    Channel,
    ReviewStep,
)
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate


@dataclass(frozen=True, slots=True)
class SubmitApplication:
    application: UUID
    citizen: UUID
    form: FilledForm
    now: datetime
    chain: tuple[ReviewStep, ...] = ()
    channel: Channel = "app"
    submitted_by: UUID | None = None  # staff; None: the citizen himself
    assistance: Assistance | None = None
    evidence: Mapping[str, str] = field(default_factory=dict)  # kind -> SHA-256
    guardian: Guardian | None = None  # who applies for his ward on line
    agency: Agency | None = None  # under which mandate, and by whom
    issuing_body: str | None = None  # credit code of the body that was chosen
    replaces: UUID | None = None  # the certificate that what is issued takes the place of


@dataclass(frozen=True, slots=True)
class ResubmitApplication:
    citizen: UUID
    form: FilledForm
    now: datetime
    evidence: Mapping[str, str] = field(default_factory=dict)  # as it is now
    agency: Agency | None = None


@dataclass(frozen=True, slots=True)
class WithdrawApplication:
    citizen: UUID
    now: datetime
    agency: Agency | None = None


ByCitizen = ResubmitApplication | WithdrawApplication
ByItself = ByClock | LapseClaim | IssueNotice | TerminateApplication | RefillApplication | EndGuardianship
Command = SubmitApplication | ByCitizen | ByReviewer | SendMessage | ByItself


def ids_for(citizen: UUID, form: FilledForm) -> Iterator[UUID]:
    """The ids of this citizen's first, second, … application for the same thing, without end.

    They follow from what is applied for, so that two requests at once meet in one stream, where only one can be first.
    """
    subject = uuid5(citizen, "\n".join(("application", form.type.code, *form.distinguishing)))
    nth = 1
    while True:
        yield uuid5(subject, str(nth))
        nth += 1


def decide(state: State, command: Command) -> Sequence[Event]:
    if isinstance(command, SubmitApplication):
        return _submit(state, command)
    if isinstance(state, NotSubmitted):
        raise refusals.no_such_application()
    match command:
        case ResubmitApplication() | WithdrawApplication():
            return _by_citizen(state, command)
        case SendMessage():
            return send_message(state, command)
        case NoteOverdue() | EscalateApplication():
            return decide_by_clock(state, command)
        case LapseClaim():
            return lapse(state, command)
        case EndGuardianship():
            return end(state.of.guardian.person if state.of.guardian else None, command)
        case TerminateApplication():
            return terminate(state, command)
        case RefillApplication():
            of = state.of
            is_taken = isinstance(state, InReview | Approved)
            return refill(of.application, of.citizen, of.form, command) if is_taken else []
        case IssueNotice():
            return issue_notice(state, command)
        case _:
            return decide_review(state, command)


def _submit(state: State, command: SubmitApplication) -> Sequence[Event]:
    match state:
        case NotSubmitted():
            form = command.form
            expected_by, pending = form.type.deadline(command.now)
            return [
                ApplicationSubmitted(
                    application=command.application,
                    citizen=command.citizen,
                    certificate_type=form.type.code,
                    catalogue_version=form.type.version,
                    division=form.division,
                    form=dict(form.values),
                    expected_by=expected_by,
                    submitted_at=command.now,
                    channel=command.channel,
                    submitted_by=command.submitted_by,
                    assistance=command.assistance,
                    evidence=dict(command.evidence),
                    chain=command.chain,
                    guardian=command.guardian.person if command.guardian else None,
                    guardian_until=command.guardian.until if command.guardian else None,
                    pending=pending,
                    issuing_body=command.issuing_body,
                    replaces=command.replaces,
                    **stated(command.agency),
                )
            ]
        case InReview() | SentBack():
            raise refusals.one_is_open(state.of.application, state.status)
        case Approved() | Refused() | Withdrawn() | Terminated():
            raise refusals.already_decided(state.status)
        case _:
            assert_never(state)


def _by_citizen(state: Open | Closed, command: ByCitizen) -> Sequence[Event]:
    if command.citizen != state.of.citizen:
        raise refusals.no_such_application()
    match state, command:
        case SentBack(of), ResubmitApplication(form=form, now=now, evidence=evidence, agency=agency):
            expected_by, pending = form.type.deadline(now)
            return [
                ApplicationResubmitted(
                    application=of.application,
                    citizen=of.citizen,
                    form=dict(form.values),
                    expected_by=expected_by,
                    resubmitted_at=now,
                    evidence=dict(evidence),
                    pending=pending,
                    certificate_type=of.certificate_type,
                    **stated(agency),
                )
            ]
        case InReview(), ResubmitApplication():
            raise refusals.not_sent_back()
        case InReview(of) | SentBack(of), WithdrawApplication(now=now, agency=agency):
            return [
                ApplicationWithdrawn(
                    application=of.application,
                    citizen=of.citizen,
                    certificate_type=of.certificate_type,
                    withdrawn_at=now,
                    **stated(agency),
                )
            ]
        case Withdrawn(), WithdrawApplication():
            return []
        case _:
            raise refusals.already_decided(state.status)


APPLICATION: Aggregate[State, Command] = Aggregate("application", NotSubmitted(), decide, evolve)
