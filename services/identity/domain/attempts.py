"""How often someone may fail to prove who he is: after 5 failures within 15 minutes, nobody may try for 15 minutes.

One stream for each ID number or login that was tried, whether or not it exists, so the answers tell nothing about that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from services.identity.domain.events import AttemptFailed, AttemptsLocked, FailuresForgiven
from shared.contracts.errors import TooMany
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate

LIMIT = 5  # failures
WITHIN = timedelta(minutes=15)
LOCKED_FOR = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Attempts:
    """`failures` since the last success or lock."""

    failures: tuple[datetime, ...] = ()
    locked_until: datetime | None = None

    def recent(self, now: datetime) -> int:
        return sum(now - failure < WITHIN for failure in self.failures)

    def ensure_open(self, now: datetime) -> None:
        """Raises TooMany while locked."""
        if self.locked_until and now < self.locked_until:
            raise TooMany(
                "too_many_attempts",
                "尝试次数过多，请于15分钟后再试。",
                "Too many attempts; please try again after 15 minutes.",
                retry_after=ceil((self.locked_until - now).total_seconds()),
            )


@dataclass(frozen=True, slots=True)
class RecordFailure:
    now: datetime


@dataclass(frozen=True, slots=True)
class RecordSuccess:
    """Refused while locked: of guesses made side by side, only those that come before the lock can be right."""

    now: datetime


Command = RecordFailure | RecordSuccess


def decide(state: Attempts, command: Command) -> Sequence[Event]:
    now = command.now
    state.ensure_open(now)
    match command:
        case RecordSuccess():
            return [FailuresForgiven(forgiven_at=now)] if state.failures else []
        case RecordFailure() if state.recent(now) + 1 >= LIMIT:
            return [AttemptFailed(failed_at=now), AttemptsLocked(until=now + LOCKED_FOR)]
        case RecordFailure():
            return [AttemptFailed(failed_at=now)]


def evolve(state: Attempts, event: Event) -> Attempts:
    match event:
        case AttemptFailed():
            return Attempts((*state.failures, event.failed_at), state.locked_until)
        case AttemptsLocked():
            return Attempts(locked_until=event.until)
        case FailuresForgiven():
            return Attempts()
        case _:
            return state


ATTEMPTS: Aggregate[Attempts, Command] = Aggregate("attempts", Attempts(), decide, evolve)
