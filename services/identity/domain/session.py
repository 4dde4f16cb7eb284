"""A signed-in session: one refresh token at a time, each good for one use.

A refresh token that comes again within GRACE has its one successor told again: two tabs asked at once, or an answer was
lost. Later it ends the session.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from services.identity.domain.events import SessionClosed, SessionEnd, SessionOpened, SessionRefreshed
from shared.contracts.errors import Broken, NotSignedIn
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate

Kind = Literal["citizen", "staff"]

GRACE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class NotOpened:
    """No session has this id."""


@dataclass(frozen=True, slots=True)
class Open:
    """`spent`: when each refresh token that was exchanged was, by its hash."""

    holder: UUID
    kind: Kind
    refresh_hash: str
    spent: Mapping[str, datetime]
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
    spent_at = session.spent.get(command.presented_hash)
    if spent_at is not None and now - spent_at >= GRACE:
        return [SessionClosed(reason=SessionEnd.reuse, closed_at=now)]
    if (spent_at is None and command.presented_hash != session.refresh_hash) or now >= session.expires_at:
        raise session_over()
    if command.barred:
        return [SessionClosed(reason=command.barred, closed_at=now)]
    if spent_at is not None:
        return []
    return [SessionRefreshed(refresh_hash=command.refresh_hash, refreshed_at=now)]


def evolve(state: State, event: Event) -> State:
    match state, event:
        case _, SessionOpened():
            return Open(event.holder, event.kind, event.refresh_hash, {}, event.opened_at, event.expires_at)
        case Open(), SessionRefreshed():
            return replace(
                state, refresh_hash=event.refresh_hash, spent={**state.spent, state.refresh_hash: event.refreshed_at}
            )
        case _, SessionClosed():
            return Closed(event.reason)
        case _:
            return state


SESSION: Aggregate[State, Command] = Aggregate("session", NotOpened(), decide, evolve)


def session_over() -> NotSignedIn:
    return NotSignedIn("session_over", "登录已失效，请重新登录。", "Your session is over; please sign in again.")
