"""A request for erasure as one department handles it: heard, looked at, answered; looked at again later. Pure.

Stream `erasure-<person id>`. What keeps a person's data is the department's own (`shared/department/erasure.py`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.erasure import ErasureLookDue, ErasureTaken, PersonErased, PersonKept, Reason
from shared.contracts.event import Event, Recorded
from shared.contracts.identity import ErasureAnswered, ErasureAsked
from shared.eventstore.aggregate import Aggregate, Instruction
from shared.eventstore.timer import Cancel, DueTimer, Set, TimerRule
from shared.messaging.reaction import Reaction

PRIVATE_ERASURE_EVENTS = (ErasureTaken, ErasureLookDue)
NAME = "erasure"
LOOK_AGAIN = "look again"


@dataclass(frozen=True)
class Vocabulary:
    """A department's own classes of the shared shapes, and the event by which it is asked."""

    asked: type[ErasureAsked] | type[ErasureAnswered]
    erased: type[PersonErased]
    kept: type[PersonKept]


@dataclass(frozen=True, slots=True)
class NotAsked:
    """Nobody asked."""


@dataclass(frozen=True, slots=True)
class Open:
    """To be looked at."""

    person: UUID
    request: UUID


@dataclass(frozen=True, slots=True)
class Kept:
    person: UUID
    request: UUID


@dataclass(frozen=True, slots=True)
class Erased:
    """Whoever was erased may come again, and ask again."""

    person: UUID
    request: UUID


State = NotAsked | Open | Kept | Erased


@dataclass(frozen=True, slots=True)
class Take:
    person: UUID
    request: UUID
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class LookAgain:
    """The reason for keeping it may have ended."""

    now: datetime


@dataclass(frozen=True, slots=True)
class Keep:
    reasons: tuple[Reason, ...]
    look_again_at: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class Erase:
    """`also`: other owners of personal fields that go with the person."""

    also: tuple[str, ...]
    now: datetime


Command = Take | LookAgain | Keep | Erase


def erasure_request(vocabulary: Vocabulary) -> Aggregate[State, Command]:
    """The aggregate of one department."""

    def decide_here(state: State, command: Command) -> Sequence[Event]:
        return decide(vocabulary, state, command)

    return Aggregate(NAME, NotAsked(), decide_here, evolve)


def decide(vocabulary: Vocabulary, state: State, command: Command) -> Sequence[Event]:
    match state, command:
        case Open(request=known) | Kept(request=known) | Erased(request=known), Take(request=request) if (
            request == known
        ):
            return []
        case _, Take(person, request, asked_at):
            return [ErasureTaken(person=person, request=request, asked_at=asked_at)]
        case Kept(person, request), LookAgain(now):
            return [ErasureLookDue(person=person, request=request, due_at=now)]
        case Open(person, request), Keep(reasons, look_again_at, now):
            return [
                vocabulary.kept(
                    person=person, request=request, reasons=reasons, look_again_at=look_again_at, kept_at=now
                )
            ]
        case Open(person, request), Erase(also, now):
            return [vocabulary.erased(person=person, request=request, also=also, erased_at=now)]
        case _:
            return []  # answered meanwhile, or nothing was asked


def evolve(state: State, event: Event) -> State:
    match event:
        case (
            ErasureTaken(person=person, request=request)
            | ErasureAsked(person=person, request=request)
            | ErasureLookDue(person=person, request=request)
        ):
            return Open(person, request)
        case PersonKept(person=person, request=request):
            return Kept(person, request)
        case PersonErased(person=person, request=request):
            return Erased(person, request)
        case _:
            return state


def asked(vocabulary: Vocabulary, aggregate: Aggregate[State, Command]) -> Reaction:
    """The request is noted in the transaction that takes it in."""

    def take(cause: Recorded) -> Iterator[Instruction]:
        match cause.data:
            case ErasureAsked(person=person, request=request, asked_at=at):
                yield Instruction(aggregate, str(person), Take(person, request, at))
            case ErasureAnswered(person=person, request=request, answered_at=at):
                yield Instruction(aggregate, str(person), Take(person, request, at))

    return Reaction("erasure asked", (vocabulary.asked,), take)


def looking_again(vocabulary: Vocabulary, aggregate: Aggregate[State, Command]) -> TimerRule:
    """The department looks again when what keeps a person is to have ended."""

    def schedule(event: Recorded) -> Iterator[Set | Cancel]:
        match event.data:
            case PersonKept(look_again_at=at):
                yield Set(LOOK_AGAIN, at)
            case PersonErased():
                yield Cancel(LOOK_AGAIN)

    def due(timer: DueTimer) -> Instruction:
        return Instruction(aggregate, timer.subject_id, LookAgain(timer.now))

    return TimerRule("erasure", (vocabulary.kept, vocabulary.erased), schedule, due)
