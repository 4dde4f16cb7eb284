"""Time passing over a case: the promise of the whole and of each item runs out, level after level."""

from collections.abc import Iterator
from datetime import timedelta

from services.cases.domain.answering import NoteStuck
from services.cases.domain.case import CASE
from services.cases.domain.overdue import LEVELS, PATIENCE, NoteOverdue, level_after
from services.cases.domain.requests import REQUESTS, WITHDRAWALS
from shared.contracts.case_items import ItemRequested, ItemWithdrawn
from shared.contracts.cases import (
    CaseClosed,
    CaseCorrectionNeeded,
    CaseEscalated,
    CaseItemFinished,
    CaseItemHeld,
    CasePersonLost,
    CaseStarted,
    CaseStopped,
    CaseStoppedByBureau,
    CaseSupplementAsked,
    CaseSupplemented,
    CaseWentOn,
)
from shared.contracts.event import Recorded
from shared.eventstore.aggregate import Instruction
from shared.eventstore.timer import Cancel, DueTimer, Set, TimerRule

WHOLE = "whole"


def schedule(event: Recorded) -> Iterator[Set | Cancel]:
    match event.data:
        case CaseStarted(clock=clock) | CaseSupplementAsked(clock=clock) | CaseCorrectionNeeded(clock=clock):
            yield Set(_name(WHOLE, LEVELS[0]), clock)  # a clock that stands still sets none
        case (
            CaseSupplemented(clock=clock, items_due_by=items, items_pending=pending)
            | CaseWentOn(clock=clock, items_due_by=items, items_pending=pending)
        ):
            yield Set(_name(WHOLE, LEVELS[0]), clock)
            yield from (Set(_name(item, LEVELS[0]), due) for item, due in (items | pending).items())
        case ItemRequested(item=item, due_by=due, pending=pending) if when := due or pending:
            yield Set(_name(item, LEVELS[0]), when)
        case CaseEscalated(item=item, level=level, told=told, escalated_at=at):
            if following := level_after(level):  # where nobody was there to be told, at once
                yield Set(_name(item or WHOLE, following), at + PATIENCE if told else at)
        case CaseItemFinished(item=item, may_retry=False):
            yield from (Cancel(_name(item, level)) for level in LEVELS)
        case CaseStopped() | CaseStoppedByBureau() | CasePersonLost(then="stop") | CaseClosed():
            yield from (Cancel(_name(WHOLE, level)) for level in LEVELS)


def note_overdue(timer: DueTimer) -> Instruction:
    what, _, level = timer.name.partition(" ")
    item = None if what == WHOLE else what
    return Instruction(
        CASE,
        timer.subject_id,
        NoteOverdue(item, next(one for one in LEVELS if one == level), timer.due_at, timer.now),
    )


def _name(what: str, level: str) -> str:
    return f"{what} {level}"


OVERDUE = TimerRule(
    "overdue",
    (
        CaseStarted,
        CaseSupplementAsked,
        CaseCorrectionNeeded,
        CaseSupplemented,
        CaseWentOn,
        CaseEscalated,
        CaseItemFinished,
        CaseStopped,
        CaseStoppedByBureau,
        CasePersonLost,
        CaseClosed,
        *REQUESTS.values(),
    ),
    schedule,
    note_overdue,
    version=2,
)

WITHDRAWN_FOR = timedelta(hours=72)
"""How long a department may take to say what became of what was withdrawn, before people look into it."""


def schedule_answer(event: Recorded) -> Iterator[Set | Cancel]:
    """An item that is asked for, or withdrawn, is answered within so many hours, or it is stuck."""
    match event.data:
        case ItemRequested(item=item, requested_at=at, unanswered_after_hours=hours):
            yield Set(item, at + timedelta(hours=hours))
        case ItemWithdrawn(item=item, withdrawn_at=at):
            yield Set(item, at + WITHDRAWN_FOR)
        case CaseItemHeld(item=item) | CaseItemFinished(item=item):
            yield Cancel(item)


def note_stuck(timer: DueTimer) -> Instruction:
    return Instruction(CASE, timer.subject_id, NoteStuck(timer.name, timer.now))


ANSWERED = (CaseItemHeld, CaseItemFinished)
UNANSWERED = TimerRule(
    "unanswered",
    (*REQUESTS.values(), *WITHDRAWALS.values(), *ANSWERED),
    schedule_answer,
    note_stuck,
)
