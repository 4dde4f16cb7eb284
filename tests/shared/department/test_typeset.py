"""Setting a page: what all templates share."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typst

from shared.department import typeset


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Each reading of the fonts, from a fresh start on."""
    found: list[Any] = []
    fonts = typst.Fonts

    def counted(**given: Any) -> typst.Fonts:
        found.append(given)
        return fonts(**given)

    monkeypatch.setattr(typst, "Fonts", counted)
    typeset._fonts.cache_clear()
    yield found
    typeset._fonts.cache_clear()


def test_the_fonts_are_read_once_however_many_templates_there_are(read: list[Any], tmp_path: Path) -> None:
    for number in range(3):
        template = tmp_path / f"{number}.typ"
        template.write_text('#set text(font: "Noto Serif SC")\n居住证明', encoding="utf-8")
        assert typeset.typeset(template, {}, datetime(2023, 12, 24, tzinfo=UTC)).startswith(b"%PDF")
    assert len(read) == 1
