"""The one spelling of a person's name: what keyboards, copies and older files write differently is written alike.

Of the characters that cannot be in a name nothing is decided here; they stay as they are.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from shared.standards.characters import HAN

INTERPUNCT: Final = "·"  # between the parts of a name such as 买买提·吐尔逊
_DOTS = "·•‧∙⋅・･\u0387᛫⸱⸳ꞏ⦁●ᐧㆍ\u119e"
_APOSTROPHES = "'’‘‛ʼʻʽʹ′´＇｀"
_HYPHENS = "-‐‑‒–—―−﹣－⁃˗"
_CIRCLES = "○◯"
_FULL_STOPS = ".．․﹒"
_ZERO_WIDTH = "\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef"
_BLANK = "\t\n\v\f\r\x85"

_PLAIN = re.compile(r"[\u4e00-\u9fff]*")
_IS_ZERO_WIDTH = re.compile(f"[{_ZERO_WIDTH}]")
_BETWEEN_HAN = re.compile(f"(?<=[{HAN}]) *[.`] *(?=[{HAN}])")
_BESIDE_SIGN = re.compile(r" *(?:(·)[· ]*|(['-]) *)")
_BLANKS_IN_HAN = re.compile(f"(?<=[{HAN}]) +(?=[{HAN}])")
_ALIKE: Final = {
    **dict.fromkeys(_DOTS, INTERPUNCT),
    **dict.fromkeys(_APOSTROPHES, "'"),
    **dict.fromkeys(_HYPHENS, "-"),
    **dict.fromkeys(_CIRCLES, "〇"),
    **dict.fromkeys(_FULL_STOPS, "."),
    **dict.fromkeys(_BLANK, " "),
}


def spelt(text: str) -> str:
    """The name in that spelling. Never raises.

    Composed (NFC), width folded, one form of each sign, no blank but single ones between words. Between Han characters
    a full stop or a grave accent is the interpunct: it lies on the same keys. What is invisible and without effect is
    dropped; what turns the direction of writing is not, for what was shown is not what was sent.
    """
    if _PLAIN.fullmatch(text):
        return text
    composed = unicodedata.normalize("NFC", text)
    signs = unicodedata.normalize("NFC", "".join(alike(character) for character in composed))
    dotted = _BETWEEN_HAN.sub(INTERPUNCT, signs).replace("`", "'")
    return _BLANKS_IN_HAN.sub("", _BESIDE_SIGN.sub(r"\1\2", re.sub(" +", " ", dotted))).strip(" ")


@lru_cache(maxsize=4096)
def alike(character: str) -> str:
    """The character that stands for it and its look-alikes; '' for one of no width."""
    if found := _ALIKE.get(character):
        return found
    category = unicodedata.category(character)
    if category in ("Zs", "Zl", "Zp"):
        return " "
    if _IS_ZERO_WIDTH.match(character):
        return ""
    if category[0] != "L" and not "\u2e80" <= character <= "\u2fd5":  # radicals stand in copies for their characters
        return character
    plain = unicodedata.normalize("NFKC", character)
    if plain == character or any(unicodedata.category(one)[0] not in "LM" and one != INTERPUNCT for one in plain):
        return character
    return "".join(_ALIKE.get(one, one) for one in plain)


def stands_for(sign: str, text: str) -> str:
    """The character of the text as it was typed that became this sign of its spelling."""
    return next((one for one in unicodedata.normalize("NFC", text) if sign in (one, alike(one))), sign)
