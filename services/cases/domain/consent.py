"""Opening a case, and the agreement it waits for: given, or withdrawn, which stops it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.cases.domain import refusals
from services.cases.domain.answering import correction
from services.cases.domain.case_state import (
    AwaitingConsent,
    Closed,
    NotOpened,
    Opened,
    Running,
    State,
    Stopping,
    deadline,
    evolve,
)
from services.cases.domain.following import after
from services.cases.domain.going_on import go_on
from shared.contracts.case_items import Words
from shared.contracts.cases import (
    CaseConsentGiven,
    CaseOpened,
    CaseStarted,
    CaseStopped,
    CaseStoppedByBureau,
)
from shared.contracts.event import Event
from shared.standards.legal_clock import LegalClock

NONE: Mapping[str, Words] = {}


@dataclass(frozen=True, slots=True)
class Seen:
    """An officer saw the person and their ID card."""

    staff: UUID
    division: str


@dataclass(frozen=True, slots=True)
class OpenCase:
    """`opened` is what `opening.py` made of the form; only that makes one. `present`: others who are at the counter,
    too, and agree there.
    """

    opened: CaseOpened
    present: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class GiveConsent:
    """`wrong`: fields that the rules do not allow any more, as they are told now: corrected before anything begins."""

    person: UUID
    now: datetime
    seen: Seen | None = None
    wrong: Mapping[str, Words] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WithdrawConsent:
    """Or the applicant withdraws the whole. `because`, `words`: of a reason that the definition answers in its own
    words.
    """

    person: UUID
    now: datetime
    because: str | None = None
    words: Words | None = None
    seen: Seen | None = None
    papers_stay: bool = False


@dataclass(frozen=True, slots=True)
class StopCase:
    """By the bureau: nobody is left to go on with it, or it cannot be done."""

    staff: UUID
    reason: str
    now: datetime


def open(state: State, command: OpenCase) -> Sequence[Event]:
    opened = command.opened
    if not isinstance(state, NotOpened):
        raise refusals.already_open(state.of.id, state.status)
    if not opened.consents:
        return [opened, *_start(Opened.by(opened), opened.opened_at)]
    events: list[Event] = [opened]
    now = evolve(state, opened)
    seen = Seen(opened.taken_in_by, opened.taken_in_at or "") if opened.taken_in_by else None
    for person in command.present:
        given = consent(now, GiveConsent(person, opened.opened_at, seen))
        events += given
        for event in given:
            now = evolve(now, event)
    return events


def consent(state: State, command: GiveConsent) -> Sequence[Event]:
    assert not isinstance(state, NotOpened)
    role = next((one.role for one in state.of.as_opened.consents if one.person == command.person), None)
    if role is None:
        if command.person == state.of.applicant:  # they agreed by applying
            return []
        raise refusals.no_such_case()
    if role in state.of.consented:
        return []
    if not isinstance(state, AwaitingConsent | Running):
        raise refusals.already_closed(state.status)
    given = CaseConsentGiven(
        case=state.of.id,
        role=role,
        person=command.person,
        given_at=command.now,
        recorded_by=command.seen.staff if command.seen else None,
        recorded_at_counter=(command.seen.division or None) if command.seen else None,
    )
    agreed = evolve(state, given)
    if isinstance(agreed, Running):
        return [given, *go_on(agreed, command.now)]
    assert isinstance(agreed, AwaitingConsent)
    return [given, *(() if agreed.of.missing else _start(agreed.of, command.now, command.wrong))]


def withdraw(state: State, command: WithdrawConsent) -> Sequence[Event]:
    assert not isinstance(state, NotOpened)
    opened = state.of.as_opened
    is_applicant = command.person == opened.applicant
    if not is_applicant and all(one.person != command.person for one in opened.consents):
        raise refusals.no_such_case()
    match state:
        case Closed():
            raise refusals.already_closed(state.status)
        case Stopping():
            return []
        case _:
            stopped = CaseStopped(
                case=opened.case,
                applicant=opened.applicant,
                reason="withdrawn" if is_applicant else "consent_withdrawn",
                by=command.person,
                stopped_at=command.now,
                because=command.because,
                words=command.words,
                recorded_by=command.seen.staff if command.seen else None,
                papers_stay=command.papers_stay,
            )
            return after(state, [stopped], command.now)


def stop(state: State, command: StopCase) -> Sequence[Event]:
    assert not isinstance(state, NotOpened)
    match state:
        case Closed():
            raise refusals.already_closed(state.status)
        case Stopping():
            return []
        case _:
            stopped = CaseStoppedByBureau(
                case=state.of.id,
                applicant=state.of.applicant,
                reason=command.reason,
                by=command.staff,
                stopped_at=command.now,
            )
            return after(state, [stopped], command.now)


def begin_without(state: AwaitingConsent, now: datetime, wrong: Mapping[str, Words]) -> Sequence[Event]:
    """Whose consent was missing is gone, and it goes on without them."""
    return _start(state.of, now, wrong)


def _start(of: Opened, now: datetime, wrong: Mapping[str, Words] = NONE) -> Sequence[Event]:
    clock = LegalClock.start(now, of.as_opened.promise_days)
    started = CaseStarted(
        case=of.id,
        applicant=of.applicant,
        definition=of.as_opened.definition,
        clock=clock,
        expected_by=deadline(clock),
        started_at=now,
    )
    running = evolve(AwaitingConsent(of), started)
    assert isinstance(running, Running)
    return [started, *after(running, correction(running, None, wrong, now), now)]
