"""A one-thing case. Stream `case-<id>`; the id follows from what the case is about, so that one birth has one case.

Generic: the plan that the case keeps since it was opened says who does what after what. Nothing here knows a birth.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never
from uuid import UUID

from services.cases.domain import overdue, refusals
from services.cases.domain.case_state import (
    AwaitingConsent,
    Closed,
    ItemState,
    NotOpened,
    Opened,
    Running,
    State,
    Stopping,
    evolve,
)
from services.cases.domain.overdue import Escalate, NoteOverdue
from services.cases.domain.requests import DESK, UNDO, WITHDRAWN, request_of, withdrawal_of
from shared.contracts.case_items import ItemDone, ItemRefused, ItemUndone, ItemWaiting, Words
from shared.contracts.cases import (
    CaseClosed,
    CaseConsentGiven,
    CaseItemFinished,
    CaseItemHeld,
    CaseOpened,
    CaseStarted,
    CaseStopped,
    CaseSupplementAsked,
    CaseSupplemented,
    Outcome,
)
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate
from shared.standards.legal_clock import Deadline, LegalClock

BECAUSE_ANOTHER_WAS_NOT_DONE = Words(
    zh="所依赖的前置事项未办成，此项未办理。", en="An item it rests on was not done, so this one was not begun."
)


@dataclass(frozen=True, slots=True)
class OpenCase:
    """`opened` is what `forms.py` made of the form; only that makes one."""

    opened: CaseOpened


@dataclass(frozen=True, slots=True)
class GiveConsent:
    person: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class WithdrawConsent:
    """Or the applicant withdraws the whole."""

    person: UUID
    now: datetime


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


@dataclass(frozen=True, slots=True)
class AskSupplement:
    staff: UUID
    what: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Supplement:
    person: UUID
    answer: str
    now: datetime


Command = (
    OpenCase
    | GiveConsent
    | WithdrawConsent
    | TakeAnswer
    | RetryItem
    | GiveUpItem
    | AskSupplement
    | Supplement
    | NoteOverdue
    | Escalate
)


def decide(state: State, command: Command) -> Sequence[Event]:
    if isinstance(command, OpenCase):
        return _open(state, command.opened)
    if isinstance(state, NotOpened):
        raise refusals.no_such_case()
    match command:
        case GiveConsent():
            return _consent(state, command)
        case WithdrawConsent():
            return _withdraw(state, command)
        case TakeAnswer(answer):
            return _after(state, _heard(state, answer), _moment(answer))
        case RetryItem():
            return _retry(state, command)
        case GiveUpItem():
            return _give_up(state, command)
        case AskSupplement():
            return _ask(state, command)
        case Supplement():
            return _supplement(state, command)
        case NoteOverdue():
            return overdue.note(state, command)
        case Escalate():
            return overdue.escalate(state, command)
        case _:
            assert_never(command)


def _open(state: State, opened: CaseOpened) -> Sequence[Event]:
    if not isinstance(state, NotOpened):
        raise refusals.already_open(state.of.id, state.status)
    return [opened, *(_start(opened, opened.opened_at) if not opened.consents else ())]


def _start(opened: CaseOpened, now: datetime) -> Sequence[Event]:
    clock = LegalClock.start(now, opened.promise_days)
    started = CaseStarted(
        case=opened.case,
        applicant=opened.applicant,
        definition=opened.definition,
        clock=clock,
        expected_by=deadline(clock),
        started_at=now,
    )
    running = evolve(AwaitingConsent(Opened(opened)), started)
    return [started, *_after(running, [], now)]


def _consent(state: State, command: GiveConsent) -> Sequence[Event]:
    assert not isinstance(state, NotOpened)
    role = next((one.role for one in state.of.as_opened.consents if one.person == command.person), None)
    if role is None:
        raise refusals.no_such_case()
    if role in state.of.consented:
        return []
    if not isinstance(state, AwaitingConsent):
        raise refusals.already_closed(state.status)
    given = CaseConsentGiven(case=state.of.id, role=role, person=command.person, given_at=command.now)
    is_last = state.of.missing == {role}
    return [given, *(_start(state.of.as_opened, command.now) if is_last else ())]


def _withdraw(state: State, command: WithdrawConsent) -> Sequence[Event]:
    assert not isinstance(state, NotOpened)
    opened = state.of.as_opened
    is_applicant = command.person == opened.applicant
    if not is_applicant and all(one.person != command.person for one in opened.consents):
        raise refusals.no_such_case()
    match state:
        case Closed():
            raise refusals.already_closed(state.status)
        case Stopping():
            return []
        case _:
            stopped = CaseStopped(
                case=opened.case,
                applicant=opened.applicant,
                reason="withdrawn" if is_applicant else "consent_withdrawn",
                by=command.person,
                stopped_at=command.now,
            )
            return _after(state, [stopped], command.now)


def _heard(state: State, answer: ItemWaiting | ItemDone | ItemRefused | ItemUndone) -> list[Event]:
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
            return [_finished(state, item, "left" if answer.left else "undone", answer.undone_at, answer.left)]
        case ItemDone():
            if not item.is_with_a_department:
                return []  # crossed its withdrawal, which is answered too
            return [_finished(state, item, "done", answer.done_at, results=answer.results)]
        case ItemRefused():
            if not item.is_with_a_department or answer.attempt < item.attempt:
                return []
            refused = _finished(state, item, "refused", answer.refused_at, answer.reason, may_retry=answer.may_retry)
            return [refused, *_undo_others(state, item, answer)]
        case ItemWaiting():
            if not item.is_with_a_department:
                return []
            return [CaseItemHeld(case=state.of.id, item=answer.item, waits_for=answer.waits_for, since=answer.since)]


def _undo_others(state: Running | Stopping, item: ItemState, answer: ItemRefused) -> Iterator[Event]:
    if item.plan.when_refused == "undo_others" and not answer.may_retry:
        for other in state.items.values():
            if other.plan.code != item.plan.code and (other.status == "done" or other.is_with_a_department):
                yield _withdrawal(state, other, answer.refused_at, undo=True, reason=UNDO)


def _after(state: State, events: Sequence[Event], now: datetime) -> list[Event]:
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
                    yield request_of(of, item, items, now)
                elif any(_never_done(one) for one in before):
                    began = True
                    yield _finished(state, item, "skipped", now, BECAUSE_ANOTHER_WAS_NOT_DONE)
            if not began and all(item.is_at_its_end for item in items.values()):
                yield _closed(of, items, now)
        case Stopping(of, items):
            moved = False
            for item in items.values():
                if item.status == "waiting" or (item.status == "refused" and item.may_retry):
                    moved = True
                    yield _finished(state, item, "skipped", now)
                elif item.is_with_a_department or (item.status == "done" and item.plan.when_stopped == "undo"):
                    moved = True
                    yield _withdrawal(state, item, now, undo=item.plan.when_stopped == "undo")
            if not moved and all(item.is_at_its_end for item in items.values()):
                yield _closed(of, items, now, stopped=True)
        case _:
            return


def _withdrawal(
    state: Running | Stopping, item: ItemState, now: datetime, *, undo: bool, reason: Words = WITHDRAWN
) -> Event:
    """The department is told; our own desk lays it aside at once, and what it did stays."""
    if item.plan.department == DESK:
        return _finished(state, item, "left" if item.status == "done" else "undone", now, reason)
    return withdrawal_of(state.of, item, now, undo=undo, reason=reason)


def _never_done(item: ItemState) -> bool:
    return item.is_at_its_end and item.status != "done"


def _finished(
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


def _retry(state: State, command: RetryItem) -> Sequence[Event]:
    running, item, items = _refused_item(state, command.item)
    return [request_of(running.of, item, items, command.now)]


def _give_up(state: State, command: GiveUpItem) -> Sequence[Event]:
    running, item, _ = _refused_item(state, command.item)
    finished = _finished(running, item, "refused", command.now, item.reason)
    return _after(state, [finished], command.now)


def _refused_item(state: State, code: str) -> tuple[Running, ItemState, Mapping[str, ItemState]]:
    item = state.items.get(code) if isinstance(state, Running) else None
    if not isinstance(state, Running) or item is None or item.status != "refused" or not item.may_retry:
        raise refusals.nothing_to_retry()
    return state, item, state.items


def _ask(state: State, command: AskSupplement) -> Sequence[Event]:
    if not isinstance(state, Running):
        raise refusals.not_running()
    if state.supplement is not None:
        raise refusals.supplement_asked_already()
    return [
        CaseSupplementAsked(
            case=state.of.id,
            applicant=state.of.applicant,
            what=command.what,
            clock=state.clock.stop(command.now),
            asked_by=command.staff,
            asked_at=command.now,
        )
    ]


def _supplement(state: State, command: Supplement) -> Sequence[Event]:
    assert not isinstance(state, NotOpened)
    if command.person != state.of.applicant:
        raise refusals.no_such_case()
    if not isinstance(state, Running) or state.supplement is None:
        raise refusals.nothing_asked()
    clock = state.clock.resume(command.now)
    return [
        CaseSupplemented(
            case=state.of.id,
            answer=command.answer,
            clock=clock,
            expected_by=deadline(clock),
            supplemented_at=command.now,
        )
    ]


def deadline(clock: LegalClock) -> datetime | None:
    """None: it cannot be told, or the clock stands still."""
    found = clock.deadline()
    return found.at if isinstance(found, Deadline) else None


def _moment(answer: ItemWaiting | ItemDone | ItemRefused | ItemUndone) -> datetime:
    match answer:
        case ItemWaiting():
            return answer.since
        case ItemDone():
            return answer.done_at
        case ItemRefused():
            return answer.refused_at
        case ItemUndone():
            return answer.undone_at


CASE: Aggregate[State, Command] = Aggregate("case", NotOpened(), decide, evolve)
