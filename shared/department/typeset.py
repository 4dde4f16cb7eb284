"""From a template (Typst) and its data to a PDF. The same data are the same bytes: nothing comes from a clock, a path
or chance. Data are set as text; nothing in them is read as markup."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import Lock

import typst

from shared.contracts.errors import Broken, Misconfigured
from shared.contracts.event import Json

FONTS = Path(__file__).with_name("fonts")

_one_at_a_time = Lock()  # a compiler works for one thread only; a page takes it a few milliseconds


def typeset(template: Path, page: Json, at: datetime) -> bytes:
    """`page` is the template's `sys.inputs.page`, as JSON; `at` is told as the time it was made.

    Raises Misconfigured when there is no such template, Broken when it cannot be set. Blocks: call it in a thread.
    """
    inputs = {"page": json.dumps(page, ensure_ascii=False)}
    with _one_at_a_time:
        compiler = _compiler(template)
        try:
            pdf = compiler.compile(format="pdf", sys_inputs=inputs, timestamp=int(at.timestamp()))
        except typst.TypstError as error:
            raise Broken(f"template {template.name}: {error.message}") from None
    assert isinstance(pdf, bytes)
    return pdf


@cache
def _compiler(template: Path) -> typst.Compiler:
    if not template.is_file():
        raise Misconfigured(f"there is no template {template.name}")
    return typst.Compiler(template, root=template.parent, font_paths=_fonts())


@cache
def _fonts() -> typst.Fonts:
    """Of all templates: whoever reads them holds 15 MiB."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
