"""What may be written into the household register: names, addresses, reasons, divisions."""

import unicodedata
from datetime import date

from shared.contracts.errors import Invalid
from shared.standards import divisions
from shared.standards.text import Text

INTERPUNCT = "·"  # between the parts of a name such as 买买提·吐尔逊; look-alikes are often typed for it
LOOK_ALIKES = str.maketrans(dict.fromkeys("•‧∙⋅・･", INTERPUNCT))
LONGEST_NAME = 50
LONGEST_LINE = 200


def person_name(text: str) -> str:
    """The name as the register writes it: one interpunct for its look-alikes, single spaces.

    Raises Invalid for what cannot be a name: empty, too long, digits, signs.
    """
    name = " ".join(text.translate(LOOK_ALIKES).split())
    if not 2 <= len(name) <= LONGEST_NAME or not all(_is_of_a_name(sign) for sign in name):
        raise wrong_field(
            "name",
            "姓名应为2至50个汉字或字母，可含间隔号；请按身份证填写。",
            "A name is 2 to 50 characters or letters, with an interpunct if need be; give it as on the ID card.",
        )
    return name


def is_same_name(one: str, other: str) -> bool:
    """Whether two spellings name alike: width, case, spaces and the form of the interpunct make no difference."""
    return _folded(one) == _folded(other)


def line(field: str, text: str) -> str:
    """One line of text for people. Raises Invalid when it is empty, too long or holds control characters."""
    tidy = text.strip()
    if not 1 <= len(tidy) <= LONGEST_LINE or any(unicodedata.category(sign) == "Cc" for sign in tidy):
        raise wrong_field(
            field,
            "请填写一行文字，不超过200字。",
            "Please write one line of at most 200 characters.",
        )
    return tidy


def household_division(code: str) -> str:
    """The 12 digits of where a household is: as near to the village as the list of divisions goes.

    Raises NotValid "unknown_division", or Invalid when the list knows places below it.
    """
    division = divisions.get(code)
    if divisions.children(division.code):
        raise wrong_field(
            "division",
            "户口登记须到村（社区），请从列表中选择下一级地区。",
            "A household is registered in a village or community; please choose a place further down the list.",
        )
    return division.code


def death_day(died_on: date, *, born: date, today: date) -> date:
    """Raises Invalid for a day still to come, or before birth."""
    if not born <= died_on <= today:
        raise wrong_field(
            "died_on",
            "死亡日期应在出生日期之后、今天之前（含当日），请对照死亡证明核对。",
            "The day of death lies between birth and today; please compare it with the death certificate.",
        )
    return died_on


def wrong_field(field: str, zh: str, en: str) -> Invalid:
    return Invalid(f"wrong_{field}", zh, en, fields={field: Text(zh, en)})


def _is_of_a_name(sign: str) -> bool:
    return sign in (INTERPUNCT, " ") or unicodedata.category(sign)[0] in "LM"


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name.translate(LOOK_ALIKES)).casefold().split())
