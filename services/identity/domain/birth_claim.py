"""What may stand in the register once only: a birth, and the certificate it is entered by. One stream each.

The stream's name is a pseudonym: of mother, day and order within the delivery, or of the certificate's identifier. Both
are claimed before a number is given, so of two requests for one birth, at the same instant too, one is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.identity.domain.events import BirthClaimed, BirthReleased
from shared.contracts.errors import Refused
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate


@dataclass(frozen=True, slots=True)
class Free:
    """Nobody's."""


@dataclass(frozen=True, slots=True)
class Claimed:
    newborn: UUID


State = Free | Claimed


@dataclass(frozen=True, slots=True)
class ClaimBirth:
    newborn: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class ReleaseBirth:
    """Nobody was entered. Says nothing when it is another's."""

    newborn: UUID
    now: datetime


Command = ClaimBirth | ReleaseBirth


def decide(state: State, command: Command) -> Sequence[Event]:
    match state, command:
        case Free(), ClaimBirth():
            return [BirthClaimed(newborn=command.newborn, claimed_at=command.now)]
        case Claimed(), ClaimBirth() if state.newborn != command.newborn:
            raise birth_already_entered()
        case Claimed(), ReleaseBirth() if state.newborn == command.newborn:
            return [BirthReleased(newborn=command.newborn, released_at=command.now)]
        case _:
            return []


def evolve(state: State, event: Event) -> State:
    match event:
        case BirthClaimed():
            return Claimed(event.newborn)
        case BirthReleased():
            return Free()
        case _:
            return state


BIRTH_CLAIM: Aggregate[State, Command] = Aggregate("birth", Free(), decide, evolve)


def birth_already_entered() -> Refused:
    return Refused(
        "birth_already_entered",
        "这次出生（或这份出生医学证明）已由另一项申请办理户口登记，不能重复登记；双胞胎请核对出生次序。",
        "This birth, or this birth certificate, is being entered by another request and cannot be entered twice; "
        "for twins please check the order of birth.",
    )
