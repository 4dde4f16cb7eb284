"""What departments and the desk answer, and a refused item that is tried again or given up."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.cases.domain import refusals
from services.cases.domain.case_state import ItemState, Running, State, Stopping
from services.cases.domain.following import after, finished, may_be_asked, withdrawal
from services.cases.domain.requests import DESK, UNDO, form_fields, request_of
from shared.contracts.case_items import ItemDone, ItemRefused, ItemUndone, ItemWaiting, Words
from shared.contracts.cases import CaseCorrectionNeeded, CaseItemHeld, CaseItemStuck
from shared.contracts.event import Event

GIVEN_UP: Final = Words(zh="经综合窗口核实，不再办理此项。", en="The bureau looked into it and gave it up.")
NOT_ANSWERED: Final = Words(
    zh="办理部门未答复是否已撤销，请向该部门核实。",
    en="The department did not say whether it was undone; please ask it.",
)
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
    """It could be tried again, and will not be."""

    item: str
    now: datetime


@dataclass(frozen=True, slots=True)
class NoteStuck:
    """So long after it was asked for, or withdrawn, nothing was heard."""

    item: str
    now: datetime


def take(state: State, answer: Answer) -> Sequence[Event]:
    return after(state, _heard(state, answer), _moment(answer))


def retry(state: State, command: RetryItem) -> Sequence[Event]:
    running, item = _open_again(state, command.item, command.now)
    if not isinstance(running, Running) or item.status == "undoing":
        raise refusals.nothing_to_retry()
    if not may_be_asked(running, item):
        raise refusals.waits_for_family()
    return [request_of(running, item, command.now)]


def give_up(state: State, command: GiveUpItem) -> Sequence[Event]:
    """What a department may still do is withdrawn; what it does not answer stays as it left it."""
    open, item = _open_again(state, command.item, command.now)
    if item.status == "undoing":
        return after(state, [finished(open, item, "left", command.now, NOT_ANSWERED)], command.now)
    given_up = finished(open, item, "refused", command.now, item.reason or GIVEN_UP)
    if item.is_with_a_department and item.plan.department != DESK:
        return after(state, [withdrawal(open, item, command.now, undo=True, reason=GIVEN_UP), given_up], command.now)
    return after(state, [given_up], command.now)


def note_stuck(state: State, command: NoteStuck) -> Sequence[Event]:
    """A timer of an earlier attempt finds an item that moved on, or one asked for anew: then it is not time yet."""
    item = state.items.get(command.item) if isinstance(state, Running | Stopping) else None
    if not isinstance(state, Running | Stopping) or item is None or item.is_stuck:
        return []
    if item.status not in ("requested", "undoing") or item.plan.department == DESK:
        return []
    return [
        CaseItemStuck(
            case=state.of.id,
            applicant=state.of.applicant,
            item=command.item,
            name=item.plan.name,
            since=item.since or command.now,
            stuck_at=command.now,
        )
    ]


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
            if not item.is_with_a_department or answer.attempt < item.attempt:
                return []  # crossed its withdrawal or a correction, which are answered too
            return [finished(state, item, "done", answer.done_at, results=answer.results)]
        case ItemRefused():
            if not item.is_with_a_department or answer.attempt < item.attempt:
                return []
            wrong = form_fields(item, answer.fields)
            refused = finished(
                state, item, "refused", answer.refused_at, answer.reason, may_retry=answer.may_retry, fields=wrong
            )
            needed = correction(state, item, wrong, answer.refused_at) if answer.may_retry else []
            return [refused, *needed, *_undo_others(state, item, answer)]
        case ItemWaiting():
            if not item.is_with_a_department:
                return []
            wrong = form_fields(item, answer.fields)
            held = CaseItemHeld(
                case=state.of.id,
                item=answer.item,
                waits_for=answer.waits_for,
                since=answer.since,
                fields=wrong,
                on_its_way=answer.on_its_way,
                applicant=state.of.applicant,
            )
            return [held, *correction(state, item, wrong, answer.since)]


def correction(
    state: Running | Stopping,
    item: ItemState | None,
    wrong: Mapping[str, Words],
    now: datetime,
    *,
    by_rules: bool = False,
) -> list[Event]:
    """The family is asked for what it wrote; what the register says is not theirs to correct. `by_rules`: it is told of
    that, too, since the rules let nothing that rests on it begin.
    """
    theirs = {name: words for name, words in wrong.items() if by_rules or name in state.of.as_opened.typed}
    if not isinstance(state, Running) or state.skips or not theirs:
        return []
    return [
        CaseCorrectionNeeded(
            case=state.of.id,
            applicant=state.of.applicant,
            item=item.plan.code if item else None,
            fields=theirs,
            clock=state.clock.stop(now),
            needed_at=now,
        )
    ]


def _undo_others(state: Running | Stopping, item: ItemState, answer: ItemRefused) -> Iterator[Event]:
    is_for_all = item.plan.when_refused == "undo_others" or answer.code in item.handling.undo_others_on
    if is_for_all and not answer.may_retry:
        for other in state.items.values():
            if other.plan.code != item.plan.code and (other.status == "done" or other.is_with_a_department):
                yield withdrawal(state, other, answer.refused_at, undo=True, reason=UNDO)


def _open_again(state: State, code: str, now: datetime) -> tuple[Running | Stopping, ItemState]:
    item = state.items.get(code) if isinstance(state, Running | Stopping) else None
    if not isinstance(state, Running | Stopping) or item is None:
        raise refusals.nothing_to_retry()
    if not item.may_be_tried_again(now):
        raise refusals.still_in_work() if item.is_with_a_department else refusals.nothing_to_retry()
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
