"""Which characters the fonts can draw: asked before a document is made."""

from collections.abc import Iterable
from functools import cache

from fontTools.ttLib import TTFont

from shared.department.typeset import FONTS
from shared.standards.text import Text

FONT = FONTS / "NotoSerifSC-Regular.ttf"

Named = tuple[str, Text, str]
"""A text that goes on the document: its field, what the field is called, the text."""

Undrawn = tuple[str, Text, list[str]]
"""A field, what it is called, and the code points in it that have no glyph."""


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


def first_undrawn(texts: Iterable[Named]) -> Undrawn | None:
    """The first text that cannot be drawn; None: all can."""
    for field, label, text in texts:
        if missing := missing_glyphs(text):
            return field, label, [code_point(character) for character in missing]
    return None
