"""A signed-in session: one refresh token at a time, each good for one use."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.identity.domain.events import SessionClosed, SessionEnd, SessionOpened, SessionRefreshed
from shared.contracts.errors import Broken, NotSignedIn
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate

Kind = Literal["citizen", "staff"]


@dataclass(frozen=True, slots=True)
class NotOpened:
    """No session has this id."""


@dataclass(frozen=True, slots=True)
class Open:
    """`spent` are the hashes of the refresh tokens that were exchanged."""

    holder: UUID
    kind: Kind
    refresh_hash: str
    spent: frozenset[str]
    opened_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Closed:
    reason: SessionEnd


State = NotOpened | Open | Closed


@dataclass(frozen=True, slots=True)
class OpenSession:
    holder: UUID
    kind: Kind
    refresh_hash: str
    now: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RefreshSession:
    """`barred`: why the holder may no longer be signed in, if so."""

    presented_hash: str
    refresh_hash: str
    barred: SessionEnd | None
    now: datetime


@dataclass(frozen=True, slots=True)
class CloseSession:
    """Whoever shows a token of the session may end it."""

    presented_hash: str
    now: datetime


Command = OpenSession | RefreshSession | CloseSession


def decide(state: State, command: Command) -> Sequence[Event]:
    match state, command:
        case NotOpened(), OpenSession():
            return [
                SessionOpened(
                    holder=command.holder,
                    kind=command.kind,
                    refresh_hash=command.refresh_hash,
                    opened_at=command.now,
                    expires_at=command.expires_at,
                )
            ]
        case _, OpenSession():
            raise Broken("a session id was used twice")
        case Open(), RefreshSession():
            return refresh(state, command)
        case Open(), CloseSession() if command.presented_hash in (state.refresh_hash, *state.spent):
            return [SessionClosed(reason=SessionEnd.signed_out, closed_at=command.now)]
        case _, CloseSession():
            return []
        case _:
            raise session_over()


def refresh(session: Open, command: RefreshSession) -> Sequence[Event]:
    """Reuse is kept as an event, not refused: the session ends for the thief and for the robbed alike."""
    now = command.now
    if command.presented_hash in session.spent:
        return [SessionClosed(reason=SessionEnd.reuse, closed_at=now)]
    if command.presented_hash != session.refresh_hash or now >= session.expires_at:
        raise session_over()
    if command.barred:
        return [SessionClosed(reason=command.barred, closed_at=now)]
    return [SessionRefreshed(refresh_hash=command.refresh_hash, refreshed_at=now)]


def evolve(state: State, event: Event) -> State:
    match state, event:
        case _, SessionOpened():
            return Open(event.holder, event.kind, event.refresh_hash, frozenset(), event.opened_at, event.expires_at)
        case Open(), SessionRefreshed():
            return replace(state, refresh_hash=event.refresh_hash, spent=state.spent | {state.refresh_hash})
        case _, SessionClosed():
            return Closed(event.reason)
        case _:
            return state


SESSION: Aggregate[State, Command] = Aggregate("session", NotOpened(), decide, evolve)


def session_over() -> NotSignedIn:
    return NotSignedIn("session_over", "登录已失效，请重新登录。", "Your session is over; please sign in again.")
