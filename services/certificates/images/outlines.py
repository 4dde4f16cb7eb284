"""Characters as outlines, so that a picture with words in it needs no font to be shown."""

from functools import cache
from math import cos, radians, sin, tan
from pathlib import Path

from fontTools.misc.transform import Identity, Transform
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

from shared.contracts.errors import Invalid
from shared.standards.text import Text

FONT = Path(__file__).parents[1] / "document" / "fonts" / "NotoSerifSC-Regular.ttf"
MIDDLE = 380  # of a Chinese character, in font units above the baseline; an em has 1,000


class Outlines:
    """The font's Chinese characters, each an em wide and about an em high around its middle."""

    def __init__(self, path: Path) -> None:
        font = TTFont(path, lazy=True)
        self._em: float = font["head"].unitsPerEm
        self._glyphs = font.getGlyphSet()
        self._names: dict[int, str] = font.getBestCmap()

    def require(self, field: str, text: str) -> None:
        """Raises Invalid "missing_glyph" naming the field unless every character can be drawn."""
        missing = [character for character in dict.fromkeys(text) if ord(character) not in self._names]
        if missing:
            points = [f"U+{ord(character):04X}" for character in missing]
            told = Text(
                f"字库中没有这些字：{'、'.join(points)}，无法制章；请报告管理员补充字库。",
                f"The font cannot draw {', '.join(points)}; please have the administrator extend it.",
            )
            raise Invalid("missing_glyph", *told, fields={field: told}, code_points=points)

    def path(self, character: str, placed: Transform) -> str:
        """SVG path data. `placed` takes the em square, its middle at the origin and y downwards, to the picture."""
        glyph = self._glyphs[self._names[ord(character)]]
        to_middle = Transform(1 / self._em, 0, 0, -1 / self._em, -glyph.width / 2 / self._em, MIDDLE / self._em)
        pen = SVGPathPen(self._glyphs, ntos=_number)
        glyph.draw(TransformPen(pen, placed.transform(to_middle)))
        commands: str = pen.getCommands()
        return commands


@cache
def outlines() -> Outlines:
    """Of the font this release ships."""
    return Outlines(FONT)


def placed(x: float, y: float, *, width: float, height: float, turned: float = 0, slanted: float = 0) -> Transform:
    """An em square at a place: so large, turned clockwise and slanted to the right, both in degrees."""
    turn, slant = radians(turned), -tan(radians(slanted))
    turned_about = Transform(cos(turn), sin(turn), -sin(turn), cos(turn), x, y)
    whole: Transform = turned_about.transform(Transform(1, 0, slant, 1, 0, 0)).transform(Identity.scale(width, height))
    return whole


def _number(value: float) -> str:
    """A tenth of a unit is a hundredth of a millimetre: enough."""
    text = f"{value:.1f}"
    return text.removesuffix(".0") if text != "-0.0" else "0"
