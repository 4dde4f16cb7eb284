"""Days and months as Chinese law counts them."""

from calendar import monthrange
from datetime import date, datetime

from shared.standards.shanghai import day_in_shanghai


def day_in_china(moment: datetime) -> date:
    """The calendar day of an aware moment."""
    return day_in_shanghai(moment)


def months_after(day: date, months: int) -> date:
    """The last day of a period that begins on `day`: the corresponding day of the last month, or that month's end.

    Source: 民法典 Art. 202.
    """
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def years_after(moment: datetime, years: int) -> datetime:
    """The same moment of the year; of a 29 February the 28th where there is none."""
    day = months_after(moment.date(), 12 * years)
    return moment.replace(year=day.year, day=day.day)
