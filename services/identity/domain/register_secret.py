"""The secret that pseudonyms are made with, pinned at first use.

Under another secret every ID number would look unclaimed and could be entered twice; so a department refuses to start
with one. Only a fingerprint is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.identity.domain.events import RegisterSecretPinned
from shared.contracts.errors import Misconfigured
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate


@dataclass(frozen=True, slots=True)
class Unpinned:
    pass


@dataclass(frozen=True, slots=True)
class Pinned:
    fingerprint: str


State = Unpinned | Pinned


@dataclass(frozen=True, slots=True)
class PinRegisterSecret:
    fingerprint: str
    now: datetime


def decide(state: State, command: PinRegisterSecret) -> Sequence[Event]:
    match state:
        case Unpinned():
            return [RegisterSecretPinned(fingerprint=command.fingerprint, pinned_at=command.now)]
        case Pinned() if state.fingerprint != command.fingerprint:
            raise Misconfigured("REGISTER_SECRET is not the one this department's register was begun with.")
        case Pinned():
            return []


def evolve(state: State, event: Event) -> State:
    return Pinned(event.fingerprint) if isinstance(event, RegisterSecretPinned) else state


REGISTER_SECRET: Aggregate[State, PinRegisterSecret] = Aggregate("register-secret", Unpinned(), decide, evolve)
