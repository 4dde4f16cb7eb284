"""The legal clock: a period in working days that stands still while the citizen must supplement.

Periods count in working days (行政许可法 Art. 82), the day they begin on is not counted and the last one ends at 24:00
(民法典 Art. 201, 203), time that belongs to others is not counted (行政许可法 Art. 45, for hearings and examinations;
here for supplements too). About part of a day the law says nothing. Here a day counts only if the clock ran all day:
neither the day it is stopped nor the day it goes on is counted, just as the day of acceptance is not.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Self

from shared.standards.shanghai import day_in_shanghai, end_of
from shared.standards.working_days import PUBLISHED, Calendar, NotPublished

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stop:
    """The clock stands still from the one day to the other, both included; `until` None: it does so now."""

    since: date
    until: date | None = None

    def covers(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last working day of a period; it ends at 24:00 in Asia/Shanghai."""

    last_day: date

    @property
    def at(self) -> datetime:
        return end_of(self.last_day)


@dataclass(frozen=True, slots=True)
class Stopped:
    """No deadline runs: the clock stands still."""

    since: date


@dataclass(frozen=True, slots=True)
class Pending:
    """The deadline cannot be told before the calendar of this year is published."""

    year: int


@dataclass(frozen=True, slots=True)
class LegalClock:
    """A value: what happens to it makes a new one. Fit to be a field of an event.

    Raises ValueError when made with less than one working day.
    """

    accepted: date
    days: int
    stops: tuple[Stop, ...] = ()

    def __post_init__(self) -> None:
        if self.days < 1:
            raise ValueError("a period has at least one working day")

    @classmethod
    def start(cls, now: datetime, days: int) -> Self:
        """So many working days from an aware moment on."""
        return cls(day_in_shanghai(now), days)

    @property
    def is_stopped(self) -> bool:
        return bool(self.stops) and self.stops[-1].until is None

    def stop(self, now: datetime) -> Self:
        """Stand still from now on. A clock that stands still is left as it is."""
        if self.is_stopped:
            return self
        return replace(self, stops=(*self.stops, Stop(day_in_shanghai(now))))

    def resume(self, now: datetime) -> Self:
        """Run again. A clock that runs is left as it is."""
        if not self.is_stopped:
            return self
        *before, last = self.stops
        return replace(self, stops=(*before, Stop(last.since, max(last.since, day_in_shanghai(now)))))

    def deadline(self, calendar: Calendar = PUBLISHED) -> Deadline | Stopped | Pending:
        """Of a period that ended before the clock was stopped the deadline stays what it was."""
        day, left = self.accepted, self.days
        while left:
            day += DAY
            if stop := self._stop_on(day):
                if stop.until is None:
                    return Stopped(stop.since)
                continue
            try:
                left -= calendar.is_working_day(day)
            except NotPublished as missing:
                return Pending(missing.year)
        return Deadline(day)

    def _stop_on(self, day: date) -> Stop | None:
        return next((stop for stop in self.stops if stop.covers(day)), None)
