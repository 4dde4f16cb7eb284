"""Releases that know other years' working days than this one."""

from datetime import date

import pytest

from shared.standards.legal_clock import LegalClock
from shared.standards.working_days import Calendar


class Endless(Calendar):
    """Every year is published; people work from Monday to Friday."""

    def is_working_day(self, day: date) -> bool:
        return day.weekday() < 5


NONE_PUBLISHED = Calendar(2003)
ALL_PUBLISHED = Endless(9999)


def knows(monkeypatch: pytest.MonkeyPatch, calendar: Calendar) -> None:
    """What this release knows of the working days."""
    monkeypatch.setattr(LegalClock.deadline, "__defaults__", (calendar,))
