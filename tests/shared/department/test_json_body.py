"""JSON of strangers is bounded and unambiguous, or refused by the name of what is wrong."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.errors import Invalid
from shared.department.json_body import read_json
from shared.department.limits import DEEPEST, LARGEST_NUMBER, MOST_DIGITS, MOST_VALUES
from shared.department.unreadable import Unreadable

PLAIN = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-LARGEST_NUMBER, LARGEST_NUMBER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(PLAIN),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(PLAIN, max_size=20), inner, max_size=5),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_honest_json_is_read_as_it_was_written(value: Any, is_ascii: bool) -> None:
    assert read_json(json.dumps(value, ensure_ascii=is_ascii).encode()) == value


def test_lines_and_tabs_are_text() -> None:
    assert read_json(b'"a\\r\\n\\tb"') == "a\r\n\tb"


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(Unreadable, Invalid):
        read_json(body)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "json_too_deep"),
        (b"[" * 1_000_000, "json_too_deep"),
        (b'{"a":' * 100_000, "json_too_deep"),
        (b"[" + b"1," * MOST_VALUES + b"1]", "json_too_many_values"),
        (b'"\xff"', "not_utf8"),
        (b'"\xed\xa0\x80"', "not_utf8"),
        (b"NaN", "json_broken"),
        (b"-Infinity", "json_broken"),
        (b"", "json_broken"),
        (b"\xef\xbb\xbf{}", "json_broken"),
    ],
)
def test_what_cannot_be_read_says_why(body: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_json(body)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"a": {"b": ["x", "\\u0000"]}}', "a.b.1"),
        (b'{"a": "\\udc00"}', "a"),
        (b'{"a": {"b": 1, "b": 2}}', "a.b"),
        (b'{"a": 9007199254740992}', "a"),
        (b'{"a": 1e400}', "a"),
        (b'{"a": 0.' + b"1" * MOST_DIGITS + b"}", "a"),
        (b'"\\u0007"', "body"),
        (b'{"' + b"n" * 300 + b'": 1}', "n" * 100),
    ],
)
def test_what_is_wrong_is_named(body: bytes, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_json(body)
    assert list(refusal.value.fields) == [field]


def test_brackets_within_a_text_are_text() -> None:
    assert read_json(json.dumps({"a": "[{" * 1000}).encode()) == {"a": "[{" * 1000}


def test_as_deep_and_as_many_as_may_be_are_read() -> None:
    assert read_json(b"[" * DEEPEST + b"]" * DEEPEST) is not None
    assert len(read_json(b"[" + b"1," * (MOST_VALUES - 2) + b"1]")) == MOST_VALUES - 1
