"""What a bill and its rules are written in: amounts, proportions, counts. Text in JSON, never a binary fraction."""

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema

from shared.standards.errors import NotValid
from shared.standards.fields import as_field_error
from shared.standards.money import CENT, Yuan

_PROPORTION = re.compile(r"(0|1)(\.[0-9]{1,6})?")  # six places keep every product of a step within Decimal's precision
_COUNT = re.compile(r"[0-9]{1,4}")


def _text_only(value: Any) -> Any:
    if isinstance(value, str | Decimal):
        return value
    raise as_field_error(
        NotValid(
            "not_text",
            '金额和比例须以字符串传送，例如 "12.30"。',
            'Send amounts and ratios as strings such as "12.30".',
        )
    )


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise as_field_error(NotValid("negative", "金额不能为负数。", "An amount cannot be negative."))
    return value


def _proportion(value: Any) -> Decimal:
    if not _PROPORTION.fullmatch(str(_text_only(value))) or (proportion := Decimal(value)) > 1:
        raise as_field_error(
            NotValid(
                "proportion",
                "比例应为0至1之间的小数，最多六位，例如 0.55。",
                "A ratio is a number from 0 to 1 with at most six places, such as 0.55.",
            )
        )
    return proportion


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str) or not _COUNT.fullmatch(str(value)):
        raise as_field_error(NotValid("count", "应为0至9999的整数。", "This is a whole number from 0 to 9999."))
    return int(value)


def proportion_text(value: Decimal) -> str:
    """ "0.55", "0.40", "0.4675": as many places as it needs, at least two."""
    shortest = value.normalize()
    return f"{shortest.quantize(CENT) if int(shortest.as_tuple().exponent) > -2 else shortest:f}"


def percent(value: Decimal) -> str:
    """ "55%", "46.75%", as it is read."""
    return f"{(value * 100).normalize():f}%"


Amount = Annotated[
    Yuan,
    AfterValidator(_not_negative),
    BeforeValidator(_text_only),
    WithJsonSchema(
        {
            "type": "string",
            "format": "yuan",
            "pattern": r"^0{0,7}[0-9]{1,13}(\.[0-9]{1,2}0{0,18})?$",
            "description": "金额（元），不为负 An amount in yuan with two decimal places, not negative",
            "examples": ["12.30"],
        }
    ),
]
"""Yuan, not negative, sent as text."""

Proportion = Annotated[
    Decimal,
    BeforeValidator(_proportion),
    PlainSerializer(proportion_text, return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(0(\.[0-9]{1,6})?|1(\.0{1,6})?)$",
            "description": "0至1之间的比例 A proportion from 0 to 1, at most six places",
            "examples": ["0.55"],
        }
    ),
]
"""From 0 to 1, at most six places, sent as text."""

Count = Annotated[
    int,
    BeforeValidator(_count),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": 9999},
                {"type": "string", "pattern": "^[0-9]{1,4}$"},
            ],
            "description": "0至9999的整数 A whole number from 0 to 9999",
            "examples": [1],
        }
    ),
]
"""Whole, not negative; as text or as a number."""
