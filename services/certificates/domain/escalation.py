"""When the clock runs out: village → township → county → city, one level after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.certificates.domain.application_overdue import ApplicationOverdue, HigherLevel
from services.certificates.domain.application_state import Closed, InReview, Open, Particulars
from services.certificates.domain.promise import known
from shared.contracts.certificates import ApplicationEscalated
from shared.contracts.event import Event
from shared.standards.divisions import level_of

LEVELS: dict[HigherLevel, int] = {"township": 9, "county": 6, "city": 4}  # digits of a code that name it
SHORTEST_WAIT = timedelta(minutes=30)  # of one level before the next is told


@dataclass(frozen=True, slots=True)
class NoteOverdue:
    """The clock may have run out."""

    now: datetime


@dataclass(frozen=True, slots=True)
class EscalateApplication:
    """`told`: who is appointed where the application went overdue to; perhaps nobody."""

    told: tuple[UUID, ...]
    now: datetime


ByClock = NoteOverdue | EscalateApplication


def levels_above(division: str) -> Iterator[tuple[HigherLevel, str]]:
    """The levels up to the city, the nearest first. A city without counties has one level less."""
    for level, digits in LEVELS.items():
        above = division[:digits].ljust(12, "0")
        if above != division and division.startswith(above[:digits]) and level_of(above) == level:
            yield level, above


def next_level(state: InReview) -> tuple[HigherLevel, str] | None:
    """Whom to tell next; None when the city knows."""
    return next(levels_above(state.escalated_to or state.step.division), None)


def decide_by_clock(state: Open | Closed, command: ByClock) -> Sequence[Event]:
    match state, command:
        case InReview(overdue=None, escalates_at=at), NoteOverdue(now) if (due := known(at)) and now >= due:
            return _note(state, state.of.due or due, now)
        case InReview(overdue=ApplicationOverdue() as overdue), EscalateApplication():
            return [_escalated(state, overdue, command)]
        case _:
            return []  # decided, sent back or told meanwhile


def _note(state: InReview, due: datetime, now: datetime) -> Sequence[Event]:
    if (above := next_level(state)) is None:
        return []
    level, division = above
    return [
        ApplicationOverdue(
            application=state.of.application,
            level=level,
            division=division,
            role=state.step.role,
            overdue_since=due,
            noted_at=now,
        )
    ]


def _escalated(state: InReview, overdue: ApplicationOverdue, command: EscalateApplication) -> ApplicationEscalated:
    """Where nobody is told, the next level is at once."""
    is_highest = next(levels_above(overdue.division), None) is None
    wait = patience(state.of, overdue.overdue_since) if command.told else timedelta()
    return ApplicationEscalated(
        application=overdue.application,
        citizen=state.of.citizen,
        certificate_type=state.of.certificate_type,
        level=overdue.level,
        division=overdue.division,
        told=command.told,
        overdue_since=overdue.overdue_since,
        escalated_at=command.now,
        escalates_at=None if is_highest else command.now + wait,
        guardian=state.of.guardian_at(command.now),
    )


def patience(of: Particulars, due: datetime) -> timedelta:
    """How long a level has before the next is told: what was promised, and half an hour at least."""
    return max(due - of.filled_at, SHORTEST_WAIT)
