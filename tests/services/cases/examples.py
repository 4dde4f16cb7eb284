"""A birth's case in small, and what departments answer."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.cases.domain.answering import TakeAnswer
from services.cases.domain.case import CASE, Command
from services.cases.domain.case_state import State
from services.cases.domain.consent import OpenCase
from shared.contracts.case_items import (
    ItemDone,
    ItemRefused,
    ItemRequested,
    ItemUndone,
    ItemWaiting,
    ItemWithdrawn,
    Words,
)
from shared.contracts.cases import CaseItemFinished, CaseOpened, ConsentNeeded, Effort, PlannedItem
from shared.contracts.event import Event

BIRTH = UUID("018c94c2-4f00-7000-8000-0000000000c1")
MOTHER = UUID("018c94c2-4f00-7000-8000-0000000000a1")
FATHER = UUID("018c94c2-4f00-7000-8000-0000000000a2")
STRANGER = UUID("018c94c2-4f00-7000-8000-0000000000a9")
CLERK = UUID("018c94c2-4f00-7000-8000-0000000000b1")
NOW = datetime(2023, 12, 22, 2, 0, tzinfo=UTC)  # a Friday in China
LATER = NOW + timedelta(hours=1)
NO_SUCH_RECORD = Words(zh="没有该出生记录。", en="There is no such record of a birth.")


def item(code: str, department: str = "certificates", *needs: str, **more: Any) -> PlannedItem:
    return PlannedItem(
        code=code,
        name=Words(zh=code, en=code),
        department=department,
        action="do_it",
        needs=needs,
        **({"promise_days": 2} | more),
    )


MEDICAL = item("birth_medical", makes=("certificate",))
VACCINATION = item("vaccination")
HOUSEHOLD = item(
    "household_entry",
    "identity",
    "birth_medical",
    inputs={"child_name": "form.child_name", "certificate": "item.birth_medical.certificate"},
    makes=("child_id_number",),
)
INSURANCE = item(
    "enrolment", "insurance", "household_entry", inputs={"id_number": "item.household_entry.child_id_number"}
)
PLAN = (MEDICAL, VACCINATION, HOUSEHOLD, INSURANCE)


def opened(*plan: PlannedItem, consents: Sequence[ConsentNeeded] = ()) -> CaseOpened:
    return CaseOpened(
        case=BIRTH,
        definition="birth",
        definition_version=1,
        applicant=MOTHER,
        channel="app",
        taken_in_by=None,
        division="130123100242",
        form={"child_name": "寓小满"},
        plan=plan or PLAN,
        promise_days=6,
        consents=tuple(consents),
        effort=Effort(forms=1, visits=1, materials=1),
        effort_separately=Effort(forms=5, visits=10, materials=12),
        opened_at=NOW,
    )


FATHERS_CONSENT = ConsentNeeded(role="father", person=FATHER)


def given(*commands: Command) -> State:
    """The state that these commands lead to."""
    state: State = CASE.initial
    for command in commands:
        state = after(state, CASE.decide(state, command))
    return state


def after(state: State, events: Sequence[Event]) -> State:
    for event in events:
        state = CASE.evolve(state, event)
    return state


OPEN = OpenCase(opened())
OPEN_WITH_CONSENT = OpenCase(opened(consents=[FATHERS_CONSENT]))


def done(code: str, **results: str) -> TakeAnswer:
    return TakeAnswer(ItemDone(case=BIRTH, item=code, results=results, done_at=LATER))


def refused(code: str, *, may_retry: bool = False, attempt: int = 1) -> TakeAnswer:
    return TakeAnswer(
        ItemRefused(
            case=BIRTH,
            item=code,
            attempt=attempt,
            code="no_such_record",
            reason=NO_SUCH_RECORD,
            may_retry=may_retry,
            refused_at=LATER,
        )
    )


def undone(code: str, left: Words | None = None) -> TakeAnswer:
    return TakeAnswer(ItemUndone(case=BIRTH, item=code, left=left, undone_at=LATER))


def waiting(code: str) -> TakeAnswer:
    return TakeAnswer(ItemWaiting(case=BIRTH, item=code, waits_for=NO_SUCH_RECORD, since=LATER))


def told(events: Sequence[Event]) -> list[str]:
    """What events say, in few words."""
    words = []
    for event in events:
        match event:
            case ItemRequested():
                words.append(f"ask {event.item}")
            case ItemWithdrawn():
                words.append(f"{'undo' if event.undo else 'stop'} {event.item}")
            case CaseItemFinished():
                words.append(f"{event.item} {event.outcome}")
            case _:
                words.append(type(event).__name__)
    return words
