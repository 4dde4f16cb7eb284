"""The unified social credit code of organisations, GB 32100-2015."""

import re
import unicodedata
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from shared.standards.check_digits import GB_32100_ALPHABET, gb_11714, gb_32100
from shared.standards.errors import NotValid
from shared.standards.fields import text_field, text_schema

_CHARACTER = f"[{GB_32100_ALPHABET}]"
_EITHER = f"[{GB_32100_ALPHABET}{GB_32100_ALPHABET[10:].lower()}]"
_TAKEN = rf"\s*{_EITHER}{{2}}[0-9]{{6}}{_EITHER}{{10}}\s*"
_FORM = re.compile(f"{_CHARACTER}{{2}}[0-9]{{6}}{_CHARACTER}{{10}}")


class CreditCode(str):
    """A valid code: 1 registering authority + 1 kind + 6 division + 9 organisation (GB 11714) + 1 check.

    Made from text in NFKC form, small letters allowed. Raises NotValid with "length", "alphabet" or "check_digit".
    Every single substitution and every swap of neighbours is refused. Not surely refused: the first and the last
    character exchanged (both have weight 1), and two or more independent slips (about 1 in 31 passes, fewer when
    they touch the organisation's own code).
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        code = unicodedata.normalize("NFKC", text).strip().upper()
        if len(code) != 18:
            raise NotValid(
                "length",
                "统一社会信用代码应为18位，请核对后重新输入。",
                "A unified social credit code has 18 characters; please check it and enter it again.",
            )
        if not _FORM.fullmatch(code):
            raise NotValid(
                "alphabet",
                "统一社会信用代码由数字和大写字母组成（不含 I、O、S、V、Z），第3至8位为数字，请核对后重新输入。",
                "A unified social credit code has digits and capitals without I, O, S, V, Z, "
                "and digits in places 3 to 8; please check it and enter it again.",
            )
        if gb_11714(code[8:16]) != code[16] or gb_32100(code[:17]) != code[17]:
            raise NotValid(
                "check_digit",
                "统一社会信用代码校验不通过，请对照证书逐位核对。",
                "The unified social credit code has a slip in it; please compare it with the certificate, "
                "character by character.",
            )
        return super().__new__(cls, code)

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(text)

    @property
    def authority(self) -> str:
        """One character: who registers it (1 机构编制, 5 民政, 9 市场监管, …)."""
        return self[0]

    @property
    def kind(self) -> str:
        """One character: what kind of body it is among those of its authority."""
        return self[1]

    @property
    def division(self) -> str:
        """Six digits (GB/T 2260) of the registering authority; it may have been abolished since."""
        return self[2:8]

    @property
    def organisation(self) -> str:
        """Nine characters: the organisation's own code with its check, GB 11714."""
        return self[8:17]

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return text_field(cls, cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return text_schema(
            handler,
            "credit-code",
            "统一社会信用代码 Unified social credit code, GB 32100-2015, "
            "with both check characters; small letters are taken too",
            "11100000000013338W",
            form=_FORM.pattern,
            taken=_TAKEN,
        )
