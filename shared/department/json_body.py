"""JSON from strangers: bounded and unambiguous before anything is made of it (RFC 8259, and I-JSON of RFC 7493)."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from shared.contracts.errors import Invalid
from shared.department.limits import DEEPEST, LARGEST_NUMBER, LONGEST_KEY, MOST_DIGITS, MOST_VALUES
from shared.department.problem_texts import INVALID, JSON_BROKEN
from shared.department.unreadable import Unreadable
from shared.standards.text import Text

MOST_TOLD = 20  # fields named in one answer
LONGEST_PLACE = 100  # characters of a field's place, which comes from the sender

_PARTS = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{},]', re.DOTALL)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # a tab and the ends of lines are text
_SURROGATE = re.compile("[\ud800-\udfff]")

CONTROL = Text(
    zh="含有不可见的控制字符，请删除后重填。",
    en="There are control characters in this; please remove them and fill it in again.",
)
SURROGATE = Text(
    zh="含有不完整的字符（单独的代理码位），请重新输入。",
    en="There is half a character in this (a lone surrogate); please enter it again.",
)
TWICE = Text(zh="此项出现了两次，请只保留一处。", en="This comes twice; please keep one of them.")
TOO_LARGE = Text(
    zh=f"数字超出范围，请填写绝对值不超过{LARGEST_NUMBER}的数。",
    en=f"This number is out of range; please keep within {LARGEST_NUMBER}.",
)
TOO_MANY_DIGITS = Text(
    zh=f"数字过长，最多{MOST_DIGITS}位。", en=f"This number is too long: {MOST_DIGITS} digits at most, please."
)
KEY_TOO_LONG = Text(
    zh=f"名称过长，最多{LONGEST_KEY}个字符。", en=f"A name has {LONGEST_KEY} characters at most, please."
)

PLAIN = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]*$"
"""The pattern of text as it may be sent, for the interface's description."""


@dataclass(frozen=True, slots=True)
class _Wrong:
    """Stands in the place of a value that may not be; `at` names the member of an object."""

    text: Text
    at: str | None = None


def read_json(body: bytes) -> Any:
    """The value. Raises Unreadable for what is no JSON or too much of it, and Invalid naming every place that is wrong:
    control characters, lone surrogates, a member twice, numbers too large or too long."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable(
            400,
            "not_utf8",
            "请求正文不是有效的UTF-8编码，请转换编码后重新发送。",
            "The body is not valid UTF-8; please encode it so and send it again.",
        ) from None
    _measure(text)
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_int=_integer, parse_float=_number, parse_constant=_no_number
        )
    except (ValueError, RecursionError):
        raise Unreadable(JSON_BROKEN.status, JSON_BROKEN.code, *JSON_BROKEN.detail) from None
    if wrong := dict(_first(_wrong_in(value))):
        raise Invalid(INVALID.code, *INVALID.detail, fields=wrong)
    return value


def _measure(text: str) -> None:
    """Depth and number of values, without making any."""
    opened = text.count("[") + text.count("{")
    if opened <= DEEPEST and opened + text.count(",") <= MOST_VALUES:
        return
    depth = values = 0
    for match in _PARTS.finditer(text):
        match match.group():
            case "[" | "{":
                depth += 1
                values += 1
            case "]" | "}":
                depth -= 1
            case ",":
                values += 1
        if depth > DEEPEST:
            raise Unreadable(
                400,
                "json_too_deep",
                f"请求正文嵌套过深（最多{DEEPEST}层），请检查后重新发送。",
                f"The body is nested too deep ({DEEPEST} levels at most); please check it and send it again.",
            )
        if values > MOST_VALUES:
            raise Unreadable(
                400,
                "json_too_many_values",
                f"请求正文的项数过多（最多{MOST_VALUES}项），请分批发送。",
                f"There are too many values in the body ({MOST_VALUES} at most); please send it in parts.",
            )


def _object(pairs: list[tuple[str, Any]]) -> Any:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                return _Wrong(TWICE, name)
            seen.add(name)
    return found


def _integer(digits: str) -> Any:
    if len(digits) > MOST_DIGITS:
        return _Wrong(TOO_MANY_DIGITS)
    value = int(digits)
    return value if -LARGEST_NUMBER <= value <= LARGEST_NUMBER else _Wrong(TOO_LARGE)


def _number(digits: str) -> Any:
    if len(digits) > MOST_DIGITS:
        return _Wrong(TOO_MANY_DIGITS)
    value = float(digits)
    return value if math.isfinite(value) else _Wrong(TOO_LARGE)


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")


def _wrong_in(value: Any) -> Iterator[tuple[str, Text]]:
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        place, one = waiting.pop()
        if isinstance(one, str):
            if text := _wrong_text(one):
                yield place or "body", text
        elif isinstance(one, dict):
            for name, member in one.items():
                at = f"{place}.{name}" if place else name
                if text := _wrong_name(name):
                    yield shown(at), text
                waiting.append((at, member))
        elif isinstance(one, list):
            waiting.extend((f"{place}.{nth}" if place else str(nth), item) for nth, item in enumerate(one))
        elif isinstance(one, _Wrong):
            at = place if one.at is None else f"{place}.{one.at}" if place else one.at
            yield shown(at) or "body", one.text


def control_in(text: str) -> bool:
    """Whether there is a control character in it that no text has."""
    return _CONTROL.search(text) is not None


def _wrong_text(text: str) -> Text | None:
    if text.isprintable():  # neither is, and few other texts are not
        return None
    return CONTROL if _CONTROL.search(text) else SURROGATE if _SURROGATE.search(text) else None


def _wrong_name(name: str) -> Text | None:
    return KEY_TOO_LONG if len(name) > LONGEST_KEY else _wrong_text(name)


def _first(found: Iterator[tuple[str, Text]]) -> Iterator[tuple[str, Text]]:
    for _, one in zip(range(MOST_TOLD), found, strict=False):
        yield shown(one[0]), one[1]


def shown(name: str) -> str:
    """A sender's name for something, fit to be said again: short, and with nothing invisible in it."""
    return "".join(character if character.isprintable() else "?" for character in name[:LONGEST_PLACE])
