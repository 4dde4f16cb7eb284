"""The QR codes in a picture, or on the pages of a PDF. Needs the `local` extra."""

import io
from collections.abc import Iterator

import pypdfium2
import zxingcpp
from PIL import Image

MOST_PAGES = 10
SCALE = 3  # 216 dots an inch
FORMATS = ("PNG", "JPEG")


def get_ready() -> None:
    """Load what is otherwise loaded with the first picture."""
    Image.preinit()


def codes_in(content: bytes) -> list[str]:
    """Their texts; none from what cannot be read as a picture or a PDF."""
    try:
        pictures = list(_pages(content) if b"%PDF-" in content[:1024] else _picture(content))
    except (pypdfium2.PdfiumError, Image.DecompressionBombError, OSError, SyntaxError, ValueError):
        return []
    return [code.text for picture in pictures for code in zxingcpp.read_barcodes(picture) if code.text]


def _pages(content: bytes) -> Iterator[Image.Image]:
    with pypdfium2.PdfDocument(content) as document:
        for number in range(min(len(document), MOST_PAGES)):
            yield document[number].render(scale=SCALE).to_pil()


def _picture(content: bytes) -> Iterator[Image.Image]:
    with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
        yield picture.convert("L")
