"""When a promise runs out: the township's, then the county's, then the city's people are told by name.

A timer knows no names, so the clock only notes it, in an event of our own; `escalating.py` looks up whom to tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from services.cases.domain.case_state import Running, State, deadline
from shared.contracts.cases import CaseEscalated
from shared.contracts.event import Event
from shared.standards.divisions import at_level
from shared.standards.legal_clock import LegalClock

Level = Literal["township", "county", "city"]
LEVELS: tuple[Level, ...] = ("township", "county", "city")
PATIENCE = timedelta(days=1)  # of one level before the next is told
FURTHER = 1  # working days within which a level is to have it done; the applicant is told so


class CaseOverdue(Event):
    """Private. A promise ran out; the people of this level are to be told."""

    case: UUID
    item: str | None  # None: the whole
    level: Level
    division: str
    overdue_since: datetime
    noted_at: datetime


@dataclass(frozen=True, slots=True)
class NoteOverdue:
    """The clock ran out for an item, or for the whole. Of the level's own words only a later level is another note."""

    item: str | None
    level: Level
    due_at: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class Escalate:
    """`told`: who is appointed where it went overdue to; perhaps nobody."""

    overdue: CaseOverdue
    told: tuple[UUID, ...]
    now: datetime


def note(state: State, command: NoteOverdue) -> Sequence[Event]:
    if not isinstance(state, Running) or not _is_overdue(state, command.item, command.now):
        return []
    division = at_level(state.of.division, command.level)
    return [
        CaseOverdue(
            case=state.of.id,
            item=command.item,
            level=command.level,
            division=division,
            overdue_since=command.due_at,
            noted_at=command.now,
        )
    ]


def escalate(state: State, command: Escalate) -> Sequence[Event]:
    overdue = command.overdue
    if not isinstance(state, Running) or not _is_overdue(state, overdue.item, command.now):
        return []
    return [
        CaseEscalated(
            case=overdue.case,
            item=overdue.item,
            level=overdue.level,
            division=overdue.division,
            told=command.told,
            overdue_since=overdue.overdue_since,
            escalated_at=command.now,
            applicant=state.of.applicant,
            definition=state.of.as_opened.definition,
            expected_by=deadline(LegalClock.start(command.now, FURTHER)),
        )
    ]


def _is_overdue(state: Running, code: str | None, now: datetime) -> bool:
    """Its promise is gone by and it is not at its end. A clock that was stopped before that has no deadline."""
    if code is None:
        due = deadline(state.clock)
    elif state.items[code].is_at_its_end:
        return False
    else:
        due = state.items[code].due
    return due is not None and due <= now


def level_after(level: Level) -> Level | None:
    """None: the city is told last."""
    following = LEVELS[LEVELS.index(level) + 1 :]
    return following[0] if following else None
