"""JSON from strangers, bounded before anything is made of it: length, depth, digits of a number."""

import json
import math
import re
from typing import Any, Final, NoReturn

from shared.inspection.limits import JSON_DEPTH, JSON_DIGITS, JSON_LENGTH

_PARTS: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{}]', re.DOTALL)


def read_json(content: bytes) -> Any:
    """Raises ValueError for what is no JSON, or too much of it."""
    if len(content) > JSON_LENGTH:
        raise ValueError("too long")
    _check_depth(content)
    return json.loads(content, parse_int=_integer, parse_float=_number, parse_constant=_no_number)


def _check_depth(content: bytes) -> None:
    if content.count(b"[") + content.count(b"{") <= JSON_DEPTH:
        return
    depth = 0
    for part in _PARTS.finditer(content):
        if part.group() in (b"[", b"{"):
            depth += 1
            if depth > JSON_DEPTH:
                raise ValueError("nested too deep")
        elif part.group() in (b"]", b"}"):
            depth -= 1


def _integer(digits: str) -> int:
    if len(digits) > JSON_DIGITS:
        raise ValueError("a number too long")
    return int(digits)


def _number(digits: str) -> float:
    if len(digits) > 2 * JSON_DIGITS or not math.isfinite(value := float(digits)):
        raise ValueError("a number too long or too large")
    return value


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")
