"""A hospital's itemised bill."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from services.insurance.domain.values import Amount, Proportion
from shared.standards.errors import NotValid
from shared.standards.fields import as_field_error
from shared.standards.money import LIMIT, ZERO


class Item(BaseModel):
    """One line: its price, and what of it the insurance does not look at.

    `selfpay_prop` is what the patient pays first of a catalogue item: 0 for class 甲, 1 for class 丙, between for 乙.
    `own` is outside the catalogue, `overlimit` above the price limit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    amt: Annotated[Amount, Field(examples=["1200.00"])]
    selfpay_prop: Proportion = ZERO
    own: Annotated[Amount, Field(examples=["100.00"])] = ZERO
    overlimit: Annotated[Amount, Field(examples=["0.00"])] = ZERO

    @field_validator("overlimit")
    @classmethod
    def _within_the_price(cls, overlimit: Decimal, info: ValidationInfo) -> Decimal:
        if "amt" in info.data and "own" in info.data and info.data["own"] + overlimit > info.data["amt"]:
            raise as_field_error(
                NotValid(
                    "above_price",
                    "自费与超限价之和不能超过该项金额，请核对。",
                    "Own expense and over-limit together cannot exceed the item's price; please check them.",
                )
            )
        return overlimit


class Bill(BaseModel):
    """Total below 10^13 yuan; at least one item."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    items: tuple[Item, ...]

    @field_validator("items")
    @classmethod
    def _worth_settling(cls, items: tuple[Item, ...]) -> tuple[Item, ...]:
        if not items:
            raise as_field_error(
                NotValid("no_items", "账单至少应有一项，请补充。", "A bill has at least one item; please add it.")
            )
        if total(items) >= LIMIT:
            raise as_field_error(
                NotValid(
                    "too_large",
                    "账单总额超出可处理范围，请核对是否多输入了数字。",
                    "The bill's total is too large; please check for surplus digits.",
                )
            )
        return items


def total(items: Sequence[Item]) -> Decimal:
    return sum((item.amt for item in items), ZERO)
