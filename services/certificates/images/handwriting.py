"""An officer's signature as a picture, drawn from his name: nobody wrote it, and it does not claim that anyone did.

What binds is the key beside it. Who wants his own hand to be seen hands in a picture of it: see `own_hand`.
"""

from hashlib import sha256

from services.certificates.images.outlines import outlines, placed, require_outlines
from shared.contracts.errors import Invalid
from shared.standards.text import Text

LONGEST = 15  # characters: names of minority nationalities are written out
INK = "#15233f"
HEIGHT = 140  # tenths of a millimetre
CHARACTER = 96
STEP = 82
MARGIN = 34


def handwriting(name: str) -> bytes:
    """SVG, the same for the same name. Raises what `require_writable` raises."""
    require_writable(name)
    width = 2 * MARGIN + CHARACTER + STEP * (len(name) - 1)
    strokes = "".join(_written(name, nth) for nth in range(len(name)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width / 10:g}mm" height="{HEIGHT / 10:g}mm" '
        f'viewBox="0 0 {width} {HEIGHT}" fill="{INK}">'
        f'<g stroke="{INK}" stroke-width="14" stroke-linejoin="round">{strokes}</g><path d="{_flourish(width)}"/></svg>'
    ).encode()


def require_writable(name: str) -> None:
    """Raises Invalid naming `name`: its length, or a character that the font lacks."""
    if not 1 <= len(name) <= LONGEST:
        text = Text(f"姓名应为1至{LONGEST}个字，请核对。", f"A name has 1 to {LONGEST} characters; please check it.")
        raise Invalid("name_length", *text, fields={"name": text})
    require_outlines("name", name)


def _written(name: str, nth: int) -> str:
    """One character, leaning, and never quite like the one before: by its place in the name, not by chance."""
    leaning, lifted, grown, *_ = (byte / 255 - 0.5 for byte in sha256(f"{name}\n{nth}".encode()).digest())
    size = CHARACTER * (1 + 0.14 * grown) * (1.06 if nth == 0 else 0.96)
    x = MARGIN + CHARACTER / 2 + STEP * nth
    y = HEIGHT * 0.46 + 10 * lifted
    return outlines().path(name[nth], placed(x, y, width=size * 0.9, height=size, turned=9 * leaning - 4, slanted=14))


def _flourish(width: float) -> str:
    """The stroke beneath, thick in the middle."""
    left, right, y = MARGIN * 0.8, width - MARGIN * 0.5, HEIGHT * 0.87
    return (
        f"M{left:.1f},{y:.1f}C{width * 0.35:.1f},{y - 9:.1f} {width * 0.65:.1f},{y + 3:.1f} {right:.1f},{y - 12:.1f}"
        f"C{width * 0.65:.1f},{y + 8:.1f} {width * 0.35:.1f},{y - 4:.1f} {left:.1f},{y:.1f}Z"
    )
