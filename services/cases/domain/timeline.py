"""A case told from its events: every step with who, when, promised and actual; now, or at any past moment."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.cases.domain.case import CASE
from services.cases.domain.case_state import ItemState, NotOpened, Running, State
from shared.contracts.case_items import ItemRequested, ItemWithdrawn, Words
from shared.contracts.cases import (
    CaseClosed,
    CaseConsentGiven,
    CaseCorrectionNeeded,
    CaseEscalated,
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
)
from shared.contracts.event import Recorded

WAITS_FOR_CONSENT = Words(zh="等待当事人在本人账户中同意", en="waiting for consent from the person's own account")


WAITS_FOR_CORRECTION = Words(zh="等待申请人补正标出的各项", en="waiting for the applicant to correct the marked fields")
NOTHING_CAME = Words(
    zh="办理部门逾期未答复，综合窗口正在核实处理",
    en="its department has not answered in time; the bureau looks into it",
)


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the time line. `by`: 'citizen:<id>', 'staff:<id>', 'department:<name>'."""

    at: datetime
    what: str  # the event's name
    item: str | None
    by: str | None
    words: Words | None = None
    fields: tuple[str, ...] = ()  # of the form, that it is about


def as_of(events: Iterable[Recorded], moment: datetime | None) -> Sequence[Recorded]:
    """Those that had happened by then; all when no moment is named."""
    return [event for event in events if moment is None or event.recorded_at <= moment]


def state_of(events: Iterable[Recorded]) -> State:
    state: State = CASE.initial
    for event in events:
        state = CASE.evolve(state, event.data)
    return state


def moments(events: Iterable[Recorded]) -> Iterator[Moment]:
    for event in events:
        item = getattr(event.data, "item", None)
        match event.data:
            case CaseItemHeld(waits_for=words, fields=fields):
                yield Moment(event.recorded_at, "CaseItemHeld", item, event.metadata.actor, words, tuple(fields))
            case CaseCorrectionNeeded(fields=fields):
                yield Moment(event.recorded_at, "CaseCorrectionNeeded", item, event.metadata.actor, None, tuple(fields))
            case CaseFactsChanged(changed=fields) | CaseSupplemented(changed=fields):
                what = type(event.data).__name__
                yield Moment(event.recorded_at, what, item, event.metadata.actor, None, fields)
            case CasePersonLost(words=words):
                yield Moment(event.recorded_at, "CasePersonLost", item, event.metadata.actor, words)
            case CaseStopped(words=words):
                yield Moment(event.recorded_at, "CaseStopped", item, event.metadata.actor, words)
            case CaseStoppedByBureau(reason=reason):
                words = Words(zh=reason, en=reason)
                yield Moment(event.recorded_at, "CaseStoppedByBureau", item, event.metadata.actor, words)
            case CaseItemFinished(outcome=outcome, reason=words):
                yield Moment(event.recorded_at, f"CaseItem {outcome}", item, event.metadata.actor, words)
            case ItemRequested() | ItemWithdrawn():
                what = "ItemRequested" if isinstance(event.data, ItemRequested) else "ItemWithdrawn"
                yield Moment(event.recorded_at, what, item, event.metadata.actor)
            case (
                CaseOpened()
                | CaseConsentGiven()
                | CaseStarted()
                | CaseSupplementAsked()
                | CaseItemStuck()
                | CaseWentOn()
                | CasePersonBack()
                | CaseEscalated()
                | CaseClosed()
            ):
                yield Moment(event.recorded_at, type(event.data).__name__, item, event.metadata.actor)


def waits_for(state: State, item: ItemState) -> Words | None:
    """Why an item has not come to its end; None when it has, or is being worked at."""
    if isinstance(state, NotOpened) or item.is_at_its_end:
        return None
    if state.status == "awaiting_consent":
        return WAITS_FOR_CONSENT
    if item.is_stuck:
        return NOTHING_CAME
    if item.status == "waiting" and isinstance(state, Running):
        if state.of.missing:
            return WAITS_FOR_CONSENT
        if state.supplement and item.rests_on(state.supplement.fields):
            return WAITS_FOR_CORRECTION
    if item.status == "waiting":
        names = {one.code: one.name for one in state.of.as_opened.plan}
        needs = [names[code] for code in item.plan.needs]
        return Words(
            zh=f"等待前置事项：{'、'.join(one.zh for one in needs)}",
            en=f"waiting for {', '.join(one.en for one in needs)}",
        )
    return item.waits_for
