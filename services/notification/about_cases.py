"""What those are told whom a one-thing case is about, and staff who are named when one takes too long."""

from collections.abc import Iterator
from uuid import UUID

from services.notification.domain.notice import Fact
from services.notification.told import Told, told
from shared.contracts.cases import (
    CaseClosed,
    CaseEscalated,
    CaseItemFinished,
    CaseOpened,
    CaseStarted,
    CaseStopped,
    CaseSupplementAsked,
)
from shared.contracts.event import Event
from shared.standards import divisions
from shared.standards.division_names import full_name

EVENTS: tuple[type[Event], ...] = (
    CaseOpened,
    CaseStarted,
    CaseItemFinished,
    CaseSupplementAsked,
    CaseEscalated,
    CaseStopped,
    CaseClosed,
)
LAST = "city"  # where nobody is appointed the next level is told in the same moment; after this there is none
CLOSED = {"completed": "case_completed", "partly": "case_partly_done", "stopped": "case_stopped"}


def about_case(event: Event) -> Iterator[Told]:
    """Items that are done are told once, when the case is closed; the papers tell of themselves."""
    match event:
        case CaseOpened():
            yield from _opened(event)
        case CaseStarted(expected_by=None):
            yield told(event.applicant, "case_started_undated", event.started_at, case=event.definition)
        case CaseStarted():
            expected_by = event.expected_by.isoformat() if event.expected_by else ""
            yield told(
                event.applicant, "case_started", event.started_at, case=event.definition, expected_by=expected_by
            )
        case CaseItemFinished(outcome="refused", reason=reason) if reason:
            yield told(
                event.applicant,
                "case_item_to_retry" if event.may_retry else "case_item_refused",
                event.finished_at,
                item=event.name.model_dump(),
                reason=reason.model_dump(),
            )
        case CaseSupplementAsked():
            yield told(event.applicant, "case_supplement_asked", event.asked_at, what=event.what)
        case CaseEscalated():
            yield from _escalated(event)
        case CaseStopped(reason="consent_withdrawn"):  # who withdraws the whole himself is told when it is closed
            yield told(event.applicant, "case_consent_withdrawn", event.stopped_at)
        case CaseClosed():
            yield told(
                event.applicant,
                CLOSED[event.outcome],
                event.closed_at,
                case=event.definition,
                done=",".join(event.done),
                **({} if event.outcome == "completed" else {"not_done": ",".join(event.not_done)}),
            )


def _opened(event: CaseOpened) -> Iterator[Told]:
    """One that waits for nobody has begun at once, and that is told. What a counter handed in is told at once."""
    if event.taken_in_at:
        counter = _counter(event.taken_in_at, is_of_hospital=event.channel == "hospital")
        yield told(event.applicant, "case_handed_in_for_you", event.opened_at, case=event.definition, counter=counter)
    if event.consents:
        yield told(event.applicant, "case_awaits_consent", event.opened_at, case=event.definition)
    for wanted in event.consents:
        yield told(wanted.person, "case_consent_wanted", event.opened_at, case=event.definition)


def _counter(division: str, *, is_of_hospital: bool) -> dict[str, str]:
    place = full_name(division) if divisions.find(division) else division
    if is_of_hospital:
        return {"zh": f"{place}医院窗口", "en": f"a hospital's window, {place}"}
    return {"zh": f"{place}综合窗口", "en": f"a counter, {place}"}


def _escalated(event: CaseEscalated) -> Iterator[Told]:
    since = event.overdue_since.isoformat()
    for staff in event.told:
        if event.item is None:
            yield told(staff, "overdue_case", event.escalated_at, overdue_since=since)
        else:
            yield told(staff, "overdue_case_item", event.escalated_at, item=event.item, overdue_since=since)
    if event.applicant and event.definition and (event.told or event.level == LAST):
        yield _promise_broken(event, event.applicant, event.definition)


def _promise_broken(event: CaseEscalated, applicant: UUID, definition: str) -> Told:
    """He is told once a level who sees to it now, and by when."""
    facts: dict[str, Fact] = {
        "case": definition,
        "level": event.level,
        "overdue_since": event.overdue_since.isoformat(),
    }
    if event.expected_by:
        facts["expected_by"] = event.expected_by.isoformat()
    if event.item:
        facts["item"] = event.item
    template = ("case_item_late" if event.item else "case_late") + ("" if event.expected_by else "_undated")
    return told(applicant, template, event.escalated_at, **facts)
