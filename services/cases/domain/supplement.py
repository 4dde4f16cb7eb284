"""What the citizen must supplement: asked, and answered. The clock stands still in between."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.cases.domain import refusals
from services.cases.domain.case_state import NotOpened, Running, State, deadline, is_pending
from shared.contracts.cases import CaseSupplementAsked, CaseSupplemented
from shared.contracts.event import Event


@dataclass(frozen=True, slots=True)
class AskSupplement:
    staff: UUID
    what: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Supplement:
    person: UUID
    answer: str
    now: datetime


def ask(state: State, command: AskSupplement) -> Sequence[Event]:
    if not isinstance(state, Running):
        raise refusals.not_running()
    if state.supplement is not None:
        raise refusals.supplement_asked_already()
    return [
        CaseSupplementAsked(
            case=state.of.id,
            applicant=state.of.applicant,
            what=command.what,
            clock=state.clock.stop(command.now),
            asked_by=command.staff,
            asked_at=command.now,
        )
    ]


def supplement(state: State, command: Supplement) -> Sequence[Event]:
    assert not isinstance(state, NotOpened)
    if command.person != state.of.applicant:
        raise refusals.no_such_case()
    if not isinstance(state, Running) or state.supplement is None:
        raise refusals.nothing_asked()
    clock = state.clock.resume(command.now)
    going_on = {
        code: item.clock.resume(command.now)
        for code, item in state.items.items()
        if item.clock and not item.is_at_its_end
    }
    return [
        CaseSupplemented(
            case=state.of.id,
            answer=command.answer,
            clock=clock,
            expected_by=deadline(clock),
            supplemented_at=command.now,
            items_due_by={code: due for code, clock in going_on.items() if (due := deadline(clock))},
            items_pending={code: clock for code, clock in going_on.items() if is_pending(clock)},
        )
    ]
