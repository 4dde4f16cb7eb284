"""Single characters: which no one means to write, which are Chinese, and how a sentence names one."""

import sys
import unicodedata
from functools import cache
from typing import Final

from shared.standards.text import Text

UNWANTED: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode general categories: control, invisible, broken and private characters, and ends of lines."""

HAN: Final = (
    "〇\u3400-\u4dbf\u4e00-\u9fff\ufa0e\ufa0f\ufa11\ufa13\ufa14\ufa1f\ufa21\ufa23\ufa24\ufa27-\ufa29"
    "\U00020000-\U0002a6df\U0002a700-\U0002b739\U0002b740-\U0002b81d\U0002b820-\U0002cea1\U0002ceb0-\U0002ebe0"
    "\U0002ebf0-\U0002ee5d\U00030000-\U0003134a\U00031350-\U000323af"
)
"""Inside of a character class: the unified ideographs up to Unicode 16, and the 〇 that names are written with."""

_UNSHOWN = UNWANTED - {"Co"}  # a sentence that held one would be torn, turned round, or could not be sent


def first_unwanted(text: str, *, but: str = "") -> str | None:
    """`but` names characters that are welcome here all the same, such as the line feed."""
    if text.isascii() and text.isprintable():
        return None
    return next((one for one in text if unicodedata.category(one) in UNWANTED and one not in but), None)


def named(character: str) -> Text:
    """“1”（U+0031）: the character as it looks, where it can be shown, and its code point."""
    point, category = code_point(character), unicodedata.category(character)
    if category in _UNSHOWN:
        return Text(point, point)
    shown = f"◌{character}" if category.startswith("M") else character
    return Text(f"“{shown}”（{point}）", f'"{shown}" ({point})')


def code_point(character: str) -> str:
    """'U+00B7' of '·'."""
    return f"U+{ord(character):04X}"


@cache
def unwanted_class() -> str:
    """The unwanted characters as the inside of a character class; surrogates are in no JSON text."""
    codes = [code for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) in UNWANTED - {"Cs"}]
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(chr(first) + (f"-{chr(last)}" if last > first else "") for first, last in ranges)
