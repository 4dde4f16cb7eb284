"""The number of a bank card, ISO/IEC 7812 (GB/T 15694): 16 to 19 digits, the last a check by Luhn."""

import re
import unicodedata
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from shared.standards.errors import NotValid
from shared.standards.fields import text_field, text_schema

_FORM = re.compile(r"[0-9]{16,19}")
_TAKEN = r" *([0-9０-９] *){16,19}"


class BankCard(str):
    """A valid number, made from text in NFKC form; spaces between its groups are left out.

    Raises NotValid with "length" or "check_digit". Every single digit changed is refused, and every swap of neighbours
    but of 0 and 9.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        number = unicodedata.normalize("NFKC", text).replace(" ", "")
        if not _FORM.fullmatch(number):
            raise NotValid(
                "length",
                "银行卡号应为16至19位数字，请核对后重新输入。",
                "A bank card's number has 16 to 19 digits; please check it and enter it again.",
            )
        if _luhn(number):
            raise NotValid(
                "check_digit",
                "银行卡号校验不通过，请对照卡面逐位核对。",
                "The bank card's number has a slip in it; please compare it with the card, digit by digit.",
            )
        return super().__new__(cls, number)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return text_field(cls, cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return text_schema(
            handler,
            "bank-card",
            "银行卡号 Number of a bank card, ISO/IEC 7812, with its check digit; blanks between groups are taken too",
            "6222020000000000018",
            form=_FORM.pattern,
            taken=_TAKEN,
        )


def _luhn(number: str) -> int:
    """0 for a number whose check digit fits."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10
