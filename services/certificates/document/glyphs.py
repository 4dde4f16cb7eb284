"""Which characters the document's font can draw: asked before anything is signed."""

from collections.abc import Iterable
from functools import cache

from fontTools.ttLib import TTFont

from shared.contracts.errors import Invalid
from shared.department.typeset import FONTS
from shared.standards.text import Text

FONT = FONTS / "NotoSerifSC-Regular.ttf"

Named = tuple[str, Text, str]
"""A text that goes on the document: its field, what the field is called, the text."""


@cache
def _drawn() -> frozenset[int]:
    """The code points that have a glyph."""
    with TTFont(FONT, lazy=True) as font:
        return frozenset(font.getBestCmap())


def missing_glyphs(text: str) -> list[str]:
    """Characters the font cannot draw, each once, as they come."""
    return [character for character in dict.fromkeys(text) if ord(character) not in _drawn()]


def code_point(character: str) -> str:
    """'U+20BB7'"""
    return f"U+{ord(character):04X}"


def require_glyphs(texts: Iterable[Named]) -> None:
    """Raises Invalid "missing_glyph" naming the first field that cannot be drawn, and its code points."""
    for field, label, text in texts:
        if missing := missing_glyphs(text):
            points = [code_point(character) for character in missing]
            said = Text(
                f"“{label.zh}”中的字（{'、'.join(points)}）字库里没有，印不出来，因此不能签发；"
                "请报告管理员补充字库后再通过，急用的请出具纸质证明。什么都没有签署，申请仍在审核中。",
                f"The font has no glyph for {', '.join(points)} in “{label.en}”, so the certificate cannot be drawn. "
                "Please have the administrator extend the font before you approve; if it is urgent, issue it on paper. "
                "Nothing was signed; the application is still under review.",
            )
            raise Invalid("missing_glyph", *said, fields={field: said}, code_points=points)
