"""What those are told whom a one-thing case is about, and staff who are named when one takes too long."""

from collections.abc import Iterator
from uuid import UUID

from services.notification.domain.notice import Fact
from services.notification.told import Told, told
from shared.contracts.cases import (
    CaseClosed,
    CaseConsentGiven,
    CaseCorrectionNeeded,
    CaseEscalated,
    CaseFactsChanged,
    CaseItemFinished,
    CaseItemStuck,
    CaseOpened,
    CasePersonLost,
    CaseStarted,
    CaseStopped,
    CaseStoppedByBureau,
    CaseSupplementAsked,
    CaseSupplemented,
)
from shared.contracts.event import Event
from shared.standards import divisions
from shared.standards.division_names import full_name

EVENTS: tuple[type[Event], ...] = (
    CaseOpened,
    CaseConsentGiven,
    CaseStarted,
    CaseItemFinished,
    CaseItemStuck,
    CaseSupplementAsked,
    CaseSupplemented,
    CaseCorrectionNeeded,
    CaseFactsChanged,
    CasePersonLost,
    CaseEscalated,
    CaseStopped,
    CaseStoppedByBureau,
    CaseClosed,
)
LAST = "city"  # where nobody is appointed the next level is told in the same moment; after this there is none
AGAIN = {"partly": "case_nothing_done_apply_again", "stopped": "case_stopped_apply_again"}
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
        case CaseStopped() | CaseStoppedByBureau():
            yield from _stopped(event)
        case CaseConsentGiven(recorded_by=UUID(), recorded_at_counter=str(counter)):
            told_where = _counter(counter, is_of_hospital=False)
            yield told(event.person, "case_consent_recorded", event.given_at, counter=told_where)
        case CaseItemStuck():
            yield told(event.applicant, "case_item_stuck", event.stuck_at, item=event.name.model_dump())
        case CaseCorrectionNeeded():
            yield told(event.applicant, "case_correction_needed", event.needed_at, **_wrong(event))
        case CaseSupplemented():
            for person in event.ask_again:
                yield told(person, "case_consent_renewed", event.supplemented_at)
        case CaseFactsChanged():
            changed = ",".join(event.changed)
            yield told(event.applicant, "case_facts_changed", event.changed_at, changed=changed)
        case CasePersonLost():
            for person in event.tell:
                yield told(person, "case_person_lost", event.lost_at, words=event.words.model_dump())
        case CaseClosed():
            yield from _closed(event)


def _wrong(event: CaseCorrectionNeeded) -> dict[str, Fact]:
    """Which fields, and each reason once."""
    reasons = list(dict.fromkeys((words.zh, words.en) for words in event.fields.values()))
    why = {"zh": "；".join(zh.rstrip("。") for zh, _ in reasons), "en": "; ".join(en.rstrip(".") for _, en in reasons)}
    return {"fields": ",".join(event.fields), "why": why}


def _stopped(event: CaseStopped | CaseStoppedByBureau) -> Iterator[Told]:
    """Who withdraws the whole on line is told when it is closed."""
    if isinstance(event, CaseStoppedByBureau):
        yield told(event.applicant, "case_stopped_by_bureau", event.stopped_at, reason=event.reason)
        return
    if event.recorded_by:
        yield told(event.by, "case_withdrawal_recorded", event.stopped_at)
    if event.words:
        yield told(event.applicant, "case_stopped_with_words", event.stopped_at, words=event.words.model_dump())
    elif event.reason == "consent_withdrawn":
        yield told(event.applicant, "case_consent_withdrawn_apply_again", event.stopped_at)


def _closed(event: CaseClosed) -> Iterator[Told]:
    """Where the applicant is gone, those who are left are told. What was said in words for it is not said again."""
    if event.is_told:
        return
    facts: dict[str, Fact] = {"case": event.definition, "done": ",".join(event.done)}
    if event.outcome != "completed":
        facts["not_done"] = ",".join(event.not_done)
    template = AGAIN[event.outcome] if event.may_apply_again else CLOSED[event.outcome]
    for person in event.tell or (event.applicant,):
        yield told(person, template, event.closed_at, **facts)


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
