"""Limits on what strangers send: names and values, in one place."""

from dataclasses import dataclass
from typing import Final

MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one examination may take; an honest file takes a tenth of it."""

    content: int  # bytes of the file
    processor: int = 2  # seconds of processor time
    wall: float = 20.0  # seconds in all: an examination gives way to everything else on the machine
    memory: int = 256 * MIB  # bytes of addresses beyond those of the program itself
    answer: int = 64 * 1024  # bytes of the result


@dataclass(frozen=True, slots=True)
class PdfLimits:
    objects: int
    pages: int
    revisions: int  # sections of the cross-reference table
    depth: int  # arrays and dictionaries within one another
    streams: int
    decoded: int  # bytes, of all streams together
    pixels: int  # of one picture
    signatures: int


# the channel to the inspector
LARGEST_CONTENT: Final = 16 * MIB  # bytes of one file
LARGEST_HEADER: Final = MIB  # bytes of what is said beside it, or of the result
LOW_PRIORITY: Final = 10  # added to the examination's nice value

# pictures that people upload
PIXELS: Final = 120_000_000  # the largest cameras of phones have 108 million
LONGEST_SIDE: Final = 40_000  # pixels
PICTURE_DECODED: Final = 512 * MIB  # bytes
JPEG_SCANS: Final = 100  # progressive pictures have about ten

# a PDF that people upload: scans of whole contracts among them
UPLOADED_PDF: Final = PdfLimits(
    objects=50_000,
    pages=200,
    revisions=50,
    depth=100,
    streams=5_000,
    decoded=512 * MIB,
    pixels=PIXELS,
    signatures=50,
)

# a PDF of the kind that a department issues: one page or two, two signatures
ISSUED_PDF: Final = PdfLimits(
    objects=2_000, pages=10, revisions=8, depth=50, streams=200, decoded=16 * MIB, pixels=4_000_000, signatures=4
)

# text that is signed: JSON Web Signatures, disclosures, status lists
JSON_DEPTH: Final = 16
JSON_DIGITS: Final = 20  # of one number
JSON_LENGTH: Final = 256 * 1024  # bytes
