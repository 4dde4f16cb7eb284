"""What follows in one stream from an own event in another, at once and whatever happens to the process meanwhile."""

from collections.abc import Iterator

from services.identity.domain.account import ACCOUNT, NoteRestored
from services.identity.domain.mandate import MANDATE, LapseMandate
from shared.contracts.event import Recorded
from shared.contracts.identity import DeathRecordWithdrawn, MandateDeclined, MandateEnded, MandateGiven
from shared.eventstore.aggregate import Instruction
from shared.eventstore.timer import Cancel, DueTimer, Set, TimerRule
from shared.standards.shanghai import end_of

LAPSE = "lapse"


def schedule_restoring(event: Recorded) -> Iterator[Set]:
    match event.data:
        case DeathRecordWithdrawn(withdrawn_at=at):
            yield Set("restore account", at)


def restore(timer: DueTimer) -> Instruction:
    """An account's stream bears the id of its person."""
    return Instruction(ACCOUNT, timer.subject_id, NoteRestored(timer.now))


RESTORING = TimerRule("restoring", (DeathRecordWithdrawn,), schedule_restoring, restore)


def schedule_lapsing(event: Recorded) -> Iterator[Set | Cancel]:
    """A mandate's last day is over at 24:00 in China; one that is over lapses no more."""
    match event.data:
        case MandateGiven(until=until):
            yield Set(LAPSE, end_of(until))
        case MandateDeclined() | MandateEnded():
            yield Cancel(LAPSE)


def lapse(timer: DueTimer) -> Instruction:
    return Instruction(MANDATE, timer.subject_id, LapseMandate(timer.now))


LAPSING = TimerRule("lapsing", (MandateGiven, MandateDeclined, MandateEnded), schedule_lapsing, lapse)
