"""Which person an ID number stands for. One stream a number, so the number can never stand for two.

The stream's name is a pseudonym of the number. A number is claimed before the person is entered or corrected under it,
for the next edition of the person's entry. Whoever repeats after a crash in between finds the claim his own and goes
on. A claim lapses when that edition is written without the number; it is released when someone else needs the number,
as of the edition that was seen, so never what a later edition has claimed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.identity.domain.events import IdNumberClaimed, IdNumberReleased
from shared.contracts.errors import Refused
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate


@dataclass(frozen=True, slots=True)
class Free:
    """Nobody's. `claims` counts the claims before: who is entered next gets an id made from number and count."""

    claims: int = 0


@dataclass(frozen=True, slots=True)
class Claimed:
    person: UUID
    edition: int
    claims: int


State = Free | Claimed


@dataclass(frozen=True, slots=True)
class ClaimIdNumber:
    person: UUID
    edition: int  # that is to bear the number
    now: datetime


@dataclass(frozen=True, slots=True)
class ReleaseIdNumber:
    """Says nothing when the number is another's, or claimed for a later edition."""

    person: UUID
    edition: int  # that does not bear the number
    now: datetime


Command = ClaimIdNumber | ReleaseIdNumber


def decide(state: State, command: Command) -> Sequence[Event]:
    match state, command:
        case Claimed(), ClaimIdNumber() if state.person != command.person:
            raise id_number_taken()
        case Claimed(), ClaimIdNumber() if state.edition >= command.edition:
            return []
        case _, ClaimIdNumber():
            return [IdNumberClaimed(person=command.person, edition=command.edition, claimed_at=command.now)]
        case Claimed(), ReleaseIdNumber() if state.person == command.person and state.edition <= command.edition:
            return [IdNumberReleased(person=command.person, released_at=command.now)]
        case _:
            return []


def evolve(state: State, event: Event) -> State:
    match event:
        case IdNumberClaimed():
            return Claimed(event.person, event.edition, state.claims + 1)
        case IdNumberReleased():
            return Free(state.claims)
        case _:
            return state


ID_CLAIM: Aggregate[State, Command] = Aggregate("id", Free(), decide, evolve)


def id_number_taken() -> Refused:
    return Refused(
        "id_number_taken",
        "该公民身份号码已登记在另一人名下，请核对号码。",
        "This ID number stands for another person; please check the number.",
    )
