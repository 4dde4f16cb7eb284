"""Between regions: statements that sum to zero, and a month that closes once."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.insurance.domain.clearing import CLEARING, CloseMonth, balances, first_day_after
from shared.contracts.errors import Refused
from shared.contracts.insurance import ClearingStatement
from tests.services.insurance.examples import CLERK, GUIGANG, GUILIN, YIBIN

NANNING = "450100000000"
STATEMENT = ClearingStatement(owed_by=GUIGANG, owed_to=NANNING, settlements=2, amount=Decimal("16545.33"))
IN_TIME = datetime(2023, 8, 1, 16, 0, tzinfo=UTC)  # 2 August, 0:00 in China

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


@given(STATEMENTS)
def test_what_regions_owe_sums_to_zero(statements: list[ClearingStatement]) -> None:
    assert sum(one.amount for one in balances(statements)) == 0


def test_the_place_of_treatment_gets_what_the_place_of_insurance_gives() -> None:
    assert {one.region: one.amount for one in balances([STATEMENT])} == {
        GUIGANG: Decimal("-16545.33"),
        NANNING: Decimal("16545.33"),
    }


def test_a_month_closes_from_the_second_of_the_next_on_and_only_once() -> None:
    close = CloseMonth("2023-07", (STATEMENT,), CLERK, IN_TIME)
    [event] = CLEARING.decide(None, close)
    closed = CLEARING.evolve(None, event)
    assert CLEARING.decide(closed, close) == []
    early = CloseMonth("2023-07", (STATEMENT,), CLERK, datetime(2023, 8, 1, 15, 59, tzinfo=UTC))
    with pytest.raises(Refused, match="month_not_over"):
        CLEARING.decide(None, early)


@pytest.mark.parametrize("month", ["2023-13", "2023", "x", "2023-7", ""])
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(Refused, match="month"):
        first_day_after(month)


def test_december_is_followed_by_january() -> None:
    assert first_day_after("2023-12").isoformat() == "2024-01-01"
