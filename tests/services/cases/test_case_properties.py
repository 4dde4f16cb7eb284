"""Whatever the plan and whatever the order of answers: never too early, never twice, always to an end."""

from collections import Counter
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.cases.domain.answering import TakeAnswer
from services.cases.domain.case import CASE
from services.cases.domain.case_state import Closed, State
from services.cases.domain.consent import OpenCase, WithdrawConsent
from shared.contracts.case_items import ItemDone, ItemRefused, ItemRequested, ItemUndone, ItemWithdrawn
from shared.contracts.cases import CaseClosed, CaseItemFinished, PlannedItem
from shared.contracts.event import Event
from tests.services.cases.examples import BIRTH, MOTHER, NO_SUCH_RECORD, NOW, after, item, opened

DEPARTMENTS = ("identity", "certificates", "insurance", "cases")


@st.composite
def plans(draw: st.DrawFn) -> tuple[PlannedItem, ...]:
    """Items that need only earlier ones, told in any order."""
    plan: list[PlannedItem] = []
    for number in range(draw(st.integers(1, 7))):
        codes = [one.code for one in plan]
        needs = draw(st.lists(st.sampled_from(codes), unique=True, max_size=3)) if codes else []
        plan.append(
            item(
                f"item_{number}",
                draw(st.sampled_from(DEPARTMENTS)),
                *needs,
                when_refused=draw(st.sampled_from(["others_stay", "undo_others"])),
                when_stopped=draw(st.sampled_from(["stays", "undo"])),
            )
        )
    return tuple(draw(st.permutations(plan)))


@settings(max_examples=300, deadline=None)
@given(plan=plans(), data=st.data())
def test_every_case_comes_to_its_end_and_no_item_begins_before_its_needs(
    plan: tuple[PlannedItem, ...], data: st.DataObject
) -> None:
    needs = {one.code: one.needs for one in plan}
    events: list[Event] = []
    state: State = CASE.initial
    open_asks: list[ItemRequested | ItemWithdrawn] = []
    done: set[str] = set()
    stops_at = data.draw(st.integers(0, 10))

    def take(made: list[Event]) -> None:
        nonlocal state
        for event in made:
            if isinstance(event, ItemRequested):
                assert set(needs[event.item]) <= done, "begun before its needs were done"
            if isinstance(event, CaseItemFinished):
                done.add(event.item) if event.outcome == "done" else done.discard(event.item)
            if isinstance(event, ItemRequested | ItemWithdrawn):
                open_asks.append(event)
        events.extend(made)
        state = after(state, made)

    take(list(CASE.decide(state, OpenCase(opened(*plan)))))
    step = 0
    while open_asks:
        step += 1
        if step == stops_at and not isinstance(state, Closed):
            take(list(CASE.decide(state, WithdrawConsent(MOTHER, NOW + timedelta(minutes=step)))))
        asked = open_asks.pop(data.draw(st.integers(0, len(open_asks) - 1)))
        at = NOW + timedelta(minutes=step)
        answer: ItemDone | ItemRefused | ItemUndone
        if isinstance(asked, ItemWithdrawn):
            left = NO_SUCH_RECORD if data.draw(st.booleans()) else None
            answer = ItemUndone(case=BIRTH, item=asked.item, left=left, undone_at=at)
        elif data.draw(st.booleans()):
            answer = ItemDone(case=BIRTH, item=asked.item, done_at=at)
        else:
            answer = ItemRefused(case=BIRTH, item=asked.item, code="no", reason=NO_SUCH_RECORD, refused_at=at)
        take(list(CASE.decide(state, TakeAnswer(answer))))
        assert CASE.decide(state, TakeAnswer(answer)) == []  # delivered twice

    assert isinstance(state, Closed)
    assert sum(isinstance(event, CaseClosed) for event in events) == 1
    asked_for = Counter(event.item for event in events if isinstance(event, ItemRequested))
    assert all(times == 1 for times in asked_for.values())
    assert {code for code, one in state.items.items() if one.status == "done"} == set(state.closed.done)
