"""Pictures made to cost whoever opens them. The same every time."""

import struct
import zlib

from tests.doors.hostile_pdf import MB, deflated_zeros

BEGIN = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, data: bytes = b"", *, depth: int = 8, colour: int = 6) -> bytes:
    """It says that it is so large; `data` is what stands for its pixels."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return BEGIN + head + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def inflating_png(width: int = 100, height: int = 100) -> bytes:
    """Its pixels unpack to far more than it says."""
    return png(width, height, deflated_zeros(100))


def png_of_empty_chunks(count: int = 300_000) -> bytes:
    return BEGIN + chunk(b"IHDR", struct.pack(">IIBBBBB", 10, 10, 8, 6, 0, 0, 0)) + chunk(b"tEXt", b"") * count


def jpeg(width: int, height: int, scans: int = 1) -> bytes:
    frame = b"\xff\xc2\x00\x11\x08" + struct.pack(">HH", height, width) + b"\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
    scan = b"\xff\xda\x00\x0c\x03\x01\x00\x02\x11\x03\x11\x00\x3f\x00\x00"
    return b"\xff\xd8" + frame + scan * scans + b"\xff\xd9"


def jpeg_of_segments() -> bytes:
    """Five megabytes of comments before anything is told."""
    return b"\xff\xd8" + b"\xff\xfe\x00\x02" * (5 * MB // 4 - 10)


def gif(width: int = 65_535, height: int = 65_535) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\xf7\x00\x00" + bytes(768) + b"\x3b"


def tiff() -> bytes:
    entries = [(256, 4, 1, 60_000), (257, 4, 1, 60_000), (259, 3, 1, 1)]
    return (
        b"II*\0\x08\0\0\0" + struct.pack("<H", 3) + b"".join(struct.pack("<HHII", *one) for one in entries) + bytes(4)
    )


def webp() -> bytes:
    extended = b"VP8X" + struct.pack("<I", 10) + bytes(4) + b"\xff\xff\xff" + b"\xff\xff\xff"
    return b"RIFF" + struct.pack("<I", len(extended) + 4) + b"WEBP" + extended


def svg() -> bytes:
    return b"<?xml version='1.0'?><!DOCTYPE s [<!ENTITY a 'aaaaaaaaaa'>]><svg>" + b"&a;" * 100_000 + b"</svg>"
