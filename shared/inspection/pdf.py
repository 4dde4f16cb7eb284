"""How much a PDF holds, counted before a parser makes anything of it.

Counted by what is written, not by what a parser would follow: words can be written so that they are not found here.
What slips through meets the parser's own limits, and then those of the process.
"""

import re
import zlib
from collections.abc import Iterator
from typing import Final, Literal

from shared.inspection.limits import MIB, PdfLimits
from shared.inspection.outcome import BeyondLimits

HEADER: Final = b"%PDF-"
WITHIN: Final = 1024  # bytes from the beginning in which readers look for the header
PIECE: Final = MIB  # bytes unpacked at once

_OBJECT = re.compile(rb"\bobj\b")
_PAGE = re.compile(rb"/Type\s*/Page\b")
_SIGNATURE = re.compile(rb"/ByteRange\b")
_SIZE = re.compile(rb"/Size\s+(\d{1,20})")
_COUNT = re.compile(rb"/Count\s+(\d{1,20})")
_WIDTH = re.compile(rb"/Width\s+(\d{1,20})")
_HEIGHT = re.compile(rb"/Height\s+(\d{1,20})")
_STREAM = re.compile(rb"stream\r?\n")
_BRACKETS = re.compile(rb"<<|>>|[\[\]]")
_BEFORE_STREAM: Final = 4096  # bytes in which a stream's dictionary is looked for


def is_pdf(content: bytes) -> bool:
    """By what readers go by: a byte order mark, blanks or other bytes may come before the header."""
    return HEADER in content[:WITHIN]


def check(content: bytes, limits: PdfLimits) -> None:
    """Raises BeyondLimits."""
    _at_most(_times(_OBJECT, content), limits.objects, "objects")
    _at_most(max((int(one) for one in _SIZE.findall(content)), default=0), limits.objects, "objects")
    _at_most(content.count(b"xref"), 2 * limits.revisions, "objects")  # before each table, and behind it
    _at_most(_times(_SIGNATURE, content), limits.signatures, "signatures")
    _at_most(max((int(one) for one in _COUNT.findall(content)), default=0), limits.objects, "pages")
    pages = _times(_PAGE, content)
    decoded = at = 0
    for streams, (begin, end) in enumerate(_streams(content), 1):
        _at_most(streams, limits.streams, "objects")
        between = content[at:begin]
        _check_depth(between, limits.depth)
        about = content[max(at, begin - _BEFORE_STREAM) : begin]
        _check_pixels(about, limits.pixels)
        for piece in _unpacked(content[begin:end]):
            decoded += len(piece)
            _at_most(decoded, limits.decoded, "decoded")
            if b"/ObjStm" in about:
                pages += _times(_PAGE, piece)
        at = end
    _check_depth(content[at:], limits.depth)
    _at_most(pages, limits.pages, "pages")


def _at_most(found: int, most: int, cause: Literal["objects", "signatures", "pages", "decoded"]) -> None:
    if found > most:
        raise BeyondLimits(cause)


def _times(pattern: re.Pattern[bytes], content: bytes) -> int:
    return sum(1 for _ in pattern.finditer(content))


def _streams(content: bytes) -> Iterator[tuple[int, int]]:
    """Where each begins and ends."""
    at = 0
    while found := _STREAM.search(content, at):
        begin = found.end()
        end = content.find(b"endstream", begin)
        if end < 0:
            end = len(content)
        yield begin, end
        at = end + len(b"endstream")


def _unpacked(packed: bytes) -> Iterator[bytes]:
    """Piece by piece; nothing of what is not deflated, or broken."""
    unpacking = zlib.decompressobj()
    try:
        while packed and not unpacking.eof:
            piece = unpacking.decompress(packed, PIECE)
            if not piece:
                return
            yield piece
            packed = unpacking.unconsumed_tail
    except zlib.error:
        return


def _check_depth(words: bytes, most: int) -> None:
    """An array that a string of text seems to open counts, too: of those no honest file has many."""
    depth = 0
    for bracket in _BRACKETS.finditer(words):
        if bracket.group() in (b"<<", b"["):
            depth += 1
            if depth > most:
                raise BeyondLimits("depth")
        elif depth:
            depth -= 1


def _check_pixels(dictionary: bytes, most: int) -> None:
    widths, heights = _WIDTH.findall(dictionary), _HEIGHT.findall(dictionary)
    if widths and heights and int(widths[-1]) * int(heights[-1]) > most:
        raise BeyondLimits("pixels")
