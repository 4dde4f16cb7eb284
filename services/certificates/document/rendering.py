"""From a page to a PDF. The same page is the same bytes: nothing in it comes from a clock, a path or chance."""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path

import segno

from services.certificates.document.page import Page
from shared.department.typeset import typeset

TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class Pictures:
    """SVG."""

    handwriting: bytes
    seal: bytes
    counter: "Pictures | None" = None  # of a second body


def render(page: Page, pictures: Pictures, template: str, at: datetime) -> bytes:
    """Raises Misconfigured for an unknown template, Broken when the page cannot be set. Blocks: call it in a thread."""
    data = page.as_data() | {
        "qr": _qr(page.qr),
        "handwriting": pictures.handwriting.decode(),
        "seal": pictures.seal.decode(),
    }
    if pictures.counter:
        data["counter"] |= {
            "handwriting": pictures.counter.handwriting.decode(),
            "seal": pictures.counter.seal.decode(),
        }
    return typeset(TEMPLATES / f"{template}.typ", data, at)


def _qr(text: str) -> str:
    svg = BytesIO()
    segno.make(text, error="m", micro=False).save(svg, kind="svg", border=2, xmldecl=False)
    return svg.getvalue().decode()
