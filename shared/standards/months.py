"""Periods in months, as the Civil Code counts them (Art. 202): until the same day of the last month, or that month's
last day where there is none.
"""

from calendar import monthrange
from datetime import date


def months_after(day: date, months: int) -> date:
    """The last day of the period: 2023-11-30 of 2023-05-30 and six months, 2024-02-29 of 2023-08-31."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
