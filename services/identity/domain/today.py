"""The date on the wall in China, and how old that makes people."""

from datetime import date, datetime

from shared.standards import age
from shared.standards.id_number import IdNumber
from shared.standards.shanghai import day_in_shanghai


def today(now: datetime) -> date:
    """The date at `now` (aware) in Asia/Shanghai, wherever the machine stands."""
    return day_in_shanghai(now)


def years_old(number: IdNumber, day: date) -> int:
    """Full years (周岁) on that day."""
    return age.years_old(number.birth_date, day)


def is_of_age(number: IdNumber, day: date) -> bool:
    """Civil Code Art. 17: 18 years."""
    return age.is_adult(number.birth_date, day)
