"""What is looked at before a request goes anywhere: its address, its head, and the names of its parameters."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote_to_bytes

from shared.contracts.errors import Invalid
from shared.department.field_errors import NOT_TIME, OUT_OF_TIME
from shared.department.json_body import TOO_LARGE, shown
from shared.department.limits import (
    BIGGEST_SEQUENCE,
    LONGEST_HEADER,
    LONGEST_PATH,
    LONGEST_QUERY,
    MOST_HEADERS,
    MOST_PARAMETERS,
)
from shared.department.problem_texts import INVALID
from shared.department.unreadable import Unreadable
from shared.standards.day import FIRST_YEAR, LAST_YEAR
from shared.standards.text import Text

_CONTROL = re.compile("[\x00-\x1f\x7f]")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_READ_AS_IT_IS = (b"", b"identity")

UNREADABLE = Text(
    zh="含有无法识别的字符（须为UTF-8，且不得有控制字符），请检查后重新发送。",
    en="There are characters in this that cannot be read (UTF-8 without control characters, please).",
)
ONCE = Text(zh="此参数只能出现一次。", en="This may be given once only.")


def check_address(scope: Any, headers: Mapping[bytes, bytes]) -> None:
    """Before routing. Raises Unreadable."""
    _check_head(scope["headers"], headers)
    raw: bytes = scope.get("raw_path") or b""
    if len(raw) > LONGEST_PATH or len(scope["query_string"]) > LONGEST_QUERY:
        raise Unreadable(
            414,
            "address_too_long",
            f"网址过长（路径最多{LONGEST_PATH}字节，参数最多{LONGEST_QUERY}字节），请缩短后重试。",
            f"The address is too long (path {LONGEST_PATH} bytes, parameters {LONGEST_QUERY}); please shorten it.",
        )
    if (b"%" in raw and _read(raw) is None) or _CONTROL.search(scope["path"]):
        raise Unreadable(
            400,
            "address_unreadable",
            "网址中有无法识别的字符，请核对网址。",
            "There are characters in the address that cannot be read; please check it.",
        )


def _check_head(lines: Collection[tuple[bytes, bytes]], headers: Mapping[bytes, bytes]) -> None:
    if len(lines) > MOST_HEADERS or any(len(value) > LONGEST_HEADER for _, value in lines):
        raise Unreadable(
            431,
            "headers_too_large",
            f"请求头过多或过长（最多{MOST_HEADERS}项，每项最多{LONGEST_HEADER}字节），请缩减后重试。",
            f"There are too many headers, or one is too long ({MOST_HEADERS} at most, of {LONGEST_HEADER} bytes each).",
        )
    if headers.get(b"content-encoding", b"").strip().lower() not in _READ_AS_IT_IS:
        text = Text(
            zh="不接受压缩的请求正文，请不压缩直接发送。", en="A compressed body is not taken; please send it as it is."
        )
        raise Unreadable(415, "content_encoding_not_supported", *text, fields={"Content-Encoding": text})


def parameters_of(query: bytes) -> Iterator[tuple[str, str]]:
    """Names and values in their order. Raises Unreadable naming the parameter that cannot be read, or for too many."""
    parts = [part for part in query.split(b"&") if part]
    if len(parts) > MOST_PARAMETERS:
        raise Unreadable(
            400,
            "too_many_parameters",
            f"参数过多，最多{MOST_PARAMETERS}个。",
            f"There are too many parameters; {MOST_PARAMETERS} at most, please.",
        )
    for part in parts:
        name, _, value = part.partition(b"=")
        read_name, read_value = _read(name.replace(b"+", b" ")), _read(value.replace(b"+", b" "))
        if read_name is None or read_value is None:
            field = shown(read_name or "query")
            raise Unreadable(400, "parameter_unreadable", *UNREADABLE, fields={field: UNREADABLE})
        yield read_name, read_value


def check_parameters(query: bytes, known: Mapping[str, "Shape"]) -> None:
    """After routing. Raises Invalid naming those that this address does not know, and those given twice."""
    seen: set[str] = set()
    wrong: dict[str, Text] = {}
    for name, value in parameters_of(query):
        shape = known.get(name)
        if shape is None:
            raise _unknown(name, sorted(known))
        if name in seen and not shape.is_list:
            raise Invalid("repeated_parameter", *ONCE, fields={name: ONCE})
        seen.add(name)
        if text := shape.wrong(value):
            wrong[name] = text
    if wrong:
        raise Invalid(INVALID.code, *INVALID.detail, fields=wrong)


def _unknown(name: str, known: Collection[str]) -> Invalid:
    there_are = "、".join(known), ", ".join(known)
    text = Text(
        zh=f"没有此参数。可用的参数：{there_are[0]}。" if known else "没有此参数。此地址不带参数。",
        en=f"There is no such parameter. There are: {there_are[1]}."
        if known
        else "There is no such parameter. This address takes none.",
    )
    return Invalid("unknown_parameter", *text, fields={shown(name) or "query": text})


class Shape:
    """What a parameter is, as far as its edges matter; the rest Litestar reads."""

    def __init__(self, kinds: Collection[Any], *, is_list: bool) -> None:
        self.is_list = is_list
        self._is_integer = int in kinds
        self._is_moment = datetime in kinds
        self._is_day = date in kinds

    def wrong(self, value: str) -> Text | None:
        if self._is_integer and _INTEGER.fullmatch(value):
            is_within = len(value) <= len(str(BIGGEST_SEQUENCE)) + 1 and abs(int(value)) <= BIGGEST_SEQUENCE
            return None if is_within else TOO_LARGE
        if self._is_moment or self._is_day:
            return self._wrong_time(value)
        return None

    def _wrong_time(self, value: str) -> Text | None:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None  # Litestar says so, by name
        if self._is_moment and moment.tzinfo is None:
            return NOT_TIME
        return None if FIRST_YEAR <= moment.year <= LAST_YEAR else OUT_OF_TIME


def _read(quoted: bytes) -> str | None:
    """None: not UTF-8, or with control characters."""
    try:
        text = unquote_to_bytes(quoted).decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(text) else text
