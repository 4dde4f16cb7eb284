"""Our own certification authority: founded once. Private. Stream `authority-local`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate


class AuthorityFounded(Event):
    """From now on it certifies seals and signatures, under this root."""

    certificate: str  # X.509, PEM, signed by its own key
    founded_at: datetime


@dataclass(frozen=True, slots=True)
class FoundAuthority:
    certificate: str
    now: datetime


State = str | None
"""The root certificate, PEM."""


def decide(root: State, command: FoundAuthority) -> Sequence[Event]:
    """Whoever comes later gets no event, and reads in the state which root there is."""
    return [] if root else [AuthorityFounded(certificate=command.certificate, founded_at=command.now)]


def evolve(root: State, event: Event) -> State:
    return event.certificate if isinstance(event, AuthorityFounded) else root


AUTHORITY: Aggregate[State, FoundAuthority] = Aggregate("authority", None, decide, evolve)
