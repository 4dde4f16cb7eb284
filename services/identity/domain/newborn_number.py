"""Which ID number a newborn is to bear: chosen before it is claimed, so that after a crash the same one is tried."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.identity.domain.events import NewbornNumberChosen
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate
from shared.standards.id_number import IdNumber


@dataclass(frozen=True, slots=True)
class Unnumbered:
    """Not chosen yet."""


@dataclass(frozen=True, slots=True)
class Numbered:
    number: IdNumber


State = Unnumbered | Numbered


@dataclass(frozen=True, slots=True)
class ChooseNumber:
    """`instead_of`: what stood before and is of no use. Says nothing when someone else chose meanwhile."""

    newborn: UUID
    number: IdNumber
    instead_of: State
    now: datetime


def decide(state: State, command: ChooseNumber) -> Sequence[Event]:
    if state != command.instead_of:
        return []
    return [NewbornNumberChosen(newborn=command.newborn, id_number=command.number, chosen_at=command.now)]


def evolve(state: State, event: Event) -> State:
    return Numbered(event.id_number) if isinstance(event, NewbornNumberChosen) else state


NEWBORN_NUMBER: Aggregate[State, ChooseNumber] = Aggregate("newborn", Unnumbered(), decide, evolve)
