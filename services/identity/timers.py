"""What follows in one stream from an own event in another, at once and whatever happens to the process meanwhile."""

from collections.abc import Iterator

from services.identity.domain.account import ACCOUNT, NoteRestored
from shared.contracts.event import Recorded
from shared.contracts.identity import DeathRecordWithdrawn
from shared.eventstore.aggregate import Instruction
from shared.eventstore.timer import DueTimer, Set, TimerRule


def schedule_restoring(event: Recorded) -> Iterator[Set]:
    match event.data:
        case DeathRecordWithdrawn(withdrawn_at=at):
            yield Set("restore account", at)


def restore(timer: DueTimer) -> Instruction:
    """An account's stream bears the id of its person."""
    return Instruction(ACCOUNT, timer.subject_id, NoteRestored(timer.now))


RESTORING = TimerRule("restoring", (DeathRecordWithdrawn,), schedule_restoring, restore)
