"""Everybody comes of age on one day, whichever department is asked."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from services.certificates.domain.desk import OF_AGE, Somebody
from services.certificates.facts.answering import Known, answer
from services.certificates.facts.register_entries import Entry
from services.identity.domain.today import is_of_age
from shared.standards.age import ADULT, day_of_turning, is_adult, years_old
from shared.standards.check_digits import mod_11_2
from shared.standards.id_number import IdNumber

LEAP_DAY = date(2008, 2, 29)


def born(day: date) -> IdNumber:
    body = f"130123{day:%Y%m%d}001"
    return IdNumber(body + mod_11_2(body))


def certificates_desk(number: IdNumber, day: date) -> bool:
    return Somebody(uuid4(), number, is_alive=True).age_on(day) >= OF_AGE


def certificates_facts(number: IdNumber, day: date) -> bool:
    entry = Entry(
        person=uuid4(),
        id_number=number,
        division="130123100242",
        identity_event=uuid4(),
        residence_event=uuid4(),
        died_on=None,
        death_event=None,
    )
    return answer("adult", "", Known(entry, (), day)).answer == "yes"


DEPARTMENTS: list[Callable[[IdNumber, date], bool]] = [is_of_age, certificates_desk, certificates_facts]


@pytest.mark.parametrize("says_adult", DEPARTMENTS)
@pytest.mark.parametrize(
    ("birth", "first_day"),
    [(LEAP_DAY, date(2026, 3, 1)), (date(2008, 2, 28), date(2026, 2, 28)), (date(2008, 3, 1), date(2026, 3, 1))],
)
def test_every_department_names_the_same_first_day(
    says_adult: Callable[[IdNumber, date], bool], birth: date, first_day: date
) -> None:
    assert not says_adult(born(birth), first_day - timedelta(days=1))
    assert says_adult(born(birth), first_day)


def test_the_day_of_turning_is_the_first_of_that_age() -> None:
    for day in (LEAP_DAY, date(2000, 2, 29), date(1999, 12, 31), date(2001, 1, 1)):
        for years in range(1, 121):
            turning = day_of_turning(years, day)
            assert (years_old(day, turning - timedelta(days=1)), years_old(day, turning)) == (years - 1, years)


def test_a_leap_day_returns_in_a_leap_year() -> None:
    assert day_of_turning(4, LEAP_DAY) == date(2012, 2, 29)


def test_nobody_is_adult_before_eighteen() -> None:
    today = datetime.now(UTC).date()
    assert ADULT == 18
    assert not is_adult(today, today)
