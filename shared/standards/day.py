"""A day as people write it for us: 2023-12-24."""

import re
from datetime import date

from shared.standards.errors import NotValid

_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

FIRST_YEAR, LAST_YEAR = 1800, 2999  # beyond them nothing in an office happens


def read_day(text: str) -> date:
    """Raises NotValid with "not_a_date", "no_such_day" or "out_of_time"."""
    if not _FORM.fullmatch(text):
        raise NotValid(
            "not_a_date", "日期应写作 2023-12-24 的形式。", "A date reads like 2023-12-24; please enter it so."
        )
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotValid(
            "no_such_day",
            "没有这一天，请核对年月日。",
            "There is no such day; please check the day, the month and the year.",
        ) from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise NotValid(
            "out_of_time",
            f"日期应在{FIRST_YEAR}年至{LAST_YEAR}年之间。",
            f"A date lies between the years {FIRST_YEAR} and {LAST_YEAR}.",
        )
    return day
