"""Timers: time passing -> this department's commands. Pure; `timers.py` keeps them, `timer_poller.py` carries them out.

Timers follow from own events, so nobody sets one by hand and none is lost: throw them away, go through the events
again, and the same ones are open.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.contracts.event import Event, Recorded
from shared.eventstore.aggregate import Instruction
from shared.standards.legal_clock import LegalClock


@dataclass(frozen=True, slots=True)
class Set:
    """From this event on the stream has a timer of this name, due then and at no other time.

    A legal clock whose calendar is not published keeps it pending until it is; one that stands still sets none.
    The name holds no personal data.
    """

    name: str
    due: datetime | LegalClock

    def __post_init__(self) -> None:
        if isinstance(self.due, datetime) and self.due.tzinfo is None:
            raise ValueError(f"timer {self.name}: a moment without its time zone is no due time")


@dataclass(frozen=True, slots=True)
class Cancel:
    """From this event on the stream has no timer of this name."""

    name: str


@dataclass(frozen=True, slots=True)
class DueTimer:
    """What a command is made of: when it was to come, and when it comes."""

    stream: str
    name: str
    due_at: datetime
    now: datetime

    @property
    def subject_id(self) -> str:
        """The aggregate's own id: the stream name without its kind."""
        return self.stream.partition("-")[2]


@dataclass(frozen=True)
class TimerRule:
    """`schedule` says what an own event means to the timers of its stream, `due` which command a due one becomes.

    A timer takes effect at most once for one due time: set it anew for another. A refusal counts as carried out. Raise
    `version` when you change `schedule`: all own events are gone through again.
    """

    name: str
    events: tuple[type[Event], ...]
    schedule: Callable[[Recorded], Iterable[Set | Cancel]]
    due: Callable[[DueTimer], Instruction]
    version: int = 1
