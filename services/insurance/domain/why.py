"""Why a line of a sheet is what it is."""

from dataclasses import dataclass
from decimal import Decimal

from services.insurance.domain.policy import Part
from shared.standards.text import Text


@dataclass(frozen=True, slots=True)
class Why:
    """`formula` ends in the line's amount; `parts` are those of the rules it rests on."""

    words: Text
    formula: str
    parts: tuple[Part, ...] = ()


def yuan(amount: Decimal) -> str:
    """ "4,190.00", as it is read."""
    return f"{amount:,.2f}"
