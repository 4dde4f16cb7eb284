"""How a seal or a signature stands, and how its events move it on."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from shared.contracts.event import Event
from shared.contracts.seals import (
    SealApplied,
    SealCancelled,
    SealMade,
    SealRegistered,
    SealResumed,
    SealStopped,
)

Kind = Literal["seal", "signature"]


@dataclass(frozen=True, slots=True)
class NotApplied:
    """No event yet."""


@dataclass(frozen=True, slots=True)
class Applied:
    status: ClassVar[str] = "applied"
    of: SealApplied


@dataclass(frozen=True, slots=True)
class Made:
    status: ClassVar[str] = "made"
    of: SealApplied
    making: SealMade


@dataclass(frozen=True, slots=True)
class InUse:
    status: ClassVar[str] = "in_use"
    of: SealApplied
    making: SealMade
    registered: SealRegistered


@dataclass(frozen=True, slots=True)
class Stopped:
    status: ClassVar[str] = "stopped"
    of: SealApplied
    making: SealMade
    registered: SealRegistered
    stop: SealStopped


@dataclass(frozen=True, slots=True)
class Cancelled:
    status: ClassVar[str] = "cancelled"
    of: SealApplied
    making: SealMade | None  # None: cancelled before it was made
    registered: SealRegistered | None
    cancellation: SealCancelled


Living = Applied | Made | InUse | Stopped
Existing = Living | Cancelled
State = NotApplied | Existing


def making_of(state: Existing) -> SealMade | None:
    """None: it was never made."""
    return None if isinstance(state, Applied) else state.making


def registration_of(state: Existing) -> SealRegistered | None:
    """None: it was never registered."""
    return None if isinstance(state, Applied | Made) else state.registered


def evolve(state: State, event: Event) -> State:
    match state, event:
        case NotApplied(), SealApplied():
            return Applied(event)
        case Applied(of), SealMade():
            return Made(of, event)
        case Made(of, making), SealRegistered():
            return InUse(of, making, event)
        case InUse(of, making, registered), SealStopped():
            return Stopped(of, making, registered, event)
        case Stopped(of, making, registered), SealResumed():
            return InUse(of, making, registered)
        case Applied() | Made() | InUse() | Stopped(), SealCancelled():
            return Cancelled(state.of, making_of(state), registration_of(state), event)
        case _:
            return state
