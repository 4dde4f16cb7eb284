"""Characters as outlines, so that a picture with words in it needs no font to be shown. Safe for any threads."""

from functools import cache, lru_cache
from math import cos, radians, sin, tan
from pathlib import Path
from threading import Lock

from fontTools.misc.transform import Identity, Transform
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.ttLib import TTFont

from shared.contracts.errors import Invalid
from shared.department.glyphs import FONT, code_point, missing_glyphs
from shared.standards.text import Text

MIDDLE = 380  # of a Chinese character, in font units above the baseline; an em has 1,000
KEPT = 4096  # characters, a kilobyte each


class Outlines:
    """The font's Chinese characters, each an em wide and about an em high around its middle."""

    def __init__(self, path: Path) -> None:
        font = TTFont(path, lazy=True)
        self.em: float = font["head"].unitsPerEm
        self._glyphs = font.getGlyphSet()
        self._names: dict[int, str] = font.getBestCmap()
        self._turn = Lock()  # a glyph is unpacked when first drawn; two threads at once would break it
        self._data = lru_cache(KEPT)(self._unpacked)

    def path(self, character: str, placed: Transform) -> str:
        """An SVG path. `placed` takes the em square, its middle at the origin and y downwards, to the picture."""
        data, width = self._data(character)
        to_middle = Transform(1 / self.em, 0, 0, -1 / self.em, -width / 2 / self.em, MIDDLE / self.em)
        matrix = " ".join(f"{number:.5g}" for number in placed.transform(to_middle))
        return f'<path transform="matrix({matrix})" d="{data}"/>'

    def _unpacked(self, character: str) -> tuple[str, float]:
        """Path data and width, in font units."""
        pen = SVGPathPen(self._glyphs)
        with self._turn:
            glyph = self._glyphs[self._names[ord(character)]]
            glyph.draw(pen)
        return pen.getCommands(), glyph.width


def require_outlines(field: str, text: str) -> None:
    """Raises Invalid "missing_glyph" naming the field unless every character can be drawn."""
    if missing := missing_glyphs(text):
        points = [code_point(character) for character in missing]
        told = Text(
            f"字库中没有这些字：{'、'.join(points)}，无法制章；请报告管理员补充字库。",
            f"The font cannot draw {', '.join(points)}; please have the administrator extend it.",
        )
        raise Invalid("missing_glyph", *told, fields={field: told}, code_points=points)


_one_reads = Lock()


def outlines() -> Outlines:
    """Of the font this release ships. One thread reads it and the others wait: each copy would be 40 MiB."""
    with _one_reads:
        return _shipped()


@cache
def _shipped() -> Outlines:
    return Outlines(FONT)


def placed(x: float, y: float, *, width: float, height: float, turned: float = 0, slanted: float = 0) -> Transform:
    """An em square at a place: so large, turned clockwise and slanted to the right, both in degrees."""
    turn, slant = radians(turned), -tan(radians(slanted))
    turned_about = Transform(cos(turn), sin(turn), -sin(turn), cos(turn), x, y)
    whole: Transform = turned_about.transform(Transform(1, 0, slant, 1, 0, 0)).transform(Identity.scale(width, height))
    return whole
