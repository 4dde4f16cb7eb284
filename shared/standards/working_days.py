"""Chinese working days, with the make-up Saturdays and Sundays (调休) of the State Council's yearly notice.

The notice for a year comes out in October or November before it. Until then nothing about that year is guessed, nor
about the week before it, whose weekend a notice may swap for New Year: that of 2019 made Saturday 29 December 2018 a
working day and Monday 31 December a holiday. The package that holds the notices refuses a year it does not have, but
answers for the whole of its last year as if no further notice could come.
"""

from dataclasses import dataclass
from datetime import date

import chinese_calendar

FIRST_YEAR = min(chinese_calendar.holidays).year
LAST_YEAR = max(chinese_calendar.holidays).year
NEXT_NOTICE_FROM = (12, 25)  # the seven days before New Year hold the weekend it may swap; so far 29 December was first


class NotPublished(LookupError):
    """The calendar of `year` is not out yet (or, before 2004, not kept)."""

    def __init__(self, year: int) -> None:
        super().__init__(f"the working days of {year} are not published")
        self.year = year


@dataclass(frozen=True, slots=True)
class Calendar:
    """What is published up to and with a year."""

    last_year: int

    def is_working_day(self, day: date) -> bool:
        """Raises NotPublished."""
        needed = day.year if (day.month, day.day) < NEXT_NOTICE_FROM else day.year + 1
        if day.year < FIRST_YEAR:
            raise NotPublished(day.year)
        if needed > min(self.last_year, LAST_YEAR):
            raise NotPublished(needed)
        return bool(chinese_calendar.is_workday(day))


PUBLISHED = Calendar(LAST_YEAR)
"""As this release knows it; a later release of chinesecalendar brings later years."""

CALENDARS_SINCE_2026 = LAST_YEAR - 2026
"""A read model that reckons with the calendar raises its version by it, and is made again when one comes out."""
