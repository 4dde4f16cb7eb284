"""How old somebody is: whole years (周岁), counted the same by every department.

A year of life is complete on the birthday (民法典 Art. 17: 十八周岁以上; the number itself included, Art. 1259).
Whoever was born on 29 February completes it, where a year has no such day, with the end of 28 February
(Art. 202: 没有对应日的，月末日为期间的最后一日; it ends at 24:00, Art. 203), and so is a year older on 1 March.
Criminal law counts from the day after the birthday (法释〔2006〕1号 Art. 2): nothing here is decided by it.
"""

from datetime import date
from typing import Final

ADULT: Final = 18  # 民法典 Art. 17


def day_of_turning(years: int, born: date) -> date:
    """The first day on which somebody is so many years old."""
    year = born.year + years
    try:
        return born.replace(year=year)
    except ValueError:  # 29 February in a common year
        return date(year, 3, 1)


def years_old(born: date, day: date) -> int:
    """Whole years on that day; 0 before the first birthday."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def is_adult(born: date, day: date) -> bool:
    return years_old(born, day) >= ADULT
