"""One item that a case asked of this department: taken on, answered, and perhaps withdrawn. Pure, the same everywhere.

Stream `item-<case id>-<item>`. What is to be done, and how, is the department's own (`shared/department/item_desk.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID, uuid5

from shared.contracts.case_items import (
    ItemDone,
    ItemRefused,
    ItemRequested,
    ItemTaken,
    ItemUndone,
    ItemWaiting,
    ItemWithdrawalTaken,
    ItemWithdrawn,
    Words,
)
from shared.contracts.event import Event, Recorded
from shared.eventstore.aggregate import Aggregate, Instruction
from shared.messaging.reaction import Reaction

PRIVATE_ITEM_EVENTS = (ItemTaken, ItemWithdrawalTaken)

STAYS = Words(zh="已办成，予以保留。", en="It was done already and stays.")


@dataclass(frozen=True)
class Vocabulary:
    """A department's own classes of the shared shapes: what it is asked, and what it answers."""

    requested: type[ItemRequested]
    withdrawn: type[ItemWithdrawn]
    waiting: type[ItemWaiting]
    done: type[ItemDone]
    refused: type[ItemRefused]
    undone: type[ItemUndone]


@dataclass(frozen=True, slots=True)
class NotAsked:
    """No event yet."""


@dataclass(frozen=True, slots=True)
class Taken:
    """On the desk. `waits_for`: what was last said to be waited for."""

    request: ItemTaken
    waits_for: Words | None = None
    fields: Mapping[str, Words] = field(default_factory=dict)  # that were last said to be wrong


@dataclass(frozen=True, slots=True)
class Done:
    request: ItemTaken
    results: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Refused:
    request: ItemTaken


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """To be answered with what was undone or stays. `request` None: it was never asked for."""

    request: ItemTaken
    withdrawal: ItemWithdrawalTaken
    was_done: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """Withdrawn and answered."""


State = NotAsked | Taken | Done | Refused | Withdrawn | Ended


@dataclass(frozen=True, slots=True)
class Take:
    request: ItemRequested


@dataclass(frozen=True, slots=True)
class Withdraw:
    withdrawal: ItemWithdrawn


@dataclass(frozen=True, slots=True)
class AnswerDone:
    results: Mapping[str, str]
    now: datetime


@dataclass(frozen=True, slots=True)
class AnswerRefused:
    code: str
    reason: Words
    now: datetime
    may_retry: bool = False
    fields: Mapping[str, Words] = field(default_factory=dict)  # inputs that are wrong


@dataclass(frozen=True, slots=True)
class AnswerWaiting:
    """`on_its_way`: looked at again and again, until it has come or the department puts an end to it."""

    waits_for: Words
    now: datetime
    fields: Mapping[str, Words] = field(default_factory=dict)  # inputs that are to be corrected
    on_its_way: bool = False


@dataclass(frozen=True, slots=True)
class AnswerUndone:
    """`left`: what stays, and why; None: nothing is there."""

    left: Words | None
    now: datetime


Answer = AnswerDone | AnswerRefused | AnswerWaiting | AnswerUndone
Command = Take | Withdraw | Answer


def item_id(case: UUID, item: str) -> str:
    """The stream's own part of its name."""
    return f"{case}-{item}"


def reference(case: UUID, item: str, attempt: int = 1) -> UUID:
    """An id for what the department makes of the item: the same whenever it is made. A later attempt has its own."""
    return uuid5(case, f"item {item}" if attempt == 1 else f"item {item} attempt {attempt}")


def asked_item(vocabulary: Vocabulary) -> Aggregate[State, Command]:
    """The aggregate of one department."""

    def decide(state: State, command: Command) -> Sequence[Event]:
        match state, command:
            case _, Take(request):
                return _take(state, request)
            case _, Withdraw(withdrawal):
                return _withdraw(state, withdrawal)
            case Taken(), AnswerWaiting() if (state.waits_for, state.fields) != (command.waits_for, command.fields):
                return [_waiting(state.request, command)]
            case Taken(request), AnswerDone(results, now):
                return [
                    vocabulary.done(
                        case=request.case,
                        item=request.item,
                        attempt=request.attempt,
                        results=dict(results),
                        done_at=now,
                        applicant=request.applicant,
                    )
                ]
            case Taken(request), AnswerRefused(code, reason, now, may_retry, fields):
                return [
                    vocabulary.refused(
                        case=request.case,
                        item=request.item,
                        attempt=request.attempt,
                        code=code,
                        reason=reason,
                        may_retry=may_retry,
                        refused_at=now,
                        fields=dict(fields),
                        applicant=request.applicant,
                    )
                ]
            case Withdrawn(request), AnswerUndone(left, now):
                return [_undone(request, left, now)]
            case _:
                return []  # answered already, or no longer asked

    def _withdraw(state: State, withdrawal: ItemWithdrawn) -> Sequence[Event]:
        taken = ItemWithdrawalTaken(
            case=withdrawal.case,
            item=withdrawal.item,
            undo=withdrawal.undo,
            reason=withdrawal.reason,
            withdrawn_at=withdrawal.withdrawn_at,
        )
        match state:
            case Done() if not withdrawal.undo:
                return [taken, _undone(state.request, STAYS, withdrawal.withdrawn_at)]
            case NotAsked():
                return [taken, _undone(withdrawal, None, withdrawal.withdrawn_at)]
            case Refused(request):
                return [taken, _undone(request, None, withdrawal.withdrawn_at)]
            case Taken() | Done():
                return [taken]
            case _:
                return []

    def _waiting(request: ItemTaken, answer: AnswerWaiting) -> ItemWaiting:
        return vocabulary.waiting(
            case=request.case,
            item=request.item,
            waits_for=answer.waits_for,
            since=answer.now,
            fields=dict(answer.fields),
            on_its_way=answer.on_its_way,
            applicant=request.applicant,
        )

    def _undone(of: ItemTaken | ItemWithdrawn, left: Words | None, now: datetime) -> ItemUndone:
        applicant = of.applicant if isinstance(of, ItemTaken) else None
        return vocabulary.undone(case=of.case, item=of.item, left=left, undone_at=now, applicant=applicant)

    return Aggregate("item", NotAsked(), decide, evolve)


def _take(state: State, request: ItemRequested) -> Sequence[Event]:
    match state:
        case NotAsked():
            pass
        case Taken(before) | Refused(before) | Done(before) if request.attempt > before.attempt:
            pass  # of what was done: with inputs that were corrected since
        case _:
            return []
    return [
        ItemTaken(
            case=request.case,
            item=request.item,
            action=request.action,
            parameters=request.parameters,
            inputs=request.inputs,
            applicant=request.applicant,
            definition=request.definition,
            attempt=request.attempt,
            due_by=request.due_by,
            requested_at=request.requested_at,
        )
    ]


def evolve(state: State, event: Event) -> State:
    match state, event:
        case _, ItemTaken():
            return Taken(event)
        case Taken(), ItemWaiting(waits_for=words, fields=fields):
            return replace(state, waits_for=words, fields=fields)
        case Taken(request), ItemDone(results=results):
            return Done(request, results)
        case Taken(request), ItemRefused():
            return Refused(request)
        case ((Taken(request) | Done(request) | Refused(request)), ItemWithdrawalTaken()):
            return Withdrawn(request, event, was_done=isinstance(state, Done))
        case _, ItemUndone():
            return Ended()
        case _:
            return state


def asked(vocabulary: Vocabulary, aggregate: Aggregate[State, Command]) -> Reaction:
    """What is asked lands on the desk in the transaction that takes it in."""

    def take(cause: Recorded) -> Sequence[Instruction]:
        match cause.data:
            case ItemRequested() as request:
                return [Instruction(aggregate, item_id(request.case, request.item), Take(request))]
            case ItemWithdrawn() as withdrawal:
                return [Instruction(aggregate, item_id(withdrawal.case, withdrawal.item), Withdraw(withdrawal))]
            case _:
                return []

    return Reaction("asked", (vocabulary.requested, vocabulary.withdrawn), take)
