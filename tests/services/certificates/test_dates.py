from datetime import UTC, date, datetime

import pytest

from services.certificates.domain.dates import day_in_china, months_after


@pytest.mark.parametrize(
    ("day", "months", "last"),
    [
        (date(2023, 12, 24), 6, date(2024, 6, 24)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2022, 8, 31), 6, date(2023, 2, 28)),
        (date(2023, 11, 30), 1, date(2023, 12, 30)),
        (date(2023, 12, 31), 12, date(2024, 12, 31)),
    ],
)
def test_a_period_of_months_ends_on_the_corresponding_day_or_the_end_of_that_month(
    day: date, months: int, last: date
) -> None:
    assert months_after(day, months) == last


def test_the_day_in_china_begins_at_sixteen_hours_utc() -> None:
    assert day_in_china(datetime(2023, 12, 23, 15, 59, 59, tzinfo=UTC)) == date(2023, 12, 23)
    assert day_in_china(datetime(2023, 12, 23, 16, 0, tzinfo=UTC)) == date(2023, 12, 24)
