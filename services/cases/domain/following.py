"""What follows from events: items that can begin, that never will, that need not go on; the end. Of any plan."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from services.cases.domain.case_state import Closed, ItemState, Opened, Running, State, Stopping, evolve
from services.cases.domain.requests import DESK, WITHDRAWN, request_of, withdrawal_of
from shared.contracts.case_items import Words
from shared.contracts.cases import CaseClosed, CaseItemFinished, CaseStopped, CaseStoppedByBureau, Outcome
from shared.contracts.event import Event

BECAUSE_ANOTHER_WAS_NOT_DONE = Words(
    zh="所依赖的前置事项未办成，此项未办理。", en="An item it rests on was not done, so this one was not begun."
)


def after(state: State, events: Sequence[Event], now: datetime) -> list[Event]:
    """These events, and what follows from them: items that can begin, that never will, that need not go on; the end."""
    made = list(events)
    for event in events:
        state = evolve(state, event)
    while following := list(_following(state, now)):
        made += following
        for event in following:
            state = evolve(state, event)
    return made


def _following(state: State, now: datetime) -> Iterator[Event]:
    match state:
        case Running(of, items):
            moves = list(_moves_on(state, now) if state.skips is None else _left_undone(state, now))
            yield from moves
            if not moves and all(item.is_at_its_end for item in items.values()):
                yield _closed(of, items, now, is_told=state.skips is not None)
        case Stopping(of, items, stopped):
            moves = list(_left_undone(state, now))
            yield from moves
            if not moves and all(item.is_at_its_end for item in items.values()):
                words = None if isinstance(stopped, CaseStoppedByBureau) else stopped.words
                yield _closed(of, items, now, stopped=True, is_told=words is not None)
        case _:
            return


def _moves_on(state: Running, now: datetime) -> Iterator[Event]:
    """What can begin, and what never will."""
    for item in state.items.values():
        if item.status != "waiting":
            continue
        before = [state.items[code] for code in item.plan.needs]
        if any(_never_done(one) for one in before):
            yield finished(state, item, "skipped", now, BECAUSE_ANOTHER_WAS_NOT_DONE)
        elif all(one.status == "done" for one in before) and may_be_asked(state, item):
            yield request_of(state, item, now)


def may_be_asked(state: Running, item: ItemState) -> bool:
    """Not while somebody has yet to agree to the form as it is, or a field that it rests on is being corrected."""
    return not state.of.missing and not (state.supplement and item.rests_on(state.supplement.fields))


def _left_undone(state: Running | Stopping, now: datetime) -> Iterator[Event]:
    """What is not done is not begun, or not wanted any more; what is done stays, or is undone as its plan says.

    Nothing is undone beneath an entry that keeps its subject and stands: what it rests on stays with it.
    """
    skips = state.skips if isinstance(state, Running) else None
    keeping = [item for item in state.items.values() if item.handling.keeps_subject]
    is_open = any(item.is_with_a_department or item.status == "undoing" for item in keeping)
    stands = any(item.status in ("done", "left") for item in keeping)
    for item in state.items.values():
        undo = skips is None and undoes(state) and item.plan.when_stopped == "undo" and not stands
        if item.status == "waiting" or (item.status == "refused" and item.may_retry):
            yield finished(state, item, "skipped", now, skips)
        elif item.plan.when_stopped == "undo" and is_open and item not in keeping:
            continue  # what an entry rests on is taken back once the entry is known to have come to nothing
        elif item.is_with_a_department or (item.status == "done" and undo):
            yield withdrawal(state, item, now, undo=undo, reason=skips or WITHDRAWN)


def undoes(state: Running | Stopping) -> bool:
    """Not where what was made states what was: a child that lived has its birth certificate."""
    return not (isinstance(state, Stopping) and isinstance(state.stopped, CaseStopped) and state.stopped.papers_stay)


def _never_done(item: ItemState) -> bool:
    return item.is_at_its_end and item.status != "done"


def withdrawal(
    state: Running | Stopping, item: ItemState, now: datetime, *, undo: bool, reason: Words = WITHDRAWN
) -> Event:
    """The department is told; our own desk lays it aside at once, and what it did stays."""
    if item.plan.department == DESK:
        return finished(state, item, "left" if item.status == "done" else "undone", now, reason)
    return withdrawal_of(state.of, item, now, undo=undo, reason=reason)


def finished(
    state: Running | Stopping,
    item: ItemState,
    outcome: Outcome,
    at: datetime,
    reason: Words | None = None,
    *,
    results: Mapping[str, str] | None = None,
    may_retry: bool = False,
    fields: Mapping[str, Words] | None = None,
) -> CaseItemFinished:
    return CaseItemFinished(
        case=state.of.id,
        applicant=state.of.applicant,
        item=item.plan.code,
        name=item.plan.name,
        outcome=outcome,
        reason=reason,
        results=dict(results or {}),
        may_retry=may_retry,
        finished_at=at,
        fields=dict(fields or {}),
    )


def _closed(
    of: Opened, items: Mapping[str, ItemState], now: datetime, *, stopped: bool = False, is_told: bool = False
) -> CaseClosed:
    done = tuple(code for code, item in items.items() if item.status == "done")
    not_done = tuple(code for code in items if code not in done)
    return CaseClosed(
        case=of.id,
        applicant=of.applicant,
        definition=of.as_opened.definition,
        outcome="stopped" if stopped else "partly" if not_done else "completed",
        done=done,
        not_done=not_done,
        closed_at=now,
        may_apply_again=frees(items.values(), was_stopped=stopped),
        tell=of.left,
        is_told=is_told,
    )


def frees(items: Collection[ItemState], *, was_stopped: bool) -> bool:
    """Whether the same may be handed in again: nothing that keeps the subject stands, and it did not succeed."""
    if all(item.status == "done" for item in items):
        return False
    keeping = [item for item in items if item.handling.keeps_subject]
    if keeping:
        return all(item.status not in ("done", "left") for item in keeping)
    return was_stopped or all(item.status != "done" for item in items)


def is_free(state: State) -> bool:
    """It has ended and came to nothing, whether its last event says so or is of an earlier release."""
    return isinstance(state, Closed) and frees(state.items.values(), was_stopped=state.closed.outcome == "stopped")
