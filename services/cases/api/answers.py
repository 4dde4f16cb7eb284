"""How cases are shown. Names come in Chinese and English; codes are for machines."""

from datetime import datetime
from uuid import UUID

from services.cases.domain import timeline
from services.cases.domain.case_state import (
    Closed,
    ItemState,
    NotOpened,
    Running,
    State,
    Stopping,
    deadline,
    is_pending,
)
from services.cases.domain.definition import Definition
from services.cases.domain.following import is_free
from services.cases.domain.opening import Persons
from services.cases.domain.refusals import not_there_then
from services.cases.domain.way import Way
from services.cases.read_models.cases import CaseRow, StuckRow
from shared.contracts.case_items import Words
from shared.contracts.cases import Effort
from shared.contracts.event import Recorded
from shared.department.answer import Answer, words
from shared.forms.fields import ChoiceField, FormField


class DefinitionListed(Answer):
    code: str
    version: int
    name: Words
    summary: Words
    promise_days: int
    effort: Effort
    effort_separately: Effort


def list_definition(definition: Definition) -> DefinitionListed:
    return DefinitionListed(
        code=definition.code,
        version=definition.version,
        name=words(definition.name),
        summary=words(definition.summary),
        promise_days=definition.promise_days,
        effort=definition.effort,
        effort_separately=definition.separately,
    )


class DefinitionsShown(Answer):
    definitions: list[DefinitionListed]


class WayShown(Answer):
    """One way of a definition that has several: its code goes into the form's field `way`."""

    way: str
    name: Words
    fields: list[str]  # those that it asks
    consents: list[str]  # roles that must agree


class ReasonShown(Answer):
    because: str
    words: Words


class FormShown(DefinitionListed):
    """`filled`: what is known already. Fields that cannot be edited may be left out when it is sent. `fields`: of the
    way that is chosen; of all ways, as long as none is.
    """

    fields: list[FormField]
    filled: dict[str, str]
    consents: list[str]  # roles that must agree, unless they apply themselves
    way: str | None
    ways: list[WayShown]
    withdrawals: list[ReasonShown]  # reasons to withdraw that have words of their own


def show_form(definition: Definition, persons: Persons, filled: dict[str, str]) -> FormShown:
    way = persons.way
    return FormShown(
        **list_definition(definition).model_dump(),
        fields=list(definition.fields_of(way)),
        filled=filled,
        consents=list(way.consents) if way else [],
        way=way.code if way and definition.ways else None,
        ways=[_way(definition, one) for one in definition.ways],
        withdrawals=[ReasonShown(because=code, words=words(one.words)) for code, one in definition.withdrawals.items()],
    )


def _way(definition: Definition, way: Way) -> WayShown:
    field = next(one for one in definition.fields if one.name == definition.way)
    assert isinstance(field, ChoiceField)
    label = next(choice.label for choice in field.choices if choice.code == way.code)
    asked = [one.name for one in definition.fields_of(way)]
    return WayShown(way=way.code, name=words(label), fields=asked, consents=list(way.consents))


class CaseListed(Answer):
    case: UUID
    definition: str
    status: str
    items: int
    done: int
    lost: list[str]  # roles of those who died, or whose entry was annulled
    opened_at: datetime
    expected_by: datetime | None
    closed_at: datetime | None


class Cases(Answer):
    """`next` goes back as `after`; null at the end."""

    cases: list[CaseListed]
    next: str | None


def list_case(row: CaseRow) -> CaseListed:
    return CaseListed.model_validate(row, from_attributes=True)


class StuckListed(Answer):
    case: UUID
    definition: str
    item: str
    department: str
    action: str
    status: str
    due_by: datetime | None
    since: datetime


class StuckItems(Answer):
    items: list[StuckListed]
    next: str | None


def list_stuck(row: StuckRow) -> StuckListed:
    return StuckListed.model_validate(row, from_attributes=True)


class ItemShown(Answer):
    item: str
    name: Words
    department: str
    needs: list[str]
    status: str
    attempt: int
    since: datetime | None
    due_by: datetime | None
    deadline_pending: bool  # it is reckoned when the year's calendar is published
    is_overdue: bool
    waits_for: Words | None
    reason: Words | None
    may_retry: bool
    results: dict[str, str]


class MomentShown(Answer):
    at: datetime
    what: str
    item: str | None
    by: str | None
    words: Words | None
    fields: list[str]  # of the form, that it is about


class CaseShown(Answer):
    case: UUID
    definition: str
    definition_version: int
    status: str
    channel: str
    form: dict[str, str]
    consents_missing: list[str]
    supplement: str | None  # what the bureau asked for, in its words
    corrections: dict[str, Words]  # fields of the form that are to be corrected, and what is wrong with each
    opened_at: datetime
    expected_by: datetime | None
    deadline_pending: bool  # it is reckoned when the year's calendar is published
    closed: str | None  # completed, partly, stopped
    closed_at: datetime | None
    may_apply_again: bool  # it came to nothing, and the same may be handed in anew
    way: str | None
    lost: list[str]  # roles of those who died, or whose entry was annulled
    effort: Effort
    effort_separately: Effort
    items: list[ItemShown]
    timeline: list[MomentShown]


def show_case(events: list[Recorded], now: datetime, moment: datetime | None = None) -> CaseShown:
    """As it stands, or stood at `moment`. Raises NotFound when it was not there."""
    happened = timeline.as_of(events, moment)
    state = timeline.state_of(happened)
    if isinstance(state, NotOpened):
        raise not_there_then()
    opened = state.of.as_opened
    items = (
        list(state.items.values())
        if isinstance(state, Running | Stopping | Closed)
        else [ItemState(plan) for plan in opened.plan]
    )
    return CaseShown(
        case=opened.case,
        definition=opened.definition,
        definition_version=opened.definition_version,
        status=state.status,
        channel=opened.channel,
        form=dict(state.of.form),
        consents_missing=sorted(state.of.missing) if state.status in ("awaiting_consent", "running") else [],
        supplement=state.supplement.text if isinstance(state, Running) and state.supplement else None,
        corrections=dict(state.supplement.fields) if isinstance(state, Running) and state.supplement else {},
        opened_at=opened.opened_at,
        expected_by=deadline(state.clock) if isinstance(state, Running) and not state.clock.is_stopped else None,
        deadline_pending=isinstance(state, Running) and is_pending(state.clock),
        closed=state.closed.outcome if isinstance(state, Closed) else None,
        closed_at=state.closed.closed_at if isinstance(state, Closed) else None,
        may_apply_again=is_free(state),
        way=opened.way,
        lost=sorted(state.of.lost),
        effort=opened.effort,
        effort_separately=opened.effort_separately,
        items=[_item(state, item, moment or now) for item in items],
        timeline=[_moment(one) for one in timeline.moments(happened)],
    )


def _moment(one: timeline.Moment) -> MomentShown:
    return MomentShown(at=one.at, what=one.what, item=one.item, by=one.by, words=one.words, fields=list(one.fields))


def _item(state: State, item: ItemState, now: datetime) -> ItemShown:
    return ItemShown(
        item=item.plan.code,
        name=item.plan.name,
        department=item.plan.department,
        needs=list(item.plan.needs),
        status=item.shown_status,
        attempt=item.attempt,
        since=item.since,
        due_by=item.due,
        deadline_pending=item.clock is not None and not item.is_at_its_end and is_pending(item.clock),
        is_overdue=item.due is not None and not item.is_at_its_end and item.due < now,
        waits_for=timeline.waits_for(state, item),
        reason=item.reason,
        may_retry=item.may_be_tried_again(now),
        results=dict(item.results),
    )
