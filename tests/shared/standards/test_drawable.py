import pytest
from fontTools.ttLib import TTFont

from shared.department.glyphs import FONT
from shared.standards import drawable
from shared.standards.drawable import first_undrawn, require_drawable
from shared.standards.errors import NotValid


def test_the_list_is_that_of_the_font_which_papers_use() -> None:
    with TTFont(FONT, lazy=True) as font:
        drawn = set(font.getBestCmap())
    listed = {code for first, last in zip(*drawable.ranges(), strict=True) for code in range(first, last + 1)}
    assert listed == drawn
    assert set(drawable.ALWAYS_DRAWN) <= drawn
    assert {chr(code) for code in range(0x20, 0x7F)} <= set(map(chr, drawn))


@pytest.mark.parametrize("text", ["王小明", "艾力·买买提", "王〇一", "O'NEILL", "3排12号", "", "北苑（东）"])
def test_what_people_are_called_can_be_drawn(text: str) -> None:
    assert first_undrawn(text) is None


@pytest.mark.parametrize(
    ("text", "point"), [("𠮷野家", "U+20BB7"), ("好🙂", "U+1F642"), ("郎\ue863", "U+E863"), ("a\u202eb", "U+202E")]
)
def test_what_no_paper_can_show_is_named(text: str, point: str) -> None:
    with pytest.raises(NotValid) as refused:
        require_drawable(text, "child_name")
    assert (refused.value.code, refused.value.field) == ("not_drawable", "child_name")
    assert all(point in sentence for sentence in refused.value.text)
