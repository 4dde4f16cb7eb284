"""JSON of strangers is bounded before it is read."""

import pytest

from shared.inspection.json_text import read_json
from shared.inspection.limits import JSON_DEPTH, JSON_LENGTH


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b'"\\',
        b"[" * 100_000,
        b"[" * (JSON_DEPTH + 1) + b"]" * (JSON_DEPTH + 1),
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b"9" * 5_000,
        b"9" * 21,
        b"1e999",
        b"NaN",
        b"[-Infinity]",
        b" " * (JSON_LENGTH + 1),
    ],
)
def test_what_is_no_json_or_too_much_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):
        read_json(content)


def test_brackets_in_words_open_nothing() -> None:
    assert read_json(b'{"a": "' + b"[{" * 100 + b'\\"[", "b": [1.5]}')["b"] == [1.5]
    deepest = b"[" * JSON_DEPTH + b"]" * JSON_DEPTH
    assert isinstance(read_json(deepest), list)
