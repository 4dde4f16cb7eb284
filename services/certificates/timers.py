"""Time passing: an application's promise runs out, level after level; a claim lapses; a certificate expires."""

from collections.abc import Iterator

from services.certificates.domain.application import APPLICATION
from services.certificates.domain.application_state import promised
from services.certificates.domain.escalation import LEVELS, NoteOverdue
from services.certificates.domain.review import CLAIM_LASTS, LapseClaim
from services.certificates.expiry import EXPIRY
from shared.contracts.certificates import (
    ApplicationApproved,
    ApplicationClaimed,
    ApplicationEscalated,
    ApplicationRefused,
    ApplicationReleased,
    ApplicationResubmitted,
    ApplicationSentBack,
    ApplicationStepPassed,
    ApplicationSubmitted,
    ApplicationTerminated,
    ApplicationWithdrawn,
)
from shared.contracts.event import Event, Recorded
from shared.eventstore.aggregate import Instruction
from shared.eventstore.timer import Cancel, DueTimer, Set, TimerRule

PROMISE = "promise"
AFTER = {level: f"after {level}" for level in LEVELS}  # a level that was told, and did not decide either
CLAIM = "claim"

LEFT_THE_REVIEWERS: tuple[type[Event], ...] = (
    ApplicationSentBack,  # the clock stands still while the citizen puts it right
    ApplicationRefused,
    ApplicationApproved,
    ApplicationWithdrawn,
    ApplicationTerminated,
)


def schedule_escalation(event: Recorded) -> Iterator[Set | Cancel]:
    match event.data:
        case ApplicationSubmitted() | ApplicationResubmitted():
            if due := promised(event.data):
                yield Set(PROMISE, due)
        case ApplicationStepPassed(escalates_at=due):
            yield from map(Cancel, AFTER.values())
            if due:  # else its clock runs on, pending
                yield Set(PROMISE, due)
        case ApplicationEscalated(level=level, escalates_at=due):
            if due:
                yield Set(AFTER[level], due)
        case _:
            yield from map(Cancel, (PROMISE, *AFTER.values()))


def schedule_claim(event: Recorded) -> Iterator[Set | Cancel]:
    match event.data:
        case ApplicationClaimed(claimed_at=at):
            yield Set(CLAIM, at + CLAIM_LASTS)
        case _:
            yield Cancel(CLAIM)


def note_overdue(timer: DueTimer) -> Instruction:
    return Instruction(APPLICATION, timer.subject_id, NoteOverdue(timer.now))


def lapse_claim(timer: DueTimer) -> Instruction:
    return Instruction(APPLICATION, timer.subject_id, LapseClaim(timer.now))


ESCALATION = TimerRule(
    "escalation",
    (
        ApplicationSubmitted,
        ApplicationResubmitted,
        ApplicationStepPassed,
        ApplicationEscalated,
        *LEFT_THE_REVIEWERS,
    ),
    schedule_escalation,
    note_overdue,
    version=3,
)
CLAIMS = TimerRule(
    "claims",
    (ApplicationClaimed, ApplicationReleased, ApplicationStepPassed, *LEFT_THE_REVIEWERS),
    schedule_claim,
    lapse_claim,
    version=2,
)
TIMERS = (ESCALATION, CLAIMS, EXPIRY)
