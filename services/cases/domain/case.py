"""A one-thing case. Stream `case-<id>`; the id follows from what the case is about, so that one birth has one case.

Generic: the plan that the case keeps since it was opened says who does what after what. Nothing here knows a birth.
"""

from collections.abc import Sequence
from typing import assert_never

from services.cases.domain import answering, consent, facts, overdue, refusals, supplement
from services.cases.domain.answering import GiveUpItem, NoteStuck, RetryItem, TakeAnswer
from services.cases.domain.case_state import NotOpened, State, evolve
from services.cases.domain.consent import GiveConsent, OpenCase, StopCase, WithdrawConsent
from services.cases.domain.facts import TakeFacts
from services.cases.domain.overdue import Escalate, NoteOverdue
from services.cases.domain.supplement import AskSupplement, Supplement
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate

Command = (
    OpenCase
    | GiveConsent
    | WithdrawConsent
    | StopCase
    | TakeFacts
    | TakeAnswer
    | RetryItem
    | GiveUpItem
    | NoteStuck
    | AskSupplement
    | Supplement
    | NoteOverdue
    | Escalate
)


def decide(state: State, command: Command) -> Sequence[Event]:
    if isinstance(command, OpenCase):
        return consent.open(state, command)
    if isinstance(state, NotOpened):
        raise refusals.no_such_case()
    match command:
        case GiveConsent():
            return consent.consent(state, command)
        case WithdrawConsent():
            return consent.withdraw(state, command)
        case StopCase():
            return consent.stop(state, command)
        case TakeFacts():
            return facts.take_facts(state, command)
        case NoteStuck():
            return answering.note_stuck(state, command)
        case TakeAnswer(answer):
            return answering.take(state, answer)
        case RetryItem():
            return answering.retry(state, command)
        case GiveUpItem():
            return answering.give_up(state, command)
        case AskSupplement():
            return supplement.ask(state, command)
        case Supplement():
            return supplement.supplement(state, command)
        case NoteOverdue():
            return overdue.note(state, command)
        case Escalate():
            return overdue.escalate(state, command)
        case _:
            assert_never(command)


CASE: Aggregate[State, Command] = Aggregate("case", NotOpened(), decide, evolve)
