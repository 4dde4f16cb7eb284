"""The rules one settlement is made by, as numbers: what a dated policy says for one situation."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from services.insurance.domain.values import Amount, Proportion
from shared.standards.errors import NotValid
from shared.standards.fields import as_field_error
from shared.standards.money import ZERO


class Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Deductible(Rule):
    """起付线: paid by the person before the pooled fund begins; lower for later stays of the year."""

    first: Amount
    later: Amount


class Points(Rule):
    """Percentage points off the ratio: 55 % less 15 points is 40 %."""

    kind: Literal["points"] = "points"
    value: Proportion


class PriorSelfPay(Rule):
    """先行自付: this part of the in-scope costs is the person's before deductible and ratio apply to the rest."""

    kind: Literal["prior_self_pay"] = "prior_self_pay"
    value: Proportion


class Factor(Rule):
    """The ratio times this: 55 % by 0.85 is 46.75 %."""

    kind: Literal["factor"] = "factor"
    value: Proportion


Reduction = Annotated[Points | PriorSelfPay | Factor, Field(discriminator="kind")]
NO_REDUCTION = Points(value=ZERO)


class Band(NamedTuple):
    """`up_to` is measured above the threshold; None is without end."""

    up_to: Amount | None
    ratio: Proportion


class MajorIllness(Rule):
    """大病保险: pays of what the year left to the person, in bands above a threshold."""

    threshold: Amount
    bands: tuple[Band, ...] = Field(min_length=1)
    cap: Amount | None = None  # a year
    inc_deductible: bool = True
    inc_preselfpay: bool = True
    inc_penalty: bool = False
    inc_overcap: bool = True

    @field_validator("bands")
    @classmethod
    def _rising(cls, bands: tuple[Band, ...]) -> tuple[Band, ...]:
        if not _is_rising([band.up_to for band in bands]):
            raise as_field_error(
                NotValid(
                    "bands_not_rising",
                    "各段上限应逐段升高，只有最后一段可以不设上限。",
                    "The bands' bounds must rise from above 0, and only the last may be without one.",
                )
            )
        return bands

    def portions(self, before: Decimal, after: Decimal) -> list[tuple[Decimal, Decimal]]:
        """Amount and ratio of each band that the year's borne costs grow through. Above a last bound nothing is."""
        found, lower = [], ZERO
        for up_to, ratio in self.bands:
            start = max(before - self.threshold, lower)
            end = after - self.threshold if up_to is None else min(after - self.threshold, up_to)
            if end > start:
                found.append((end - start, ratio))
            lower = up_to or lower
        return found


def _is_rising(bounds: Sequence[Decimal | None]) -> bool:
    *inner, last = bounds
    closed = [bound for bound in [*inner, last] if bound is not None]
    return None not in inner and all(a < b for a, b in zip([ZERO, *closed], closed, strict=False))


class MedicalAssistance(Rule):
    """医疗救助: for the poor classes, of what is left in scope above `threshold`."""

    ratio: Proportion
    cap: Amount | None = None  # a year
    threshold: Amount = ZERO
    inc_penalty: bool = False


class LargeAmount(Rule):
    """职工大额医疗费用补助: employees' costs above the cap, and their shares within it above a threshold."""

    overcap_ratio: Proportion
    share_threshold: Amount  # a year
    share_ratio: Proportion


class Rules(Rule):
    """In JSON `cut` stands for a reduction by points."""

    deductible: Deductible
    ratio: Proportion
    reduction: Reduction = NO_REDUCTION
    cap: Amount | None  # of the pooled fund, a year
    ci: MajorIllness | None = None
    ma: MedicalAssistance | None = None
    large: LargeAmount | None = None

    @model_validator(mode="before")
    @classmethod
    def _cut_is_points(cls, given: Any) -> Any:
        if not isinstance(given, dict) or "cut" not in given or "reduction" in given:
            return given
        rest = {name: value for name, value in given.items() if name != "cut"}
        return rest | {"reduction": {"kind": "points", "value": given["cut"]}}
