"""Mobile numbers of mainland China (numbering plan of the Ministry of Industry and Information Technology)."""

import re
import unicodedata
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from shared.standards.errors import NotValid
from shared.standards.fields import text_field, text_schema

_FORM = re.compile(r"1[3-9][0-9]{9}")
_TAKEN = r"[\s\-]*([+＋]86)?[\s\-]*[1１][\s\-]*[3-9３-９]([\s\-]*[0-9０-９]){9}[\s\-]*"
_BETWEEN = re.compile(r"[\s\-\u2010-\u2015\u2212]")  # what people put between groups of digits


class MobileNumber(str):
    """Eleven digits beginning 13 to 19. Made from text in NFKC form; spaces, dashes and +86 are dropped.

    Raises NotValid with "alphabet", "length" or "mobile_prefix". Its `repr` is masked.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        number = _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).removeprefix("+86")
        if not (number.isascii() and number.isdigit()):
            raise NotValid(
                "alphabet",
                "手机号码只能包含数字，请重新输入。",
                "A mobile number has digits only; please enter it again.",
            )
        if len(number) != 11:
            raise NotValid(
                "length",
                "手机号码应为11位，请核对后重新输入。",
                "A mobile number has 11 digits; please check it and enter it again.",
            )
        if not _FORM.fullmatch(number):
            raise NotValid(
                "mobile_prefix",
                "手机号码应以13至19开头；请填写手机号码，不要填写固定电话。",
                "A mobile number begins with 13 to 19; please give a mobile number, not a landline.",
            )
        return super().__new__(cls, number)

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(text)

    @property
    def masked(self) -> str:
        """'138****0000'"""
        return f"{self[:3]}****{self[7:]}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.masked!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return text_field(cls, cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return text_schema(
            handler,
            "mobile-number",
            "手机号码 Mobile number of mainland China, 11 digits; "
            "+86, blanks, dashes and full-width digits are taken too",
            "13800000000",
            form=_FORM.pattern,
            taken=_TAKEN,
        )
