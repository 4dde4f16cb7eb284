"""The clock runs again once all is there and all have agreed."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from services.cases.domain.case_state import Running, deadline, is_pending
from services.cases.domain.following import after
from shared.contracts.cases import CaseWentOn
from shared.contracts.event import Event
from shared.standards.legal_clock import LegalClock


class Clocks(NamedTuple):
    """Of the whole and of its items, once they run again."""

    whole: LegalClock
    items_due_by: dict[str, datetime]
    items_pending: dict[str, LegalClock]


def resumed(state: Running, now: datetime) -> Clocks:
    going_on = {
        code: item.clock.resume(now) for code, item in state.items.items() if item.clock and not item.is_at_its_end
    }
    return Clocks(
        state.clock.resume(now),
        {code: due for code, clock in going_on.items() if (due := deadline(clock))},
        {code: clock for code, clock in going_on.items() if is_pending(clock)},
    )


def go_on(state: Running, now: datetime) -> Sequence[Event]:
    """Nothing while somebody is still waited for."""
    if not state.clock.is_stopped or state.waits_for_family:
        return after(state, [], now)
    clocks = resumed(state, now)
    went_on = CaseWentOn(
        case=state.of.id,
        applicant=state.of.applicant,
        clock=clocks.whole,
        expected_by=deadline(clocks.whole),
        items_due_by=clocks.items_due_by,
        items_pending=clocks.items_pending,
        went_on_at=now,
    )
    return after(state, [went_on], now)
