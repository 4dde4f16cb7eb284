"""Money: yuan with exactly two places, as Decimal here and as a string such as "12.30" in JSON."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from shared.standards.errors import NotValid
from shared.standards.fields import as_field_error, text_schema

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
LIMIT = Decimal(10) ** 13  # amounts stay below it: they fit numeric(15, 2) and Decimal's default precision

_FORM = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")


def as_yuan(value: Decimal | int | str) -> Decimal:
    """The same amount with two places; never rounds.

    Raises NotValid: "float" (binary fractions are not money), "amount" (no plain decimal number, NaN, infinity),
    "sub_cent" (a part of a cent), "too_large" (|amount| >= 10^13).
    """
    if isinstance(value, float):
        raise NotValid(
            "float",
            '金额须以字符串传送，例如 "12.30"，请勿使用浮点数。',
            'Send an amount as a string such as "12.30", not as a floating-point number.',
        )
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise _no_amount()
    if isinstance(value, str) and not _FORM.fullmatch(value):
        raise _no_amount()
    amount = _bounded(Decimal(value))
    cents = amount.quantize(CENT, rounding=ROUND_HALF_UP)
    if cents != amount:
        raise NotValid(
            "sub_cent",
            "金额最多保留两位小数（分），请核对。",
            "An amount has at most two decimal places; please check it.",
        )
    return cents or ZERO  # no negative zero: "-0.00" is not an amount people write


def round_yuan(amount: Decimal) -> Decimal:
    """Half a cent goes away from zero (ROUND_HALF_UP), so that a reversal rounds like what it reverses.

    One rounding per stated step: feed it the exact product of the step, never an amount rounded half-way.
    Raises NotValid "amount" or "too_large".
    """
    return _bounded(_bounded(amount).quantize(CENT, rounding=ROUND_HALF_UP)) or ZERO


def _bounded(amount: Decimal) -> Decimal:
    if not amount.is_finite():
        raise _no_amount()
    if not -LIMIT < amount < LIMIT:
        raise NotValid(
            "too_large",
            "金额超出可处理范围，请核对是否多输入了数字。",
            "The amount is too large; please check for surplus digits.",
        )
    return amount


def _no_amount() -> NotValid:
    return NotValid(
        "amount",
        "金额应为数字，例如 12.30，请重新输入。",
        "An amount is a plain number such as 12.30; please enter it again.",
    )


class _YuanField:
    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _validate,
            serialization=core_schema.plain_serializer_function_ser_schema(
                _serialize, return_schema=core_schema.str_schema(), when_used="json"
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return text_schema(
            handler,
            "yuan",
            "金额（元） An amount in yuan with two decimal places, below 10^13; fewer places are taken too",
            "12.30",
            form=r"-?(0|[1-9][0-9]{0,12})\.[0-9]{2}",
            taken=r"-?0{0,7}[0-9]{1,13}(\.[0-9]{1,2}0{0,18})?",
        )


def _validate(value: Any) -> Decimal:
    try:
        return as_yuan(value)
    except NotValid as wrong:
        raise as_field_error(wrong) from None


def _serialize(value: Decimal) -> str:
    return str(as_yuan(value))


Yuan = Annotated[Decimal, _YuanField]
"""A pydantic field of money: reads what `as_yuan` takes, is a Decimal with two places, writes "12.30" to JSON."""
