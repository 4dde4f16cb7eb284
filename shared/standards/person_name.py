"""A person's name: its one spelling, what may be a name, and whether two are the same.

The register writes names in Han characters, the parts of a transliterated one with an interpunct between them, and
names of foreign citizens in Latin letters (Resident Identity Card Law, art. 4: standardised Han characters).
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from shared.standards.characters import HAN, named
from shared.standards.errors import NotValid
from shared.standards.name_spelling import INTERPUNCT, spelt, stands_for
from shared.standards.text import Text

SHORTEST: Final = 2
LONGEST: Final = 50
LONGEST_TYPED: Final = 200  # before it is spelt as the register does
MARKS_ON_A_LETTER: Final = 2

_PLAIN = re.compile(r"[\u4e00-\u9fff]{2,50}")
_IS_HAN = re.compile(f"[{HAN}]")
_LATIN_LETTER = re.compile(r"LATIN (CAPITAL|SMALL) (LETTER|LIGATURE) ")
_SIGNS = f"{INTERPUNCT}'- "
_LATIN_SIGNS = "'- "  # between Latin letters only

AS_ON_THE_CARD = Text("请按居民身份证填写。", "please give the name as on the ID card.")
TO_BE_REGISTERED = Text("请按拟登记的姓名填写。", "please give the name that is to be registered.")


def person_name(text: str, field: str = "name", advice: Text = AS_ON_THE_CARD) -> str:
    """The name as the register spells it. `advice`: how to write it; who is not registered yet has no ID card.

    Raises NotValid "wrong_name" for the field, with a sentence that names the character which cannot be there.
    """
    if _PLAIN.fullmatch(text):
        return text
    name = spelt(text[: LONGEST_TYPED + 1])
    if problem := _problem(name, text, advice):
        raise NotValid("wrong_name", *problem, field=field)
    return name


def require_letters(text: str, advice: Text = AS_ON_THE_CARD) -> str:
    """A name that is still being written, spelt. Raises NotValid "wrong_name" for what can be in no name."""
    name = spelt(text[: LONGEST_TYPED + 1])
    if (wrong := _never_in_a_name(name)) is not None:
        raise NotValid("wrong_name", *_cannot_be(stands_for(wrong, text), advice))
    return name


def is_same_name(one: str, other: str) -> bool:
    """Whether two spellings name alike."""
    return one == other or same_key(one) == same_key(other)


@lru_cache(maxsize=4096)
def same_key(text: str) -> str:
    """Equal for all spellings of a name, of earlier releases too: case and blanks make no difference. Never raises."""
    if _PLAIN.fullmatch(text):
        return text
    return unicodedata.normalize("NFC", spelt(text).replace(" ", "").upper().casefold())


def _problem(name: str, text: str, advice: Text) -> Text | None:
    if (wrong := _never_in_a_name(name)) is not None:
        return _cannot_be(stands_for(wrong, text), advice)
    if len(text) > LONGEST_TYPED or not SHORTEST <= len(name) <= LONGEST:
        return _length(advice)
    if (wrong := _mixed_in(name)) is not None:
        return _mixed(stands_for(wrong, text), advice)
    if (wrong := _out_of_place(name)) is not None:
        return _misplaced(stands_for(wrong, text), advice)
    return None


def _never_in_a_name(name: str) -> str | None:
    """The first character that is none of a name's."""
    may_be = (one in _SIGNS or _is_han(one) or _is_latin(one) or _is_mark(one) for one in name)
    return next((one for one, is_one in zip(name, may_be, strict=True) if not is_one), None)


def _is_han(sign: str) -> bool:
    return _IS_HAN.match(sign) is not None


def _is_latin(sign: str) -> bool:
    return _LATIN_LETTER.match(unicodedata.name(sign, "")) is not None


def _is_mark(sign: str) -> bool:
    return "\u0300" <= sign <= "\u036f"  # on Latin letters


def _mixed_in(name: str) -> str | None:
    """The first letter of the other script than the one the name begins with."""
    letters = [one for one in name if one not in _SIGNS and not _is_mark(one)]
    return next((one for one in letters if _is_han(one) != _is_han(letters[0])), None)


def _out_of_place(name: str) -> str | None:
    """A sign that does not stand between two letters of its script, or a mark on no letter, or one too many."""
    marks = 0
    for before, sign, after in zip(" " + name, name, name[1:] + " ", strict=False):
        marks = marks + 1 if _is_mark(sign) else 0
        if marks > MARKS_ON_A_LETTER or (marks == 1 and not _is_latin(before)):
            return sign
        if sign in _SIGNS and (before in _SIGNS or after in _SIGNS):
            return sign if sign != " " else before
        if sign in _LATIN_SIGNS and _is_han(before):
            return sign
    return None


def _length(advice: Text) -> Text:
    return Text(
        f"姓名应为{SHORTEST}至{LONGEST}个字；{advice.zh}",
        f"A name has {SHORTEST} to {LONGEST} characters; {advice.en}",
    )


def _cannot_be(character: str, advice: Text) -> Text:
    zh, en = named(character)
    category = unicodedata.category(character)
    if category[0] == "L":
        return Text(
            f"{zh}不能用于姓名：户籍登记以规范汉字书写姓名，外国人的姓名用拉丁字母；{advice.zh}",
            f"{en} cannot be in a name: the register writes names in Han characters, and those of foreign citizens in "
            f"Latin letters; {advice.en}",
        )
    if category in ("Co", "Cn"):
        return Text(
            f"{zh}不是国家标准编码的汉字，不能用于姓名；请换用国家标准（GB 18030）编码的字重新输入。",
            f"{en} is not a character of the national standard and cannot be in a name; please enter it again with its "
            "code of GB 18030.",
        )
    return Text(f"{zh}不能用于姓名；{advice.zh}", f"{en} cannot be in a name; {advice.en}")


def _mixed(character: str, advice: Text) -> Text:
    zh, en = named(character)
    return Text(
        f"{zh}不能用于此姓名：汉字与拉丁字母不能混用；{advice.zh}",
        f"{en} cannot be in this name: Han characters and Latin letters do not mix; {advice.en}",
    )


def _misplaced(character: str, advice: Text) -> Text:
    zh, en = named(character)
    return Text(
        f"{zh}不能用在姓名的这个位置；{advice.zh}",
        f"{en} cannot stand at this place of a name; {advice.en}",
    )
