"""Opening a case, and the agreement it waits for: given, or withdrawn, which stops it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.cases.domain import refusals
from services.cases.domain.case_state import (
    AwaitingConsent,
    Closed,
    NotOpened,
    Opened,
    State,
    Stopping,
    deadline,
    evolve,
)
from services.cases.domain.following import after
from shared.contracts.cases import CaseConsentGiven, CaseOpened, CaseStarted, CaseStopped
from shared.contracts.event import Event
from shared.standards.legal_clock import LegalClock


@dataclass(frozen=True, slots=True)
class OpenCase:
    """`opened` is what `opening.py` made of the form; only that makes one."""

    opened: CaseOpened


@dataclass(frozen=True, slots=True)
class GiveConsent:
    person: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class WithdrawConsent:
    """Or the applicant withdraws the whole."""

    person: UUID
    now: datetime


def open(state: State, opened: CaseOpened) -> Sequence[Event]:
    if not isinstance(state, NotOpened):
        was_stopped = isinstance(state, Stopping) or (isinstance(state, Closed) and state.closed.outcome == "stopped")
        raise refusals.already_open(state.of.id, state.status, was_stopped=was_stopped)
    return [opened, *(_start(opened, opened.opened_at) if not opened.consents else ())]


def consent(state: State, command: GiveConsent) -> Sequence[Event]:
    assert not isinstance(state, NotOpened)
    role = next((one.role for one in state.of.as_opened.consents if one.person == command.person), None)
    if role is None:
        if command.person == state.of.applicant:  # he agreed by applying
            return []
        raise refusals.no_such_case()
    if role in state.of.consented:
        return []
    if not isinstance(state, AwaitingConsent):
        raise refusals.already_closed(state.status)
    given = CaseConsentGiven(case=state.of.id, role=role, person=command.person, given_at=command.now)
    is_last = state.of.missing == {role}
    return [given, *(_start(state.of.as_opened, command.now) if is_last else ())]


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
            )
            return after(state, [stopped], command.now)


def _start(opened: CaseOpened, now: datetime) -> Sequence[Event]:
    clock = LegalClock.start(now, opened.promise_days)
    started = CaseStarted(
        case=opened.case,
        applicant=opened.applicant,
        definition=opened.definition,
        clock=clock,
        expected_by=deadline(clock),
        started_at=now,
    )
    running = evolve(AwaitingConsent(Opened(opened)), started)
    return [started, *after(running, [], now)]
