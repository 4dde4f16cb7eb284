"""What departments and the desk answer, and a refused item that is tried again or given up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.cases.domain import refusals
from services.cases.domain.case_state import ItemState, Running, State, Stopping
from services.cases.domain.following import after, finished, withdrawal
from services.cases.domain.requests import UNDO, request_of
from shared.contracts.case_items import ItemDone, ItemRefused, ItemUndone, ItemWaiting
from shared.contracts.cases import CaseItemHeld
from shared.contracts.event import Event

Answer = ItemWaiting | ItemDone | ItemRefused | ItemUndone


@dataclass(frozen=True, slots=True)
class TakeAnswer:
    """What a department (or the desk) answered."""

    answer: ItemWaiting | ItemDone | ItemRefused | ItemUndone


@dataclass(frozen=True, slots=True)
class RetryItem:
    item: str
    now: datetime


@dataclass(frozen=True, slots=True)
class GiveUpItem:
    """It was refused, could be tried again, and will not be."""

    item: str
    now: datetime


def take(state: State, answer: Answer) -> Sequence[Event]:
    return after(state, _heard(state, answer), _moment(answer))


def retry(state: State, command: RetryItem) -> Sequence[Event]:
    running, item = _refused_item(state, command.item)
    return [request_of(running, item, command.now)]


def give_up(state: State, command: GiveUpItem) -> Sequence[Event]:
    running, item = _refused_item(state, command.item)
    given_up = finished(running, item, "refused", command.now, item.reason)
    return after(state, [given_up], command.now)


def _heard(state: State, answer: Answer) -> list[Event]:
    """What an answer means; nothing when it is not, or no longer, waited for."""
    if not isinstance(state, Running | Stopping):
        return []
    item = state.items.get(answer.item)
    if item is None:
        return []
    match answer:
        case ItemUndone():
            if item.status != "undoing":
                return []
            return [finished(state, item, "left" if answer.left else "undone", answer.undone_at, answer.left)]
        case ItemDone():
            if not item.is_with_a_department:
                return []  # crossed its withdrawal, which is answered too
            return [finished(state, item, "done", answer.done_at, results=answer.results)]
        case ItemRefused():
            if not item.is_with_a_department or answer.attempt < item.attempt:
                return []
            refused = finished(state, item, "refused", answer.refused_at, answer.reason, may_retry=answer.may_retry)
            return [refused, *_undo_others(state, item, answer)]
        case ItemWaiting():
            if not item.is_with_a_department:
                return []
            return [CaseItemHeld(case=state.of.id, item=answer.item, waits_for=answer.waits_for, since=answer.since)]


def _undo_others(state: Running | Stopping, item: ItemState, answer: ItemRefused) -> Iterator[Event]:
    if item.plan.when_refused == "undo_others" and not answer.may_retry:
        for other in state.items.values():
            if other.plan.code != item.plan.code and (other.status == "done" or other.is_with_a_department):
                yield withdrawal(state, other, answer.refused_at, undo=True, reason=UNDO)


def _refused_item(state: State, code: str) -> tuple[Running, ItemState]:
    item = state.items.get(code) if isinstance(state, Running) else None
    if not isinstance(state, Running) or item is None or item.status != "refused" or not item.may_retry:
        raise refusals.nothing_to_retry()
    return state, item


def _moment(answer: Answer) -> datetime:
    match answer:
        case ItemWaiting():
            return answer.since
        case ItemDone():
            return answer.done_at
        case ItemRefused():
            return answer.refused_at
        case ItemUndone():
            return answer.undone_at
