"""What an insured person's year has used so far: deductibles, caps and thresholds are counted against it."""

from dataclasses import dataclass, fields
from typing import ClassVar, Self

from pydantic import ConfigDict

from services.insurance.domain.values import Amount, Count
from shared.standards.money import ZERO


@dataclass(frozen=True, slots=True)
class Accumulators:
    """Yearly, by settlement order. Every settlement adds what it used; its reversal takes exactly that away."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    stays: Count = 0
    pool_used: Amount = ZERO  # paid by the pooled fund
    ci_self: Amount = ZERO  # borne by the person and counted for major illness
    ci_paid: Amount = ZERO  # paid by major illness
    ma_used: Amount = ZERO  # paid by medical assistance
    ratio_share: Amount = ZERO  # an employee's shares within the cap, counted for the large-amount fund

    def plus(self, used: Self) -> Self:
        return type(self)(*(getattr(self, name) + getattr(used, name) for name in _NAMES))

    def minus(self, used: Self) -> Self:
        return type(self)(*(getattr(self, name) - getattr(used, name) for name in _NAMES))

    def as_json(self) -> dict[str, str]:
        """Every value as text, as a bill's `acc` reads it."""
        return {name: str(getattr(self, name)) for name in _NAMES}


_NAMES = tuple(field.name for field in fields(Accumulators))
