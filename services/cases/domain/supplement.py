"""What the family must bring or correct: asked, and answered. The clock stands still in between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from services.cases.domain import refusals
from services.cases.domain.case_state import Asked, ItemState, NotOpened, Running, State, deadline, evolve
from services.cases.domain.definition import Definition
from services.cases.domain.following import after
from services.cases.domain.form import division_of, facts_of, fill, not_eligible, objections
from services.cases.domain.going_on import resumed
from services.cases.domain.requests import inputs_of
from services.cases.domain.way import Way
from shared.contracts.cases import CaseSupplementAsked, CaseSupplemented
from shared.contracts.event import Event
from shared.contracts.identity import RegisterRulesPublished
from shared.forms.fields import Known
from shared.standards.shanghai import day_in_shanghai


@dataclass(frozen=True, slots=True)
class AskSupplement:
    staff: UUID
    what: str
    now: datetime
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """By what a changed form is checked: the definition the case began under, what is known now, the rules as told."""

    definition: Definition
    way: Way
    known: Known
    rules: RegisterRulesPublished | None
    today: date


@dataclass(frozen=True, slots=True)
class Supplement:
    """`given`: fields of the form as they should be. `by_form`: without it no field can be changed."""

    person: UUID
    answer: str
    now: datetime
    given: Mapping[str, str] = field(default_factory=dict)
    by_form: Form | None = None
    recorded_by: UUID | None = None


def ask(state: State, command: AskSupplement) -> Sequence[Event]:
    if not isinstance(state, Running) or state.skips:
        raise refusals.not_running()
    if state.waits_for_family:
        raise refusals.supplement_asked_already()
    if unknown := set(command.fields) - set(state.of.as_opened.typed):
        raise refusals.not_theirs_to_correct(unknown)
    return [
        CaseSupplementAsked(
            case=state.of.id,
            applicant=state.of.applicant,
            what=command.what,
            clock=state.clock.stop(command.now),
            asked_by=command.staff,
            asked_at=command.now,
            fields=command.fields,
        )
    ]


def supplement(state: State, command: Supplement) -> Sequence[Event]:
    """Raises NotFound, Refused, and Invalid naming every field that is wrong, not asked for, or already entered."""
    assert not isinstance(state, NotOpened)
    if command.person not in state.of.acting:
        raise refusals.no_such_case()
    if not isinstance(state, Running) or state.supplement is None:
        raise refusals.nothing_asked()
    of, asked = state.of, state.supplement
    form = _corrected(state, asked, command)
    changed = tuple(sorted(name for name in form.keys() | of.form.keys() if form.get(name) != of.form.get(name)))
    if fixed := _fixed(state, changed):
        raise refusals.done_already(fixed)
    renewed = _renewed(state, command, changed)
    clocks = resumed(state, command.now)
    is_still = bool(renewed)
    by = command.by_form
    supplemented = CaseSupplemented(
        case=of.id,
        answer=command.answer,
        clock=state.clock if is_still else clocks.whole,
        expected_by=None if is_still else deadline(clocks.whole),
        supplemented_at=command.now,
        items_due_by={} if is_still else clocks.items_due_by,
        items_pending={} if is_still else clocks.items_pending,
        form=form if changed else None,
        facts=facts_of(by.definition, form) if by and changed else None,
        changed=changed,
        consents_renewed=renewed,
        ask_again=tuple(one.person for one in of.as_opened.consents if one.role in renewed),
        division=division_of(by.definition, form, by.known) if by and changed else None,
        again=(),
        by=command.person,
        recorded_by=command.recorded_by,
        applicant=of.applicant,
    )
    again = _again(state, evolve(state, supplemented), asked)
    return after(state, [supplemented.model_copy(update={"again": again})], command.now)


def _corrected(state: Running, asked: Asked, command: Supplement) -> dict[str, str]:
    """The whole form as it is to be."""
    before = state.of.form
    given = {name: value.strip() for name, value in command.given.items()}
    given = {name: value for name, value in given.items() if value != before.get(name, "")}
    if not given:
        _require_right_by_now(state, command.by_form)
        return dict(before)
    if others := given.keys() - asked.fields.keys():  # of the case's subject, too: its day, order and way
        raise refusals.not_asked_for(others)
    assert command.by_form is not None
    by, opened = command.by_form, state.of.as_opened
    editable = {field.name for field in by.definition.fields_of(by.way) if field.editable}
    kept = {name: value for name, value in before.items() if name in editable}
    form = fill(by.definition, by.way, {**kept, **given}, by.known, by.today, command.now)
    if wrong := objections(by.definition, form, by.known, day_in_shanghai(opened.opened_at), by.rules):
        raise not_eligible(by.definition, wrong)
    return form


def _fixed(state: Running, changed: Sequence[str]) -> set[str]:
    """Fields on which something rests that is entered and is not entered twice."""
    return {name for name in changed if state.is_entered(name)}


def _require_right_by_now(state: Running, by: Form | None) -> None:
    """An answer that changes nothing does not carry on what the register has wrong. Raises Invalid."""
    if by is None:
        return
    opened, form = state.of.as_opened, state.of.form
    found = objections(by.definition, form, by.known, day_in_shanghai(opened.opened_at), by.rules)
    theirs = opened.typed  # what they wrote they may leave to the office; what the register has is mended there first
    if wrong := {name: text for name, text in found.items() if name not in theirs and not state.is_entered(name)}:
        raise not_eligible(by.definition, wrong)


def _renewed(state: Running, command: Supplement, changed: Sequence[str]) -> tuple[str, ...]:
    """Roles whose consent rested on what is new; who changed it agrees by that."""
    if command.by_form is None:
        return ()
    rests_on = command.by_form.definition.consent_rests_on
    return tuple(
        one.role
        for one in state.of.as_opened.consents
        if one.role in state.of.consented
        and one.person != command.person
        and one.role not in state.of.lost
        and set(rests_on.get(one.role, ())) & set(changed)
    )


def _again(state: Running, changed: State, asked: Asked) -> tuple[str, ...]:
    """What was sent back, what is being done by the form as it was, and what is done and is to be done anew."""
    assert isinstance(changed, Running)

    def is_asked_again(code: str, item: ItemState) -> bool:
        if code in asked.items:
            return item.is_with_a_department or (item.status == "refused" and item.may_retry)
        if inputs_of(item, state.of, state.items) == inputs_of(item, changed.of, state.items):
            return False
        return item.is_with_a_department or (
            (item.status == "done" and item.handling.when_changed == "redo")
            or (item.status == "refused" and item.may_retry)
        )

    return tuple(code for code, item in state.items.items() if is_asked_again(code, item))
