"""Frames on a pipe: JSON that says what it is about, and bytes beside it. Bounded, and all that crosses."""

import json
import os
import struct
from typing import Any, Final

from shared.inspection.limits import LARGEST_CONTENT, LARGEST_HEADER

LENGTHS: Final = struct.Struct(">II")
PIECE: Final = 1024 * 1024  # bytes read at once


class WrongFrame(Exception):
    """It is longer than any frame may be, or none at all."""


def frame(header: dict[str, Any], content: bytes = b"") -> list[bytes]:
    """The pieces to be written, one after the other."""
    told = json.dumps(header).encode("ascii")
    check(len(told), len(content))
    return [LENGTHS.pack(len(told), len(content)), told, content]


def read(pipe: int) -> tuple[dict[str, Any], bytes] | None:
    """The next one, by the pipe's descriptor. None: the other side has closed."""
    lengths = _exactly(pipe, LENGTHS.size)
    if lengths is None:
        return None
    of_header, of_content = LENGTHS.unpack(lengths)
    check(of_header, of_content)
    told, content = _exactly(pipe, of_header), _exactly(pipe, of_content)
    return None if told is None or content is None else (parsed(told), content)


def write(pipe: int, header: dict[str, Any]) -> None:
    view = memoryview(b"".join(frame(header)))
    while view:
        view = view[os.write(pipe, view) :]


def _exactly(pipe: int, length: int) -> bytes | None:
    found = bytearray()
    while len(found) < length:
        piece = os.read(pipe, min(length - len(found), PIECE))
        if not piece:
            return None
        found += piece
    return bytes(found)


def check(of_header: int, of_content: int) -> None:
    if of_header > LARGEST_HEADER or of_content > LARGEST_CONTENT:
        raise WrongFrame(f"a frame of {of_header} and {of_content} bytes")


def parsed(told: bytes) -> dict[str, Any]:
    try:
        header = json.loads(told)
    except (ValueError, RecursionError):
        raise WrongFrame("no JSON") from None
    if not isinstance(header, dict):
        raise WrongFrame("no JSON object")
    return header
