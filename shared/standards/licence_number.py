"""The identifier of an electronic licence, GB/T 36904-2018.

`1.2.156.3005.2.<type 21>.<issuer 18>.<serial, at most 64>.<version 3>.<check>`

Enforced on what is issued (`make`, `parse`, every pydantic field), told of what others issued (`read`, `problems`).
The check is ISO 7064 MOD 37,36 over type, issuer, serial and version: it finds every single change, and every swap of
neighbours but one pair for each carry (see check_digits). Within the two credit codes GB 32100 finds those too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from shared.standards.check_digits import mod_37_36
from shared.standards.credit_code import CreditCode
from shared.standards.errors import NotValid
from shared.standards.fields import text_field

ROOT = "1.2.156.3005.2"

_TYPE = re.compile(r"[0-9A-Z]{18}[0-9]{3}")
_ISSUER = re.compile(r"[0-9A-Z]{18}")
_SERIAL = re.compile(r"[0-9A-Z]{1,64}")
_CHECK = re.compile(r"[0-9A-Z]")
_VERSION = re.compile(r"(?!000)[0-9]{3}")
_PATTERN = (
    rf"^{re.escape(ROOT)}\.{_TYPE.pattern}\.{_ISSUER.pattern}\.{_SERIAL.pattern}"
    rf"\.{_VERSION.pattern}\.{_CHECK.pattern}$"
)


@dataclass(frozen=True, slots=True)
class LicenceNumber:
    """A well-formed identifier. `type_code`: 18-character credit code of the body that defined the type + 3 digits;
    `issuer`: credit code of the issuing body; `serial`: 1 to 64 digits and capitals; `version`: 1 to 999.

    Raises NotValid with "type_code", "issuer", "serial", "version" or "form".
    """

    type_code: str
    issuer: str
    serial: str
    version: int
    check: str

    def __post_init__(self) -> None:
        if not _TYPE.fullmatch(self.type_code):
            raise NotValid(
                "type_code",
                "证照类型代码应为18位统一社会信用代码加3位数字，请核对。",
                "A licence type code is an 18-character credit code and 3 digits; please check it.",
            )
        if not _ISSUER.fullmatch(self.issuer):
            raise _bad_issuer()
        if not _SERIAL.fullmatch(self.serial):
            raise NotValid(
                "serial",
                "流水号应为1至64位数字或大写字母，请核对。",
                "A serial number has 1 to 64 digits and capitals; please check it.",
            )
        if not 1 <= self.version <= 999:
            raise NotValid(
                "version",
                "版本号应为001至999；版本用尽时请以新的流水号重新签发。",
                "A version is 001 to 999; when they are used up, issue anew under a new serial number.",
            )
        if not _CHECK.fullmatch(self.check):
            raise _bad_form()

    @classmethod
    def make(cls, type_code: str, issuer: str, serial: str, version: int = 1) -> Self:
        """A new identifier with its check character; also refuses credit codes that do not hold."""
        # A whole instance first: the check can only be computed over parts that have the right form.
        draft = cls(type_code, issuer, serial, version, "0")
        return cls(type_code, issuer, serial, version, draft.right_check)._sound()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Strict: the dotted form exactly, the right check ("check_digit") and valid credit codes."""
        return cls.read(text)._sound()

    @classmethod
    def read(cls, text: str) -> Self:
        """The dotted form only ("form"): for what others issued; ask `problems` what to warn of."""
        parts = text.removeprefix(f"{ROOT}.").split(".")
        if not text.startswith(f"{ROOT}.") or len(parts) != 5 or not _VERSION.fullmatch(parts[3]):
            raise _bad_form()
        type_code, issuer, serial, version, check = parts
        return cls(type_code, issuer, serial, int(version), check)

    @property
    def right_check(self) -> str:
        """The check character these parts must have."""
        return mod_37_36(f"{self.type_code}{self.issuer}{self.serial}{self.version:03}")

    def problems(self) -> Iterator[NotValid]:
        """What is wrong with it beyond its form; nothing for one that was made or parsed."""
        if self.check != self.right_check:
            yield NotValid(
                "check_digit",
                "电子证照标识校验不通过，请对照证照逐位核对，或扫描证照上的二维码。",
                "The licence identifier has a slip in it; please compare it with the licence or scan its code.",
            )
        if not _is_credit_code(self.type_code[:18]):
            yield NotValid(
                "type_code",
                "证照类型代码中的定义机构代码无效，请核对。",
                "The defining body's credit code in the licence type code is not valid; please check it.",
            )
        if not _is_credit_code(self.issuer):
            yield _bad_issuer()

    def next_version(self) -> Self:
        """The identifier of the licence that replaces this one; NotValid "version" after 999."""
        return self.make(self.type_code, self.issuer, self.serial, self.version + 1)

    def __str__(self) -> str:
        return f"{ROOT}.{self.type_code}.{self.issuer}.{self.serial}.{self.version:03}.{self.check}"

    def _sound(self) -> Self:
        for problem in self.problems():
            raise problem
        return self

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return text_field(cls, cls.parse)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {
            "type": "string",
            "format": "licence-number",
            "pattern": _PATTERN,
            "description": "电子证照标识 Electronic licence identifier, GB/T 36904-2018, with its check character",
            "examples": [
                f"{ROOT}.11130000MB00001310001.54130123ME000124XW.202312230000000001.001.Y",
            ],
        }


def _is_credit_code(text: str) -> bool:
    try:
        CreditCode(text)
    except NotValid:
        return False
    return True


def _bad_issuer() -> NotValid:
    return NotValid(
        "issuer",
        "颁发机构代码应为有效的18位统一社会信用代码，请核对。",
        "The issuer must be a valid 18-character unified social credit code; please check it.",
    )


def _bad_form() -> NotValid:
    return NotValid(
        "form",
        "电子证照标识应为 1.2.156.3005.2.类型.颁发机构.流水号.版本.校验位，请完整输入。",
        "A licence identifier reads 1.2.156.3005.2.type.issuer.serial.version.check; please enter all of it.",
    )
