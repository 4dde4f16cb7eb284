"""An officer's own handwriting, handed in as a PNG: taken apart, and put together again with nothing but the picture.

Source: PNG (Third Edition), W3C 2025.
"""

import base64
import struct
import zlib
from collections.abc import Iterator

from shared.contracts.errors import Invalid
from shared.standards.text import Text

LARGEST = 200_000  # bytes
WIDEST, HIGHEST = 1600, 800  # pixels
BEGIN = b"\x89PNG\r\n\x1a\n"
SHOWN_HEIGHT = 14  # millimetres
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
KEPT = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")  # the rest may tell of the device, the place, the person


def own_hand(png: bytes) -> bytes:
    """SVG that holds the picture. Raises Invalid naming `picture`: too large, no PNG, or a broken one."""
    if len(png) > LARGEST:
        raise _wrong(
            "picture_too_large", f"图片不能超过{LARGEST // 1000}KB。", f"At most {LARGEST // 1000} kB, please."
        )
    try:
        chunks = [(kind, data) for kind, data in _chunks(png) if kind in KEPT]
        width, height = _size(chunks)
    except (ValueError, struct.error, zlib.error):
        raise _wrong(
            "no_png",
            "不是完整的PNG图片，请重新扫描后上传。",
            "This is no PNG picture, or a broken one; please scan the signature again.",
        ) from None
    if not (1 <= width <= WIDEST and 1 <= height <= HIGHEST):
        raise _wrong(
            "picture_too_large",
            f"图片不能超过{WIDEST}×{HIGHEST}像素。",
            f"At most {WIDEST} × {HIGHEST} pixels, please.",
        )
    clean = BEGIN + b"".join(_chunk(kind, data) for kind, data in chunks)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SHOWN_HEIGHT * width / height:g}mm" '
        f'height="{SHOWN_HEIGHT}mm" viewBox="0 0 {width} {height}"><image width="{width}" height="{height}" '
        f'href="data:image/png;base64,{base64.b64encode(clean).decode("ascii")}"/></svg>'
    ).encode()


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and data of each. Raises ValueError, struct.error: not whole, or something follows the picture."""
    if not png.startswith(BEGIN):
        raise ValueError
    at = len(BEGIN)
    kind = b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", png, at)
        data = png[at + 8 : at + 8 + length]
        if _chunk(kind, data) != png[at : at + 12 + length]:
            raise ValueError
        at += 12 + length
        yield kind, data
    if at != len(png):
        raise ValueError


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _size(chunks: list[tuple[bytes, bytes]]) -> tuple[int, int]:
    """Width and height in pixels, of a picture whose pixels are all there. Raises ValueError, zlib.error."""
    if chunks[0][0] != b"IHDR":
        raise ValueError
    width, height, depth, colour, _, _, is_interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    if colour not in CHANNELS or is_interlaced:
        raise ValueError
    row = 1 + (width * CHANNELS[colour] * depth + 7) // 8
    if width <= WIDEST and height <= HIGHEST:  # else it is refused as too large, and not unpacked
        pixels = zlib.decompressobj().decompress(
            b"".join(data for kind, data in chunks if kind == b"IDAT"), row * height + 1
        )
        if len(pixels) != row * height:
            raise ValueError
    return width, height


def _wrong(code: str, zh: str, en: str) -> Invalid:
    return Invalid(code, zh, en, fields={"picture": Text(zh, en)})
