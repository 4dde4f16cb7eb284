"""How a case stands, and how its events move it on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from shared.contracts.case_items import ItemRequested, ItemWithdrawn, Words
from shared.contracts.cases import (
    CaseClosed,
    CaseConsentGiven,
    CaseCorrectionNeeded,
    CaseFactsChanged,
    CaseItemFinished,
    CaseItemHeld,
    CaseItemStuck,
    CaseOpened,
    CasePersonBack,
    CasePersonLost,
    CaseStarted,
    CaseStopped,
    CaseStoppedByBureau,
    CaseSupplementAsked,
    CaseSupplemented,
    CaseWentOn,
    Handling,
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
    is_stuck: bool = False  # asked for, and nothing came
    handling: Handling = field(default_factory=Handling)

    @property
    def shown_status(self) -> str:
        return "stuck" if self.is_stuck else self.status

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

    def may_be_tried_again(self, now: datetime) -> bool:
        """It was refused for now, nothing came of it, or it is held beyond its time."""
        if self.status == "held":
            is_undated = self.due is None and self.clock is not None and not self.clock.is_stopped
            return is_undated or (self.due is not None and self.due <= now)
        return self.is_stuck or (self.status == "refused" and self.may_retry)

    def rests_on(self, fields: Collection[str]) -> bool:
        """Whether what it is given comes of one of these fields of the form, or follows from one."""
        sources = (source.partition(".") for source in self.plan.inputs.values())
        return any((name if kind == "form" else kind) in fields for kind, _, name in sources)


@dataclass(frozen=True, slots=True)
class NotOpened:
    """No event yet."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What holds through all of a case's life."""

    as_opened: CaseOpened
    form: Mapping[str, str]
    facts: Mapping[str, str]  # that follow from it
    division: str
    consented: frozenset[str] = frozenset()  # roles
    lost: Mapping[str, str] = field(default_factory=dict)  # role -> died, annulled

    @classmethod
    def by(cls, opened: CaseOpened) -> "Opened":
        return cls(opened, opened.form, opened.facts, opened.division)

    @property
    def id(self) -> UUID:
        return self.as_opened.case

    @property
    def applicant(self) -> UUID:
        return self.as_opened.applicant

    @property
    def missing(self) -> frozenset[str]:
        """Roles whose consent is still waited for."""
        return frozenset(one.role for one in self.as_opened.consents) - self.consented - self.lost.keys()

    def planned(self, status: ItemStatus = "waiting") -> dict[str, ItemState]:
        """Its items, before anything began."""
        handling = self.as_opened.handling
        return {
            one.code: ItemState(one, status, handling=handling.get(one.code, Handling())) for one in self.as_opened.plan
        }

    @property
    def concerned(self) -> frozenset[UUID]:
        """The applicant, and those whose consent it needs."""
        return frozenset({self.applicant, *(one.person for one in self.as_opened.consents)})

    @property
    def left(self) -> tuple[UUID, ...]:
        """Those of the family who are left, where the applicant is gone; nobody else acts for them while they live."""
        gone = {person for role, person in self.as_opened.persons.items() if role in self.lost}
        return tuple(sorted(self.concerned - gone)) if self.applicant in gone else ()

    @property
    def acting(self) -> frozenset[UUID]:
        """Who answers what is asked: the applicant, or who is left."""
        return frozenset(self.left) or frozenset({self.applicant})


@dataclass(frozen=True, slots=True)
class Asked:
    """What the family must bring or correct, while the clock stands still."""

    text: str | None = None  # in the bureau's words
    fields: Mapping[str, Words] = field(default_factory=dict)  # of the form, and what is wrong with each
    items: frozenset[str] = frozenset()  # whose departments sent them back

    def with_more(self, needed: CaseCorrectionNeeded) -> "Asked":
        items = self.items | ({needed.item} if needed.item else set())
        return replace(self, fields={**self.fields, **needed.fields}, items=items)


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
    supplement: Asked | None = None
    skips: Words | None = None  # why what is not done is not done any more

    def is_entered(self, field: str) -> bool:
        """Whether something rests on this field of the form that is done and is not done twice."""
        done = (one for one in self.items.values() if one.handling.when_changed == "fixed" and one.status == "done")
        return any(item.rests_on({field}) for item in done)

    @property
    def waits_for_family(self) -> bool:
        return self.supplement is not None or bool(self.of.missing)


@dataclass(frozen=True, slots=True)
class Stopping:
    """Stopped; what is to be undone is being undone."""

    status: ClassVar[str] = "stopping"
    of: Opened
    items: Mapping[str, ItemState]
    stopped: CaseStopped | CaseStoppedByBureau | CasePersonLost


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
            return AwaitingConsent(Opened.by(event))
        case (AwaitingConsent() | Running()) as open, CaseConsentGiven(role=role):
            return replace(open, of=replace(open.of, consented=open.of.consented | {role}))
        case AwaitingConsent(of), CaseStarted(clock=clock, expected_by=expected_by):
            return Running(of, of.planned(), clock, expected_by)
        case AwaitingConsent(of), CaseFactsChanged():
            return AwaitingConsent(_with_form(of, event))
        case Running(of), CaseFactsChanged(again=again):
            return _asked_again(replace(state, of=_with_form(of, event)), again)
        case (AwaitingConsent() | Running() | Stopping()) as open, CasePersonLost():
            return _lost(open, event)
        case (AwaitingConsent() | Running() | Stopping()) as open, CasePersonBack(role=role):
            lost = {one: why for one, why in open.of.lost.items() if one != role}
            return replace(open, of=replace(open.of, lost=lost))
        case Running(), CaseSupplementAsked(what=what, fields=fields):
            asked = Asked(what, dict.fromkeys(fields, Words(zh=what, en=what)))
            return _standing_still(replace(state, supplement=asked), event.clock, event.asked_at)
        case Running(supplement=asked), CaseCorrectionNeeded():
            asked = (asked or Asked()).with_more(event)
            return _standing_still(replace(state, supplement=asked), event.clock, event.needed_at)
        case Running(), CaseSupplemented():
            return _supplemented(state, event)
        case Running(), CaseWentOn(clock=clock, expected_by=expected_by, went_on_at=at):
            return replace(state, items=_resumed(state, at), clock=clock, expected_by=expected_by)
        case AwaitingConsent(of), (CaseStopped() | CaseStoppedByBureau()):
            return _stopping(of, event)
        case Running(of, items), (CaseStopped() | CaseStoppedByBureau()):
            return Stopping(of, items, event)
        case ((Running(of, items) | Stopping(of, items)), CaseClosed()):
            return Closed(of, items, event)
        case (Running() | Stopping()) as begun, _:
            return _moved(begun, event)
        case _:
            return state


def _stopping(of: Opened, event: CaseStopped | CaseStoppedByBureau | CasePersonLost) -> Stopping:
    """Nothing had begun."""
    return Stopping(of, of.planned("skipped"), event)


def _lost(open: AwaitingConsent | Running | Stopping, event: CasePersonLost) -> State:
    of = replace(open.of, lost={**open.of.lost, event.role: event.why})
    match open, event.then:
        case AwaitingConsent(), "stop" | "skip_rest":
            return _stopping(of, event)
        case Running(items=items), "stop":
            return Stopping(of, items, event)
        case Running(), "skip_rest":
            return replace(open, of=of, skips=event.words)
        case _:
            return replace(open, of=of)


def _with_form(of: Opened, event: CaseFactsChanged | CaseSupplemented) -> Opened:
    if event.form is None:
        return of
    facts = of.facts if event.facts is None else event.facts
    return replace(of, form=event.form, facts=facts, division=event.division or of.division)


def _supplemented(state: Running, event: CaseSupplemented) -> Running:
    of = _with_form(state.of, event)
    of = replace(of, consented=of.consented - set(event.consents_renewed))
    items = state.items if event.clock.is_stopped else _resumed(state, event.supplemented_at)
    on = replace(state, of=of, items=items, supplement=None, clock=event.clock, expected_by=event.expected_by)
    return _asked_again(on, event.again)


def _asked_again(state: Running, items: Collection[str]) -> Running:
    """They wait to be asked for once more, with what holds now."""
    again = {code: replace(state.items[code], status="waiting", is_stuck=False) for code in items}
    return replace(state, items={**state.items, **again})


def _standing_still(state: Running, clock: LegalClock, at: datetime) -> Running:
    still = {code: _with_clock(one, one.clock and one.clock.stop(at)) for code, one in state.items.items()}
    return replace(state, items=still, clock=clock)


def _resumed(state: Running, at: datetime) -> dict[str, ItemState]:
    return {code: _with_clock(one, one.clock and one.clock.resume(at)) for code, one in state.items.items()}


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
                "is_stuck": False,
            }
        case ItemWithdrawn():
            change = {"status": "undoing", "is_stuck": False}
        case CaseItemHeld():
            change = {"status": "held", "waits_for": event.waits_for, "is_stuck": False}
        case CaseItemStuck():
            change = {"is_stuck": True}
        case CaseItemFinished():
            change = {
                "status": event.outcome,
                "since": event.finished_at,
                "reason": event.reason,
                "may_retry": event.may_retry,
                "results": event.results,
                "waits_for": None,
                "is_stuck": False,
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
    is_still = isinstance(state, Running) and state.clock.is_stopped
    return clock.stop(request.requested_at) if is_still else clock


def deadline(clock: LegalClock) -> datetime | None:
    """None: it cannot be told, or the clock stands still."""
    found = clock.deadline()
    return found.at if isinstance(found, Deadline) else None


def is_pending(clock: LegalClock) -> bool:
    """Its deadline will be told when the calendar is published."""
    return isinstance(clock.deadline(), Pending)
