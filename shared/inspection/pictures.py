"""How large a picture says it is, read from its first bytes. Its pixels are never unpacked.

Sources: PNG (Third Edition), W3C 2025, §5 and §11.2.1; JPEG: ITU-T T.81 (1992), Annex B.
"""

import struct
from typing import Final

from shared.inspection.limits import JPEG_SCANS, LONGEST_SIDE, PICTURE_DECODED, PIXELS
from shared.inspection.outcome import BeyondLimits

PNG: Final = b"\x89PNG\r\n\x1a\n"
JPEG: Final = b"\xff\xd8\xff"
CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of a PNG, by colour type
FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # JPEG: markers that tell width and height
ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})  # JPEG: markers with nothing behind them
SCAN: Final = b"\xff\xda"


class NotAPicture(Exception):
    """It begins like one, and is broken."""


def check_png(content: bytes) -> None:
    """Raises BeyondLimits and NotAPicture."""
    try:
        length, kind, width, height, depth, colour = struct.unpack_from(">I4sIIBB", content, len(PNG))
    except struct.error:
        raise NotAPicture from None
    if kind != b"IHDR" or length != 13 or colour not in CHANNELS or not width or not height:
        raise NotAPicture
    _check(width, height, CHANNELS[colour] * depth)


def check_jpeg(content: bytes) -> None:
    """Raises BeyondLimits and NotAPicture."""
    if content.count(SCAN) > JPEG_SCANS:
        raise BeyondLimits("decoded")
    at = 2
    try:
        while True:
            marker = _marker(content, at)
            if marker in ALONE:
                at += 2
                continue
            (length,) = struct.unpack_from(">H", content, at + 2)
            if marker in FRAMES:
                depth, height, width, channels = struct.unpack_from(">BHHB", content, at + 4)
                break
            if marker in (0xDA, 0xD9) or length < 2:
                raise NotAPicture
            at += 2 + length
    except (struct.error, IndexError):
        raise NotAPicture from None
    if not width or not channels:
        raise NotAPicture
    _check(width, height, depth * channels)


def _marker(content: bytes, at: int) -> int:
    if content[at] != 0xFF:
        raise NotAPicture
    return content[at + 1]


def _check(width: int, height: int, bits: int) -> None:
    """`bits`: of one pixel."""
    if max(width, height) > LONGEST_SIDE or width * height > PIXELS:
        raise BeyondLimits("pixels")
    if width * height * bits // 8 > PICTURE_DECODED:
        raise BeyondLimits("decoded")
