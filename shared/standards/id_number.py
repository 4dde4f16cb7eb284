"""The citizen's identity number, GB 11643-1999."""

import re
import unicodedata
from datetime import date
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from shared.standards.check_digits import mod_11_2
from shared.standards.day import read_day
from shared.standards.errors import NotValid
from shared.standards.fields import text_field, text_schema

_FORM = re.compile(r"[1-9][0-9]{16}[0-9X]")
_TAKEN = r"\s*[1-9１-９][0-9０-９]{16}[0-9０-９XxＸｘ]\s*"


class IdNumber(str):
    """A valid number: 6 division as at registration + 8 birth date + 3 sequence + 1 check (ISO 7064 MOD 11-2).

    Made from text in NFKC form, a lower-case x allowed. Raises NotValid with "length", "alphabet", "check_digit" or
    "impossible_date". Its `repr` is masked, so that a traceback or a log line does not tell it.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        number = unicodedata.normalize("NFKC", text).strip().replace("x", "X")
        if len(number) != 18:
            raise NotValid(
                "length",
                "公民身份号码应为18位，请核对后重新输入。",
                "An ID number has 18 characters; please check it and enter it again.",
            )
        if not _FORM.fullmatch(number):
            raise NotValid(
                "alphabet",
                "公民身份号码应为17位数字（首位不为0）加1位数字或X，请核对后重新输入。",
                "An ID number is 17 digits, the first not 0, then a digit or X; please check it and enter it again.",
            )
        if mod_11_2(number[:17]) != number[17]:
            raise NotValid(
                "check_digit",
                "公民身份号码校验不通过，请对照身份证逐位核对。",
                "The ID number has a slip in it; please compare it with the card digit by digit.",
            )
        if _birth_date(number) is None:
            raise NotValid(
                "impossible_date",
                "公民身份号码中的出生日期不存在，请对照身份证核对第7至14位。",
                "The birth date in the ID number does not exist; please compare digits 7 to 14 with the card.",
            )
        return super().__new__(cls, number)

    @classmethod
    def kept(cls, text: str) -> Self:
        """As it stands in a table: what was erased is empty there."""
        return cls(text) if text else super().__new__(cls, "")

    @classmethod
    def parse(cls, text: str, today: date) -> Self:
        """As the constructor, and raises NotValid "future_date" for a birth after `today`."""
        number = cls(text)
        if number.birth_date > today:
            raise NotValid(
                "future_date",
                "公民身份号码中的出生日期晚于今天，请对照身份证核对第7至14位。",
                "The birth date in the ID number lies in the future; please compare digits 7 to 14 with the card.",
            )
        return number

    @property
    def division(self) -> str:
        """Six digits (GB/T 2260), as at registration: it may have been abolished since."""
        return self[:6]

    @property
    def birth_date(self) -> date:
        return date(int(self[6:10]), int(self[10:12]), int(self[12:14]))

    @property
    def is_male(self) -> bool:
        return int(self[16]) % 2 == 1

    @property
    def masked(self) -> str:
        """'130123********0019'"""
        return f"{self[:6]}********{self[14:]}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.masked!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return text_field(cls, cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return text_schema(
            handler,
            "id-number",
            "公民身份号码 Citizen identity number, GB 11643-1999, "
            "with its check character; full-width characters and x are taken too",
            "11010519491231002X",
            form=_FORM.pattern,
            taken=_TAKEN,
        )


def _birth_date(number: str) -> date | None:
    try:
        return read_day(f"{number[6:10]}-{number[10:12]}-{number[12:14]}")
    except NotValid:
        return None
