"""A question that a department asked about a person instead of asking him for a paper. Stream `question-<id>`. Private.

Every question is kept, refused ones too: whoever was asked about can see it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.certificates.facts.entitlement import FactName, Refusal
from shared.contracts.event import Event, Personal
from shared.eventstore.aggregate import Aggregate

Answer = Literal["yes", "no", "unknown"]


class FactAsked(Event):
    """Stored for ever: add optional fields, never rename, retype or remove."""

    question: UUID
    person: UUID | None  # None: nobody of this name and number is known here
    fact: str
    about: str | None  # the division or type of certificate that is asked about
    asker: UUID
    division: str  # the asker serves it
    purpose: str  # a code of facts.yaml, or a word of the asker's
    case: Personal[str]  # the asker's file number
    asked_at: datetime


class FactAnswered(Event):
    question: UUID
    answer: Answer
    basis: UUID | None  # the event it rests on: identity's, or that of an issue
    answered_at: datetime


class FactRefused(Event):
    question: UUID
    because: Refusal
    refused_at: datetime


@dataclass(frozen=True, slots=True)
class NotAsked:
    """No event yet."""


@dataclass(frozen=True, slots=True)
class Open:
    asked: FactAsked


@dataclass(frozen=True, slots=True)
class Answered:
    asked: FactAsked
    answer: Answer
    basis: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    asked: FactAsked
    because: Refusal


State = NotAsked | Open | Answered | Refused


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks what about whom."""

    question: UUID
    person: UUID | None
    fact: FactName
    about: str | None
    asker: UUID
    division: str
    purpose: str
    case: str
    now: datetime


@dataclass(frozen=True, slots=True)
class AnswerFact:
    asking: Asking
    answer: Answer
    basis: UUID | None


@dataclass(frozen=True, slots=True)
class RefuseFact:
    asking: Asking
    because: Refusal


Command = AnswerFact | RefuseFact


def decide(state: State, command: Command) -> Sequence[Event]:
    if not isinstance(state, NotAsked):
        return []
    asking = command.asking
    outcome: Event
    match command:
        case AnswerFact():
            outcome = FactAnswered(
                question=asking.question, answer=command.answer, basis=command.basis, answered_at=asking.now
            )
        case RefuseFact():
            outcome = FactRefused(question=asking.question, because=command.because, refused_at=asking.now)
    return [_asked(asking), outcome]


def _asked(asking: Asking) -> FactAsked:
    return FactAsked(
        question=asking.question,
        person=asking.person,
        fact=asking.fact,
        about=asking.about,
        asker=asking.asker,
        division=asking.division,
        purpose=asking.purpose,
        case=asking.case,
        asked_at=asking.now,
    )


def evolve(state: State, event: Event) -> State:
    match state, event:
        case NotAsked(), FactAsked():
            return Open(event)
        case Open(asked), FactAnswered(answer=answer, basis=basis, answered_at=at):
            return Answered(asked, answer, basis, at)
        case Open(asked), FactRefused(because=because):
            return Refused(asked, because)
        case _:
            return state


QUESTION: Aggregate[State, Command] = Aggregate("question", NotAsked(), decide, evolve)
PRIVATE_FACT_EVENTS: tuple[type[Event], ...] = (FactAsked, FactAnswered, FactRefused)
