"""How a case stands, and how its events move it on."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from shared.contracts.case_items import ItemRequested, ItemWithdrawn, Words
from shared.contracts.cases import (
    CaseClosed,
    CaseConsentGiven,
    CaseItemFinished,
    CaseItemHeld,
    CaseOpened,
    CaseStarted,
    CaseStopped,
    CaseSupplementAsked,
    CaseSupplemented,
    Outcome,
    PlannedItem,
)
from shared.contracts.event import Event
from shared.standards.legal_clock import Deadline, LegalClock, Pending

ItemStatus = Literal["waiting", "requested", "held", "undoing"] | Outcome


@dataclass(frozen=True, slots=True)
class ItemState:
    """One item: waiting for others, asked of its department, or at its end."""

    plan: PlannedItem
    status: ItemStatus = "waiting"
    attempt: int = 0
    clock: LegalClock | None = None
    due_by: datetime | None = None
    since: datetime | None = None
    waits_for: Words | None = None
    reason: Words | None = None
    may_retry: bool = False
    results: Mapping[str, str] = field(default_factory=dict)

    @property
    def due(self) -> datetime | None:
        """As its calendar is known today. None: it is pending, or stands still."""
        return self.due_by or (deadline(self.clock) if self.clock else None)

    @property
    def is_at_its_end(self) -> bool:
        """A refusal that allows another try is no end: somebody retries it or gives it up."""
        return self.status in ("done", "undone", "left", "skipped") or (self.status == "refused" and not self.may_retry)

    @property
    def is_with_a_department(self) -> bool:
        return self.status in ("requested", "held")


@dataclass(frozen=True, slots=True)
class NotOpened:
    """No event yet."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What holds through all of a case's life."""

    as_opened: CaseOpened
    consented: frozenset[str] = frozenset()  # roles

    @property
    def id(self) -> UUID:
        return self.as_opened.case

    @property
    def applicant(self) -> UUID:
        return self.as_opened.applicant

    @property
    def missing(self) -> frozenset[str]:
        """Roles whose consent is still waited for."""
        return frozenset(one.role for one in self.as_opened.consents) - self.consented


@dataclass(frozen=True, slots=True)
class AwaitingConsent:
    status: ClassVar[str] = "awaiting_consent"
    of: Opened


@dataclass(frozen=True, slots=True)
class Running:
    status: ClassVar[str] = "running"
    of: Opened
    items: Mapping[str, ItemState]
    clock: LegalClock
    expected_by: datetime | None
    supplement: str | None = None  # what the citizen must bring, while the clock stands still


@dataclass(frozen=True, slots=True)
class Stopping:
    """Stopped; what is to be undone is being undone."""

    status: ClassVar[str] = "stopping"
    of: Opened
    items: Mapping[str, ItemState]
    stopped: CaseStopped


@dataclass(frozen=True, slots=True)
class Closed:
    status: ClassVar[str] = "closed"
    of: Opened
    items: Mapping[str, ItemState]
    closed: CaseClosed


Open = AwaitingConsent | Running | Stopping
State = NotOpened | Open | Closed


def evolve(state: State, event: Event) -> State:
    match state, event:
        case NotOpened(), CaseOpened():
            return AwaitingConsent(Opened(event))
        case (AwaitingConsent() | Running()) as open, CaseConsentGiven(role=role):
            return replace(open, of=replace(open.of, consented=open.of.consented | {role}))
        case AwaitingConsent(of), CaseStarted(clock=clock, expected_by=expected_by):
            return Running(of, {one.code: ItemState(one) for one in of.as_opened.plan}, clock, expected_by)
        case Running(items=items), CaseSupplementAsked(what=what, clock=clock, asked_at=at):
            still = {code: _with_clock(one, one.clock and one.clock.stop(at)) for code, one in items.items()}
            return replace(state, items=still, supplement=what, clock=clock)
        case Running(items=items), CaseSupplemented(clock=clock, expected_by=expected_by, supplemented_at=at):
            on = {code: _with_clock(one, one.clock and one.clock.resume(at)) for code, one in items.items()}
            return replace(state, items=on, supplement=None, clock=clock, expected_by=expected_by)
        case AwaitingConsent(of), CaseStopped():
            return Stopping(of, {one.code: ItemState(one, "skipped") for one in of.as_opened.plan}, event)
        case Running(of, items), CaseStopped():
            return Stopping(of, items, event)
        case ((Running(of, items) | Stopping(of, items)), CaseClosed()):
            return Closed(of, items, event)
        case (Running() | Stopping()) as begun, _:
            return _moved(begun, event)
        case _:
            return state


def _with_clock(item: ItemState, clock: LegalClock | None) -> ItemState:
    if clock is None or item.is_at_its_end:
        return item
    return replace(item, clock=clock, due_by=deadline(clock))


def _moved(state: Running | Stopping, event: Event) -> Running | Stopping:
    change: dict[str, Any]
    match event:
        case ItemRequested():
            change = {
                "status": "requested",
                "clock": _clock_of(state, event),
                "attempt": event.attempt,
                "due_by": event.due_by,
                "since": event.requested_at,
                "waits_for": None,
                "reason": None,
            }
        case ItemWithdrawn():
            change = {"status": "undoing"}
        case CaseItemHeld():
            change = {"status": "held", "waits_for": event.waits_for}
        case CaseItemFinished():
            change = {
                "status": event.outcome,
                "since": event.finished_at,
                "reason": event.reason,
                "may_retry": event.may_retry,
                "results": event.results,
                "waits_for": None,
            }
        case _:
            return state
    item = state.items.get(event.item)
    if item is None:
        return state
    return replace(state, items={**state.items, event.item: replace(item, **change)})


def _clock_of(state: Running | Stopping, request: ItemRequested) -> LegalClock | None:
    """Of an item; it stands still when the whole does."""
    item = state.items.get(request.item)
    if item is None:
        return None
    clock = LegalClock.start(request.requested_at, item.plan.promise_days)
    is_still = isinstance(state, Running) and state.supplement is not None
    return clock.stop(request.requested_at) if is_still else clock


def deadline(clock: LegalClock) -> datetime | None:
    """None: it cannot be told, or the clock stands still."""
    found = clock.deadline()
    return found.at if isinstance(found, Deadline) else None


def is_pending(clock: LegalClock) -> bool:
    """Its deadline will be told when the calendar is published."""
    return isinstance(clock.deadline(), Pending)
