"""Between regions: statements that sum to zero, months that close once and in their order, and money that follows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import reduce
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.insurance.clearings import order_of, previous
from services.insurance.domain.clearing import (
    CLEARING,
    Book,
    CloseMonth,
    Due,
    Dues,
    Pair,
    ProposeClose,
    Reckoned,
    Sum,
    balances,
    first_day_after,
    reckon,
)
from services.insurance.domain.officer import Officer
from services.insurance.domain.payment import PAYMENT, NoteOutcome, Settled
from services.insurance.domain.postings import postings_of
from shared.contracts.errors import NotAllowed, Refused
from shared.contracts.event import Event
from shared.contracts.insurance import ClearingMonthClosed, ClearingStatement
from tests.services.insurance.examples import CLERK, GUIGANG, GUILIN, MOTHER, NOW, OTHER_CLERK, WORKER, YIBIN

NANNING = "450100000000"
STATEMENT = ClearingStatement(owed_by=GUIGANG, owed_to=NANNING, settlements=2, amount=Decimal("16545.33"))
IN_TIME = datetime(2023, 8, 1, 16, 0, tzinfo=UTC)  # 2 August, 0:00 in China
AWAY = Pair(GUIGANG, NANNING)

REGIONS = st.sampled_from([GUIGANG, GUILIN, YIBIN, NANNING])
STATEMENTS = st.lists(
    st.builds(
        ClearingStatement,
        owed_by=REGIONS,
        owed_to=REGIONS,
        settlements=st.integers(-9, 9),
        amount=st.integers(-(10**9), 10**9).map(lambda cents: Decimal(cents) / 100),
    )
)


def due(until: str, own: str, settlements: int = 1, own_settlements: int = 1) -> Due:
    return Due(Sum(settlements, Decimal(until)), Sum(own_settlements, Decimal(own)))


PROPOSER, CLOSER = Officer(CLERK, MOTHER), Officer(OTHER_CLERK, WORKER)


def close(month: str, dues: Dues, open_before: str | None = None, now: datetime = NOW) -> CloseMonth:
    return CloseMonth(GUIGANG, month, dues, open_before, Book(), CLOSER, now)


def proposal(of: CloseMonth) -> ProposeClose:
    return ProposeClose(of.region, of.month, of.dues, of.open_before, of.earlier, PROPOSER, of.now)


def proposed(state: Book, of: CloseMonth) -> Book:
    return reduce(CLEARING.evolve, CLEARING.decide(state, proposal(of)), state)


def book(*commands: CloseMonth) -> Book:
    state = CLEARING.initial
    for command in commands:
        state = proposed(state, command)
        for event in CLEARING.decide(state, command):
            state = CLEARING.evolve(state, event)
    return state


@given(STATEMENTS)
def test_what_regions_owe_sums_to_zero(statements: list[ClearingStatement]) -> None:
    assert sum(one.amount for one in balances(statements)) == 0


def test_the_place_of_treatment_gets_what_the_place_of_insurance_gives() -> None:
    assert {one.region: one.amount for one in balances([STATEMENT])} == {
        GUIGANG: Decimal("-16545.33"),
        NANNING: Decimal("16545.33"),
    }


def test_a_month_closes_from_the_second_of_the_next_on_and_only_once() -> None:
    command = close("2023-07", {AWAY: due("16545.33", "16545.33")}, now=IN_TIME)
    begun = proposed(CLEARING.initial, command)
    [event] = CLEARING.decide(begun, command)
    assert isinstance(event, ClearingMonthClosed)
    assert event.statements == (STATEMENT.model_copy(update={"settlements": 1}),)
    assert (event.region, event.proposed_by, event.closed_by) == (GUIGANG, CLERK, OTHER_CLERK)
    assert CLEARING.decide(CLEARING.evolve(begun, event), command) == []
    with pytest.raises(Refused, match="month_not_over") as refusal:
        CLEARING.decide(begun, replace(command, now=datetime(2023, 8, 1, 15, 59, tzinfo=UTC)))
    assert "2023年7月尚未结束" in refusal.value.text.zh


def test_what_comes_after_the_close_is_in_the_next_month_and_shown_as_a_correction() -> None:
    july = close("2023-07", {AWAY: due("100.00", "100.00")})
    august = close("2023-08", {AWAY: due("90.00", "30.00", settlements=1, own_settlements=1)})  # 40.00 less of July
    closed = book(july, august).months["2023-08"]
    assert [(one.settlements, one.amount) for one in closed.statements] == [(0, Decimal("-10.00"))]
    assert [(one.settlements, one.amount) for one in closed.corrections] == [(-1, Decimal("-40.00"))]


def test_months_close_in_their_order() -> None:
    with pytest.raises(Refused, match="earlier_month_open"):
        CLEARING.decide(CLEARING.initial, proposal(close("2023-08", {}, open_before="2023-07")))
    closed = book(close("2023-07", {}))
    august = close("2023-08", {}, open_before="2023-07")
    assert CLEARING.decide(proposed(closed, august), august)
    with pytest.raises(Refused, match="later_month_closed"):
        CLEARING.decide(closed, close("2023-06", {}))


def test_nobody_closes_what_they_proposed_under_whatever_login() -> None:
    july = close("2023-07", {AWAY: due("100.00", "100.00")})
    state = proposed(CLEARING.initial, july)
    for same in (PROPOSER, Officer(OTHER_CLERK, MOTHER), Officer(CLERK, WORKER)):
        with pytest.raises(NotAllowed, match="another_must_decide"):
            CLEARING.decide(state, replace(july, officer=same))
    with pytest.raises(Refused, match="nothing_proposed"):
        CLEARING.decide(CLEARING.initial, july)


def test_a_proposal_is_stale_when_the_month_changed_meanwhile() -> None:
    july = close("2023-07", {AWAY: due("100.00", "100.00")})
    state = proposed(CLEARING.initial, july)
    more = replace(july, dues={AWAY: due("130.00", "130.00", settlements=2, own_settlements=2)})
    with pytest.raises(Refused, match="stale_proposal"):
        CLEARING.decide(state, more)
    assert CLEARING.decide(proposed(state, more), more)


def test_what_all_regions_closed_together_is_not_stated_again() -> None:
    other = STATEMENT.model_copy(update={"owed_by": GUILIN})
    together = ClearingMonthClosed(
        month="2023-07", statements=(STATEMENT, other), balances=(), closed_by=CLERK, closed_at=NOW
    )
    earlier = CLEARING.evolve(CLEARING.initial, together).of(GUIGANG)
    assert earlier.months["2023-07"].statements == (STATEMENT,)
    august = replace(close("2023-08", {AWAY: due("16545.33", "0.00", 2, 0)}), earlier=earlier)
    closed = book(august).months["2023-08"]
    assert closed.statements == ()


def test_nothing_owed_is_not_stated() -> None:
    assert reckon({AWAY: due("5.00", "0.00", own_settlements=0)}, {AWAY: Sum(1, Decimal("5.00"))}) == Reckoned()


@pytest.mark.parametrize("month", ["2023-13", "2023", "x", "2023-7", ""])
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(Refused, match="month"):
        first_day_after(month)


def test_december_is_followed_by_january() -> None:
    assert first_day_after("2023-12").isoformat() == "2024-01-01"
    assert (previous("2024-01"), previous("2023-12")) == ("2023-12", "2023-11")


MONTHS = ("2023-01", "2023-02", "2023-03", "2023-04")
ITEMS = st.lists(
    st.tuples(
        st.integers(0, 3),  # when it comes in: after so many closings
        st.integers(0, 3),  # the month it counts in, as it says itself: late when that is closed
        REGIONS,
        REGIONS,
        st.integers(-(10**6), 10**6).filter(bool).map(lambda cents: Decimal(cents) / 100),
    ).filter(lambda item: item[2] != item[3]),
    max_size=25,
)


def _dues(items: Sequence[tuple[int, int, str, str, Decimal]], month: int) -> Dues:
    dues: dict[Pair, Due] = {}
    for _, of, by, to, amount in items:
        if of <= month:
            known = dues.get(Pair(by, to), Due(Sum(), Sum()))
            one = Sum(1 if amount > 0 else -1, amount)
            dues[Pair(by, to)] = Due(known.until.plus(one), known.own.plus(one) if of == month else known.own)
    return dues


@given(ITEMS)
def test_whatever_comes_late_or_is_undone_when_all_months_are_paid_nothing_is_owed(
    items: list[tuple[int, int, str, str, Decimal]],
) -> None:
    """Each item is stated in one month, and each statement paid once; the books balance after every event."""
    state, ledger = CLEARING.initial, Counter[str]()
    for _, _, by, to, amount in items:
        ledger[f"clearing:{by}"] += amount  # type: ignore[assignment]
        ledger[f"clearing:{to}"] -= amount  # type: ignore[assignment]
    for number, month in enumerate(MONTHS):
        here = [one for one in items if one[0] <= number]
        command = close(month, _dues(here, number))
        state = proposed(state, command)
        for event in CLEARING.decide(state, command):
            state = CLEARING.evolve(state, event)
        assert CLEARING.decide(state, command) == []
    late = [one for one in items if one[0] <= 3]
    last = close("2023-05", _dues(late, 4))
    state = proposed(state, last)
    for event in CLEARING.decide(state, last):
        state = CLEARING.evolve(state, event)
    for month, closed in state.months.items():
        assert sum(one.amount for one in closed.balances) == 0
        for statement in closed.statements:
            if statement.amount == 0:
                continue
            payment, events = PAYMENT.initial, list[Event]()
            for said in (order_of(month, statement, 1, NOW), NoteOutcome(1, Settled("R"), NOW)):
                new = PAYMENT.decide(payment, said)
                events += new
                for event in new:
                    payment = PAYMENT.evolve(payment, event)
            for event in events:
                for posting in postings_of(event):
                    ledger[posting.debit] -= posting.amount  # type: ignore[assignment]
                    ledger[posting.credit] += posting.amount  # type: ignore[assignment]
                assert sum(ledger.values()) == 0
    assert {account: left for account, left in ledger.items() if left and not account.startswith("bank:")} == {}
    stated = sum(one.settlements for closed in state.months.values() for one in closed.statements)
    assert stated == sum(1 if one[4] > 0 else -1 for one in items)
    assert all(a < b for a, b in pairwise(state.months))
