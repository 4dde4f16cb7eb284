"""What the register says now of those a case is about, compared with what the case was told. Pure.

Facts that nobody typed follow the register: what is asked from then on bears the new ones, and what is being done by
the old ones is asked for again. What is done is followed by its department, which hears the register, too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.cases.domain.answering import correction
from services.cases.domain.case_state import AwaitingConsent, NotOpened, Running, State, evolve
from services.cases.domain.consent import begin_without
from services.cases.domain.definition import Definition
from services.cases.domain.events import FactsCompared
from services.cases.domain.following import after
from services.cases.domain.form import division_of, facts_of, objections, refreshed
from services.cases.domain.requests import inputs_of
from services.cases.domain.way import Way
from shared.contracts.case_items import Words
from shared.contracts.cases import CaseFactsChanged, CasePersonBack, CasePersonLost
from shared.contracts.event import Event
from shared.contracts.identity import RegisterRulesPublished
from shared.forms.fields import Known
from shared.standards.shanghai import day_in_shanghai

Why = Literal["died", "annulled"]


@dataclass(frozen=True, slots=True)
class Gone:
    person: UUID
    why: Why


@dataclass(frozen=True, slots=True)
class TakeFacts:
    """`gone`: by role, whoever of them died or was annulled. `as_told`: person id -> number of the last event heard of
    them; None: nothing is noted beside what changed.
    """

    definition: Definition
    way: Way
    known: Known
    gone: Mapping[str, Gone]
    rules: RegisterRulesPublished | None
    now: datetime
    as_told: Mapping[str, int] | None = field(default=None)


def take_facts(state: State, command: TakeFacts) -> Sequence[Event]:
    assert not isinstance(state, NotOpened)
    events: list[Event] = []
    if isinstance(state, AwaitingConsent | Running):
        events = list(_compared(state, command))
    if command.as_told is not None:
        events.append(FactsCompared(case=state.of.id, as_told=dict(command.as_told), compared_at=command.now))
    return events


def wrong_now(state: State, command: TakeFacts) -> dict[str, Words]:
    """Fields of the form that the rules do not allow, as the register stands and its rules were told."""
    if not isinstance(state, AwaitingConsent | Running):
        return {}
    handed_in_on: date = day_in_shanghai(state.of.as_opened.opened_at)
    found = objections(command.definition, state.of.form, command.known, handed_in_on, command.rules)
    if isinstance(state, Running):  # what is entered by now is the register's
        found = {name: text for name, text in found.items() if not state.is_entered(name)}
    return {name: Words(zh=text.zh, en=text.en) for name, text in found.items()}


def _compared(state: AwaitingConsent | Running, command: TakeFacts) -> Iterator[Event]:
    now: State = state
    for event in (*_losses(state, command), *_changes(state, command)):
        if not isinstance(now, AwaitingConsent | Running):  # stopped by a loss
            break
        yield event
        now = evolve(now, event)
    made: Sequence[Event]
    match now:
        case AwaitingConsent(of) if state.of.missing and not of.missing:
            made = begin_without(now, command.now, wrong_now(now, command))
        case Running(supplement=asked):
            told = asked.fields if asked else {}
            wrong = {name: words for name, words in wrong_now(now, command).items() if name not in told}
            made = after(now, correction(now, None, wrong, command.now, by_rules=True), command.now)
        case _:
            made = after(now, [], command.now)
    yield from made


def _losses(state: AwaitingConsent | Running, command: TakeFacts) -> Iterator[Event]:
    of = state.of
    persons = {**of.as_opened.persons}
    for role, gone in command.gone.items():
        loss = command.definition.losses.get(role)
        if of.lost.get(role) == gone.why or loss is None:
            continue
        away = {gone.person, *(one.person for one in command.gone.values())}
        yield CasePersonLost(
            case=of.id,
            applicant=of.applicant,
            role=role,
            person=gone.person,
            why=gone.why,
            then=loss.then(gone.why, has_begun=isinstance(state, Running)),
            words=Words(zh=loss.words.zh, en=loss.words.en),
            tell=tuple(sorted({of.applicant, *of.concerned, *persons.values()} - away)),
            lost_at=command.now,
        )
    for role in of.lost.keys() - command.gone.keys():
        if person := persons.get(role):
            yield CasePersonBack(case=of.id, role=role, person=person, back_at=command.now)


def _changes(state: AwaitingConsent | Running, command: TakeFacts) -> Iterator[Event]:
    of, definition = state.of, command.definition
    form = refreshed(definition, command.way, of.form, command.known)
    changed = tuple(sorted(name for name in form if form[name] != of.form.get(name)))
    if not changed:
        return
    facts = facts_of(definition, form)
    event = CaseFactsChanged(
        case=of.id,
        applicant=of.applicant,
        form=form,
        facts=facts,
        changed=changed,
        division=division_of(definition, form, command.known),
        changed_at=command.now,
    )
    items = state.items if isinstance(state, Running) else {}
    then = evolve(state, event)
    assert isinstance(then, AwaitingConsent | Running)
    touched = [code for code, one in items.items() if inputs_of(one, of, items) != inputs_of(one, then.of, items)]
    yield event.model_copy(
        update={
            "again": tuple(code for code in touched if items[code].is_with_a_department),
            "rests_on_it": tuple(code for code in touched if items[code].status == "done"),
        }
    )
