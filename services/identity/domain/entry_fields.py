"""What may be written into the household register: addresses, reasons, divisions."""

from datetime import date

from shared.contracts.errors import Invalid
from shared.standards import divisions
from shared.standards.errors import NotValid
from shared.standards.line import one_line
from shared.standards.text import Text

LONGEST_LINE = 200


def line(field: str, text: str) -> str:
    """One line of text for people. Raises Invalid when it is empty, too long or holds a character nobody means."""
    try:
        return one_line(text, LONGEST_LINE)
    except NotValid as wrong:
        raise wrong_field(field, *wrong.text) from None


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
