"""What follows from events: items that can begin, that never will, that need not go on; the end. Of any plan."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from services.cases.domain.case_state import ItemState, Opened, Running, State, Stopping, evolve
from services.cases.domain.requests import DESK, WITHDRAWN, request_of, withdrawal_of
from shared.contracts.case_items import Words
from shared.contracts.cases import CaseClosed, CaseItemFinished, Outcome
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
            began = False
            for item in items.values():
                if item.status != "waiting":
                    continue
                before = [items[code] for code in item.plan.needs]
                if all(one.status == "done" for one in before):
                    began = True
                    yield request_of(state, item, now)
                elif any(_never_done(one) for one in before):
                    began = True
                    yield finished(state, item, "skipped", now, BECAUSE_ANOTHER_WAS_NOT_DONE)
            if not began and all(item.is_at_its_end for item in items.values()):
                yield _closed(of, items, now)
        case Stopping(of, items):
            moved = False
            for item in items.values():
                if item.status == "waiting" or (item.status == "refused" and item.may_retry):
                    moved = True
                    yield finished(state, item, "skipped", now)
                elif item.is_with_a_department or (item.status == "done" and item.plan.when_stopped == "undo"):
                    moved = True
                    yield withdrawal(state, item, now, undo=item.plan.when_stopped == "undo")
            if not moved and all(item.is_at_its_end for item in items.values()):
                yield _closed(of, items, now, stopped=True)
        case _:
            return


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
    )


def _closed(of: Opened, items: Mapping[str, ItemState], now: datetime, *, stopped: bool = False) -> CaseClosed:
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
    )
