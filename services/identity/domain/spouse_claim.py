"""Which marriage a person is in, or is about to be. One stream a person, so nobody is ever in two.

Claimed for both before the marriage is recorded or restored, for its present edition. Whoever repeats after a crash in
between finds the claims the marriage's own and goes on. A claim lapses when that edition is over, or the marriage was
recorded between others; it is released when the next one comes (`services/identity/marriages.py`). An edition that is
over is never recorded under, so a release never frees somebody who is about to be married.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.identity.domain.events import SpouseClaimed, SpouseReleased
from shared.contracts.errors import Refused
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate


@dataclass(frozen=True, slots=True)
class Free:
    """In no marriage."""


@dataclass(frozen=True, slots=True)
class Claimed:
    marriage: UUID
    edition: int
    at: datetime


State = Free | Claimed


@dataclass(frozen=True, slots=True)
class ClaimSpouse:
    marriage: UUID
    now: datetime
    edition: int = 0


@dataclass(frozen=True, slots=True)
class ReleaseSpouse:
    """Says nothing when another marriage has claimed him since, or the same for a later edition."""

    marriage: UUID
    now: datetime
    edition: int = 0


Command = ClaimSpouse | ReleaseSpouse


def decide(state: State, command: Command) -> Sequence[Event]:
    match state, command:
        case Claimed(), ClaimSpouse() if state.marriage != command.marriage:
            raise already_married()
        case Claimed(), ClaimSpouse() if state.edition >= command.edition:
            return []
        case _, ClaimSpouse():
            return [SpouseClaimed(marriage=command.marriage, claimed_at=command.now, edition=command.edition)]
        case Claimed(), ReleaseSpouse() if state.marriage == command.marriage and state.edition <= command.edition:
            return [SpouseReleased(marriage=command.marriage, released_at=command.now)]
        case _:
            return []


def evolve(state: State, event: Event) -> State:
    match event:
        case SpouseClaimed():
            return Claimed(event.marriage, event.edition, event.claimed_at)
        case SpouseReleased():
            return Free()
        case _:
            return state


SPOUSE_CLAIM: Aggregate[State, Command] = Aggregate("spouse", Free(), decide, evolve)


def already_married() -> Refused:
    return Refused(
        "already_married",
        "其中一方已有婚姻登记或正在登记，请先核实并登记原婚姻的结束。",
        "One of the two is in a marriage, or one is being recorded; please check, and record its end first.",
    )
