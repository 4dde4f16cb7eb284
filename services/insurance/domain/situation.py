"""Where and how someone was treated: what decides which of a policy's rules hold."""

from dataclasses import dataclass
from typing import Literal, get_args

Level = Literal["level1", "level2", "level3_city", "level3_region"]
"""Of the hospital (级别); of level 3 those of a city and those of a province or autonomous region."""

Place = Literal["city", "region", "across"]
"""In the insured city, elsewhere in its province or autonomous region, in another one."""

Filing = Literal["none", "filed", "referred", "emergency"]
"""备案, 转诊, 急诊."""

LEVELS: tuple[Level, ...] = get_args(Level)
PLACES: tuple[Place, ...] = get_args(Place)
FILINGS: tuple[Filing, ...] = get_args(Filing)
ORDINARY = "ordinary"
_MUNICIPALITIES = ("11", "12", "31", "50")  # 直辖市: a province that is one city


@dataclass(frozen=True, slots=True)
class Situation:
    level: Level
    place: Place = "city"
    filing: Filing = "none"
    insured_class: str = ORDINARY  # or another of the policy's classes


def place_of(insured: str, treated: str) -> Place:
    """From the divisions of insurance and of treatment, 12 digits each."""
    if insured[:2] != treated[:2]:
        return "across"
    return "city" if insured[:4] == treated[:4] or insured[:2] in _MUNICIPALITIES else "region"
