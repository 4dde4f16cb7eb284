"""The date on the wall in China."""

from datetime import date, datetime

from shared.standards.shanghai import day_in_shanghai


def today(now: datetime) -> date:
    """The date at `now` (aware) in Asia/Shanghai, wherever the machine stands."""
    return day_in_shanghai(now)
