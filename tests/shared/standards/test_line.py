import unicodedata
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.standards.errors import NotValid
from shared.standards.line import OneLine, one_line


class Bill(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)
    item: Annotated[str, OneLine(10, is_drawn=True)]


@pytest.mark.parametrize(("typed", "line"), [(" 3排12号 ", "3排12号"), ("\uf92c家庄", "郎家庄"), ("a  b", "a  b")])
def test_a_line_is_composed_and_stands_without_blanks_around(typed: str, line: str) -> None:
    assert one_line(typed, 10) == line


@pytest.mark.parametrize(
    ("typed", "code", "point"),
    [
        ("阿莫西林\u202e片", "unwanted_character", "U+202E"),
        ("a\u200bb", "unwanted_character", "U+200B"),
        ("a\nb", "unwanted_character", "U+000A"),
        ("a\u2028b", "unwanted_character", "U+2028"),
        ("a\0b", "unwanted_character", "U+0000"),
        ("a\ue000b", "unwanted_character", "U+E000"),
        ("a\ud800b", "unwanted_character", "U+D800"),
        ("好🙂", "not_drawable", "U+1F642"),
        ("  ", "missing", ""),
        ("长" * 11, "too_long", "10"),
    ],
)
def test_a_refusal_names_the_character(typed: str, code: str, point: str) -> None:
    with pytest.raises(NotValid) as refused:
        one_line(typed, 10, is_drawn=True)
    assert refused.value.code == code
    assert point in refused.value.zh
    assert "\u202e" not in refused.value.zh


@given(st.text())
def test_what_is_taken_stays_as_it_is(text: str) -> None:
    try:
        line = one_line(text, 100)
    except NotValid:
        return
    assert one_line(line, 100) == line == line.strip()
    assert unicodedata.is_normalized("NFC", line)


def test_a_field_is_refused_with_the_reason_of_the_line() -> None:
    assert Bill(item=" 床位费 ").item == "床位费"
    with pytest.raises(ValidationError) as refused:
        Bill(item="阿莫西林\u202e片")
    assert refused.value.errors()[0]["type"] == "unwanted_character"
