"""Applicant and reviewers talk while an application is open; what they say stays with the case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.certificates.domain import refusals
from services.certificates.domain.application_state import Closed, InReview, Open, SentBack
from services.certificates.domain.concern import is_concerned
from services.certificates.domain.reasons import said
from services.certificates.domain.reviewer import Reviewer
from shared.contracts.agency import Agency, stated
from shared.contracts.certificates import ApplicationMessageSent
from shared.contracts.event import Event

MOST_MESSAGES = 100  # of one application


@dataclass(frozen=True, slots=True)
class SendMessage:
    """By its citizen or his guardian, or by whoever is concerned with reviewing it."""

    message: UUID
    sender: UUID | Reviewer  # the citizen, or a reviewer
    text: str
    now: datetime
    written_by: UUID | None = None  # who acts for the citizen, when they wrote it
    agency: Agency | None = None


def may_take_part(state: Open | Closed, sender: UUID | Reviewer) -> bool:
    return is_concerned(state, sender) if isinstance(sender, Reviewer) else sender == state.of.citizen


def send_message(state: Open | Closed, command: SendMessage) -> Sequence[Event]:
    sender = command.sender
    if not may_take_part(state, sender):
        raise refusals.no_such_application()
    if not isinstance(state, InReview | SentBack):
        raise refusals.already_decided(state.status)
    if state.of.messages >= MOST_MESSAGES:
        raise refusals.too_many_messages(MOST_MESSAGES)
    return [
        ApplicationMessageSent(
            application=state.of.application,
            citizen=state.of.citizen,
            certificate_type=state.of.certificate_type,
            message=command.message,
            sender="staff" if isinstance(sender, Reviewer) else "citizen",
            sent_by=sender.id if isinstance(sender, Reviewer) else command.written_by or sender,
            text=said("text", command.text),
            sent_at=command.now,
            addressed_to=None if isinstance(sender, Reviewer) else _has_the_case(state),
            guardian=state.of.guardian_at(command.now),
            **stated(command.agency),
        )
    ]


def _has_the_case(state: Open) -> UUID | None:
    match state:
        case SentBack(reviewer=reviewer):
            return reviewer
        case InReview(claim=claim):
            return claim.reviewer if claim else None
