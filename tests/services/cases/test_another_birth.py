"""Two births of one mother too close to be two deliveries: told before any paper is sealed."""

from datetime import date, timedelta

import pytest

from services.cases.domain.another_birth import OtherBirth, ThisBirth, require_plausible
from shared.contracts.errors import Refused

DAY = date(2026, 3, 1)
ORDERS = ("first", "second", "third", "fourth")


def require(days_after: int, order: str, *, mother: bool = True) -> None:
    birth = ThisBirth(DAY + timedelta(days=days_after), order, "河北省正定县", mother)
    require_plausible(birth, [OtherBirth(DAY, "first")], ORDERS, 240, 1)


@pytest.mark.parametrize(("days", "order"), [(0, "second"), (1, "second"), (241, "first"), (-241, "first")])
def test_twins_over_midnight_and_another_pregnancy_pass(days: int, order: str) -> None:
    require(days, order)


@pytest.mark.parametrize(
    ("days", "order"), [(1, "first"), (-1, "first"), (-1, "second"), (2, "second"), (240, "first"), (-30, "first")]
)
def test_a_birth_that_cannot_be_names_the_police_station(days: int, order: str) -> None:
    with pytest.raises(Refused, match="another_birth") as refused:
        require(days, order)
    assert "河北省正定县" in refused.value.text.zh
    assert DAY.isoformat() in refused.value.text.zh


def test_the_day_is_told_to_the_mother_only() -> None:
    with pytest.raises(Refused) as refused:
        require(1, "first", mother=False)
    assert DAY.isoformat() not in refused.value.text.zh
