"""What papers can show: the characters that their font draws, so that others are told of when they are typed.

`drawable.csv` lists them in ranges of code points; a test holds it equal to the font.
"""

import csv
from bisect import bisect_right
from functools import cache
from pathlib import Path
from typing import Final

from shared.standards.characters import named
from shared.standards.errors import NotValid
from shared.standards.text import Text

RANGES: Final = Path(__file__).with_name("drawable.csv")
ALWAYS_DRAWN: Final = range(0x4E00, 0x9FA6)  # every character of GB 18030's first part is drawn; a test holds that too


def require_drawable(text: str, field: str | None = None) -> None:
    """Raises NotValid "not_drawable" naming the first character that no paper can show."""
    if (character := first_undrawn(text)) is not None:
        raise NotValid("not_drawable", *cannot_be_drawn(character), field=field)


def first_undrawn(text: str) -> str | None:
    """None: all of it can be drawn."""
    if text.isascii() and text.isprintable():
        return None
    return next((one for one in text if not _is_drawn(ord(one))), None)


def cannot_be_drawn(character: str) -> Text:
    zh, en = named(character)
    return Text(
        f"{zh}字库中没有，无法打印在证照上；请换用其他写法，人名、地名确需此字的，请到窗口办理纸质材料。",
        f"{en} is not in the font, so that no paper can show it; please write it another way, or, where a name needs "
        "it, have it done on paper at the counter.",
    )


def _is_drawn(code: int) -> bool:
    if code in ALWAYS_DRAWN:
        return True
    firsts, lasts = ranges()
    place = bisect_right(firsts, code) - 1
    return place >= 0 and code <= lasts[place]


@cache
def ranges() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """First and last code points of each range, in order."""
    with RANGES.open(encoding="ascii", newline="") as file:
        rows = [(int(row["first"], 16), int(row["last"], 16)) for row in csv.DictReader(file)]
    return tuple(first for first, _ in rows), tuple(last for _, last in rows)
