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
from services.cases.domain.refusals import not_there_then
from services.cases.read_models.cases import CaseRow, StuckRow
from shared.contracts.case_items import Words
from shared.contracts.cases import Effort
from shared.contracts.event import Recorded
from shared.department.answer import Answer, words
from shared.forms.fields import FormField


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


class FormShown(DefinitionListed):
    """`filled`: what is known already. Fields that cannot be edited may be left out when it is sent."""

    fields: list[FormField]
    filled: dict[str, str]
    consents: list[str]  # roles that must agree from their own accounts, unless they apply themselves


def show_form(definition: Definition, filled: dict[str, str]) -> FormShown:
    return FormShown(
        **list_definition(definition).model_dump(),
        fields=list(definition.fields),
        filled=filled,
        consents=list(definition.consents),
    )


class CaseListed(Answer):
    case: UUID
    definition: str
    status: str
    items: int
    done: int
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


class CaseShown(Answer):
    case: UUID
    definition: str
    definition_version: int
    status: str
    channel: str
    form: dict[str, str]
    consents_missing: list[str]
    supplement: str | None
    opened_at: datetime
    expected_by: datetime | None
    deadline_pending: bool  # it is reckoned when the year's calendar is published
    closed: str | None  # completed, partly, stopped
    closed_at: datetime | None
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
        form=opened.form,
        consents_missing=sorted(state.of.missing) if state.status == "awaiting_consent" else [],
        supplement=state.supplement if isinstance(state, Running) else None,
        opened_at=opened.opened_at,
        expected_by=deadline(state.clock) if isinstance(state, Running) and not state.clock.is_stopped else None,
        deadline_pending=isinstance(state, Running) and is_pending(state.clock),
        closed=state.closed.outcome if isinstance(state, Closed) else None,
        closed_at=state.closed.closed_at if isinstance(state, Closed) else None,
        effort=opened.effort,
        effort_separately=opened.effort_separately,
        items=[_item(state, item, moment or now) for item in items],
        timeline=[MomentShown.model_validate(one, from_attributes=True) for one in timeline.moments(happened)],
    )


def _item(state: State, item: ItemState, now: datetime) -> ItemShown:
    return ItemShown(
        item=item.plan.code,
        name=item.plan.name,
        department=item.plan.department,
        needs=list(item.plan.needs),
        status=item.status,
        attempt=item.attempt,
        since=item.since,
        due_by=item.due,
        deadline_pending=item.clock is not None and not item.is_at_its_end and is_pending(item.clock),
        is_overdue=item.due is not None and not item.is_at_its_end and item.due < now,
        waits_for=timeline.waits_for(state, item),
        reason=item.reason,
        may_retry=item.may_retry,
        results=dict(item.results),
    )
