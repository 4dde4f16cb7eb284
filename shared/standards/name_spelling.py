"""The one spelling of a person's name: what keyboards, copies and older files write differently is written alike.

Of the characters that cannot be in a name nothing is decided here; they stay as they are.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

INTERPUNCT: Final = "·"  # between the parts of a name such as 买买提·吐尔逊
HAN: Final = (  # unified ideographs, up to Unicode 16, and the 〇 that names are written with
    "〇\u3400-\u4dbf\u4e00-\u9fff\ufa0e\ufa0f\ufa11\ufa13\ufa14\ufa1f\ufa21\ufa23\ufa24\ufa27-\ufa29"
    "\U00020000-\U0002a6df\U0002a700-\U0002b739\U0002b740-\U0002b81d\U0002b820-\U0002cea1\U0002ceb0-\U0002ebe0"
    "\U0002ebf0-\U0002ee5d\U00030000-\U0003134a\U00031350-\U000323af"
)

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


def tidy(text: str) -> str:
    """The spelling. Composed (NFC), width folded, one form of each sign, no blank but single ones between words.

    Between Han characters a full stop or a grave accent is the interpunct: it lies on the same keys. What is invisible
    and without effect is dropped; what turns the direction of writing is not, for what was shown is not what was sent.
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
