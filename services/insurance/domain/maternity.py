"""The maternity allowance (生育津贴): what it comes to.

Source: 女职工劳动保护特别规定 (国务院令第619号) Art. 7 and 8; 社会保险法 Art. 56.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from shared.standards.divisions import is_within
from shared.standards.money import round_yuan

DAYS_OF_A_MONTH = 30


@dataclass(frozen=True, slots=True)
class MaternityRules:
    """One row of dated data."""

    id: str
    area: str  # division it holds in
    valid_from: date
    valid_to: date | None
    fund_days: int
    leave_days: int
    difficult_birth_days: int
    further_child_days: int
    floor: Decimal  # of the local average
    ceiling: Decimal
    average_wage: Decimal  # the local average, a month
    source: str

    def hold(self, region: str, day: date) -> bool:
        begun = self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
        return begun and is_within(region, self.area)


class MaternityBook(Protocol):
    def maternity_rules(self, region: str, day: date) -> MaternityRules | None:
        """None: no parameters for this region and day."""
        ...


@dataclass(frozen=True, slots=True)
class Birth:
    """What the bill says of it."""

    is_difficult: bool = False
    children: int = 1


@dataclass(frozen=True, slots=True)
class Reckoning:
    clamped_wage: Decimal
    fund_days: int
    leave_days: int
    amount: Decimal


def reckon(rules: MaternityRules, employers_average: Decimal, birth: Birth) -> Reckoning:
    """Wage ÷ 30 × days, rounded once at the end."""
    lowest, highest = rules.average_wage * rules.floor, rules.average_wage * rules.ceiling
    wage = min(max(employers_average, lowest), highest)
    more = rules.further_child_days * (birth.children - 1)
    more += rules.difficult_birth_days if birth.is_difficult else 0
    days = rules.fund_days + more
    return Reckoning(
        clamped_wage=round_yuan(wage),
        fund_days=days,
        leave_days=rules.leave_days + more,
        amount=round_yuan(wage * days / DAYS_OF_A_MONTH),
    )
