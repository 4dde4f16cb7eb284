"""The picture of a body's official seal, drawn from its name: round, red, a star in the middle, the name around it.

42 mm across, like the seals of villagers' committees. Source of the form: 国发〔1999〕25号, 印章管理的规定.
"""

from math import cos, pi, radians, sin

from fontTools.misc.transform import Transform

from services.certificates.images.outlines import outlines, placed, require_outlines
from shared.contracts.errors import Invalid
from shared.standards.text import Text

SHORTEST, LONGEST = 6, 40  # characters of a full legal name
LOWER_TEXT = "电子证照专用章"

RED = "#d9000d"
SIZE = 420  # tenths of a millimetre
CENTRE = SIZE / 2
BORDER = 11
RING = 166  # radius of the circle that the characters' middles stand on
WIDEST_ARC = 292  # degrees of it that a long name takes
A_STEP = 27  # degrees from one character to the next of a short name
HIGHEST = 46  # of a character
NARROW = 0.92  # of the step: the width of a character where many must fit
STAR = 62
LOWER_ROW = 84  # below the centre
BOLDER = 1.8  # an engraver's strokes are thicker than a printer's


def official_seal(name: str, lower: str | None = LOWER_TEXT) -> bytes:
    """SVG. Raises what `require_drawable` raises."""
    require_drawable(name)
    height, around = _around(name)
    bolder = BOLDER * outlines().em / height
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIZE / 10:g}mm" height="{SIZE / 10:g}mm" '
        f'viewBox="0 0 {SIZE} {SIZE}" fill="{RED}">'
        f'<circle cx="{CENTRE:g}" cy="{CENTRE:g}" r="{CENTRE - BORDER / 2 - 1:g}" fill="none" stroke="{RED}" '
        f'stroke-width="{BORDER}"/><path d="{_star()}"/>'
        f'<g stroke="{RED}" stroke-width="{bolder:.1f}">{around}{_beneath(lower) if lower else ""}</g></svg>'
    ).encode()


def require_drawable(name: str) -> None:
    """Raises Invalid naming `name`: too short, too long, or a character that the font lacks."""
    if not SHORTEST <= len(name) <= LONGEST:
        text = Text(
            f"单位全称应为{SHORTEST}至{LONGEST}个字，请核对。",
            f"A body's full legal name has {SHORTEST} to {LONGEST} characters; please check it.",
        )
        raise Invalid("name_length", *text, fields={"name": text})
    require_outlines("name", name)


def _around(name: str) -> tuple[float, str]:
    """How high the characters are, and they."""
    step = min(A_STEP, WIDEST_ARC / (len(name) - 1))
    width = min(HIGHEST, radians(step) * RING * NARROW)
    height = min(HIGHEST, width * 1.7)  # as engravers do: many characters become narrow, not small
    first = -step * (len(name) - 1) / 2
    return height, "".join(
        outlines().path(one, _on_ring(first + nth * step, width, height)) for nth, one in enumerate(name)
    )


def _on_ring(degrees: float, width: float, height: float) -> Transform:
    """The head outwards; 0 degrees is the top."""
    x, y = CENTRE + RING * sin(radians(degrees)), CENTRE - RING * cos(radians(degrees))
    return placed(x, y, width=width, height=height, turned=degrees)


def _beneath(text: str) -> str:
    width = min(26, 178 / len(text))
    first = CENTRE - width * (len(text) - 1) / 2
    return "".join(
        outlines().path(one, placed(first + nth * width, CENTRE + LOWER_ROW, width=width * 0.95, height=28))
        for nth, one in enumerate(text)
    )


def _star() -> str:
    inner = STAR * sin(pi / 10) / sin(3 * pi / 10)
    corners = []
    for nth in range(10):
        radius, angle = (STAR, inner)[nth % 2], nth * pi / 5
        corners.append(f"{CENTRE + radius * sin(angle):.1f},{CENTRE - radius * cos(angle):.1f}")
    return f"M{'L'.join(corners)}Z"
