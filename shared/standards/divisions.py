"""Administrative divisions, GB/T 2260 (provinces, cities, counties) and GB/T 10114 (townships, villages).

A code has 12 digits: 2 province, 2 city, 2 county, 3 township, 3 village; zeros follow what it names. The shorter
forms of 6 and 9 digits are taken too. Names are not keys: namesakes exist. Source and extent: divisions.md.
"""

import csv
import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from shared.standards.errors import NotValid

WHOLE_COUNTRY = "000000000000"  # above all provinces; no division of the list

Level = Literal["province", "city", "county", "township", "village"]

_DIGITS_TO_NAME: dict[Level, int] = {"province": 2, "city": 4, "county": 6, "township": 9, "village": 12}
_CODE = re.compile(r"[0-9]{6}|[0-9]{9}|[0-9]{12}")
# Rows that only keep the code hierarchy whole; no place bears such a name.
_PLACEHOLDERS = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})


@dataclass(frozen=True, slots=True)
class Division:
    code: str  # 12 digits
    name: str  # as published
    level: Level

    @property
    def is_placeholder(self) -> bool:
        """A row such as 市辖区 or 省直辖县级行政区划: a step of the code, not a place."""
        return self.name in _PLACEHOLDERS


def find(code: str) -> Division | None:
    """The division of this code; None when the list does not hold it (abolished, not shipped, malformed)."""
    if not _CODE.fullmatch(code):
        return None
    code = code.ljust(12, "0")
    name = _names().get(code)
    return None if name is None else Division(code, name, level_of(code))


def get(code: str) -> Division:
    """As `find`; raises NotValid "unknown_division"."""
    division = find(code)
    if division is None:
        raise NotValid(
            "unknown_division",
            "行政区划代码未收录，请从列表中选择地区。",
            "This division code is not in the list; please choose the place from the list.",
        )
    return division


def level_of(code: str) -> Level:
    """What the trailing zeros say, whether or not the code is in use. Raises NotValid "division_code"."""
    full = _full(code)
    return next(level for level, digits in _DIGITS_TO_NAME.items() if not full[digits:].strip("0"))


def parent(code: str) -> Division | None:
    """The division one level up (placeholders included); None for a province. Raises "unknown_division"."""
    division = get(code)
    return find(_parent_code(division.code)) if division.level != "province" else None


def ancestors(code: str) -> tuple[Division, ...]:
    """All divisions above it, the province first, placeholders included. Raises "unknown_division"."""
    above = parent(code)
    return () if above is None else (*ancestors(above.code), above)


def children(code: str) -> tuple[Division, ...]:
    """The divisions one level down (placeholders included), by code. Raises "unknown_division"."""
    division = get(code)
    codes = _codes()
    prefix = _prefix(division.code)
    below = codes[bisect_left(codes, division.code) : bisect_left(codes, prefix.ljust(13, "9"))]
    return tuple(get(each) for each in below if _parent_code(each) == division.code)


def at_level(code: str, level: Level) -> str:
    """The code of 12 digits of the division of this level that holds `code`; `code` itself when it is no lower.

    By the codes alone, as `is_within`. Raises NotValid "division_code".
    """
    return _full(code)[: _DIGITS_TO_NAME[level]].ljust(12, "0")


def is_within(code: str, area: str) -> bool:
    """Whether `code` is `area` or lies in it, by the codes alone: abolished codes are answered as well.

    Every code lies in WHOLE_COUNTRY. Raises NotValid "division_code" unless both have 6, 9 or 12 digits.
    """
    return _full(code).startswith("" if _full(area) == WHOLE_COUNTRY else _prefix(area))


def span(area: str) -> tuple[str, str]:
    """The first and the last code that may lie in it: what `is_within` says, for an index. Raises "division_code"."""
    prefix = "" if _full(area) == WHOLE_COUNTRY else _prefix(area)
    return prefix.ljust(12, "0"), prefix.ljust(12, "9")


def _full(code: str) -> str:
    if not _CODE.fullmatch(code):
        raise NotValid(
            "division_code",
            "行政区划代码应为6位、9位或12位数字，请核对。",
            "A division code has 6, 9 or 12 digits; please check it.",
        )
    return code.ljust(12, "0")


def _prefix(code: str) -> str:
    return _full(code)[: _DIGITS_TO_NAME[level_of(code)]]


def _parent_code(code: str) -> str:
    """Not simply the level above: a city without counties (441900 东莞市) holds its townships itself."""
    shorter = [digits for digits in _DIGITS_TO_NAME.values() if digits < len(_prefix(code))]
    return code[: shorter[-1]].ljust(12, "0") if shorter else ""


@cache
def _names() -> dict[str, str]:
    """Code -> name. A city without counties has two rows of one code and name; they fall together."""
    with resources.files(__package__).joinpath("divisions.csv").open(encoding="utf-8") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


@cache
def _codes() -> tuple[str, ...]:
    return tuple(sorted(_names()))
