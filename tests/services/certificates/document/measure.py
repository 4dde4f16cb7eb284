"""Where things stand in a PDF, in millimetres from its lower left: measured, not looked at."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import combinations

import pypdfium2
from pypdfium2 import PdfDocument

MM = 72 / 25.4
WIDTH, HEIGHT = 210.0, 297.0
RING = (34.0, 43.0)  # how wide a seal's may be
TOUCH = 0.4  # millimetres that boxes of neighbouring lines may share: their accents and descenders


@dataclass(frozen=True, slots=True)
class Box:
    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2

    def holds(self, point: tuple[float, float]) -> bool:
        x, y = point
        return self.left <= x <= self.right and self.bottom <= y <= self.top

    def overlaps(self, other: "Box") -> bool:
        return (
            min(self.right, other.right) - max(self.left, other.left) > TOUCH
            and min(self.top, other.top) - max(self.bottom, other.bottom) > TOUCH
        )


@dataclass(frozen=True, slots=True)
class Sheet:
    lines: Sequence[Box]
    rings: Sequence[Box]  # what may be the ring of a seal: as wide as high

    @property
    def text(self) -> str:
        return "".join("".join(line.text.split()) for line in self.lines)

    def outside(self, margin: float) -> list[Box]:
        """Lines that run off the sheet's inner part."""
        return [
            line
            for line in self.lines
            if line.left < margin - TOUCH
            or line.right > WIDTH - margin + TOUCH
            or line.bottom < 10
            or line.top > HEIGHT - 15
        ]

    def overprinted(self) -> list[tuple[str, str]]:
        return [(one.text, other.text) for one, other in combinations(self.lines, 2) if one.overlaps(other)]

    def line_with(self, words: str) -> Box:
        return next(line for line in self.lines if words in "".join(line.text.split()))


def sheets(pdf: bytes) -> list[Sheet]:
    return [Sheet(list(_lines(page)), list(_rings(page))) for page in PdfDocument(BytesIO(pdf))]


def _lines(page: pypdfium2.PdfPage) -> Iterator[Box]:
    text = page.get_textpage()
    for number in range(text.count_rects()):
        left, bottom, right, top = text.get_rect(number)
        said = text.get_text_bounded(left, bottom, right, top)
        yield Box(said, left / MM, bottom / MM, right / MM, top / MM)


def _rings(page: pypdfium2.PdfPage) -> Iterator[Box]:
    for one in page.get_objects():
        if one.type == pypdfium2.raw.FPDF_PAGEOBJ_PATH:
            left, bottom, right, top = (place / MM for place in one.get_bounds())
            if RING[0] < right - left < RING[1] and abs((right - left) - (top - bottom)) < 1:
                yield Box("", left, bottom, right, top)
