"""The ID numbers one county can give for one day (GB 11643-1999).

The three digits after the birth date are odd for boys, even for girls; 996 to 999 are kept for people over a hundred.
What becomes of the births beyond, 498 boys and 497 girls, the standard does not say: they are refused.
"""

from dataclasses import dataclass
from datetime import date

from shared.contracts.errors import Refused
from shared.standards.check_digits import mod_11_2
from shared.standards.id_number import IdNumber

LAST = 995


@dataclass(frozen=True, slots=True)
class NumberSeries:
    county: str  # GB/T 2260, six digits
    born_on: date
    is_male: bool

    def __contains__(self, number: IdNumber) -> bool:
        return (number.division, number.birth_date, number.is_male) == (self.county, self.born_on, self.is_male)

    def __len__(self) -> int:
        return len(self._sequences)

    def numbers(self, start: int = 0, stop: int | None = None) -> list[IdNumber]:
        """In the order they are given, from the start-th to before the stop-th."""
        prefix = f"{self.county}{self.born_on:%Y%m%d}"
        bodies = (f"{prefix}{sequence:03}" for sequence in self._sequences[start:stop])
        return [IdNumber(body + mod_11_2(body)) for body in bodies]

    @property
    def _sequences(self) -> range:
        return range(1 if self.is_male else 2, LAST + 1, 2)


class NumbersUsedUp(Refused):
    """Every number of a series stands for someone."""

    def __init__(self) -> None:
        super().__init__(
            "numbers_used_up",
            "该县（市、区）这一天的公民身份号码顺序码已用完，国家标准GB 11643未规定其后如何编号；"
            "请联系派出所，由户政部门确定后再次提交。",
            "The county's ID numbers of this day are used up, and GB 11643 does not say how to go on; ask the police "
            "station, and submit again once the register's office has decided.",
        )
