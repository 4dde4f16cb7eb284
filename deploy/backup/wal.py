"""Names of segments of PostgreSQL's write-ahead log, and which of them belong together. Pure.

A name is 24 hexadecimal digits: timeline, then the segment's number in two parts. A segment that is still being
received ends in `.partial`; the history of a timeline in `.history`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

SIZE = 16 * 1024 * 1024  # bytes of a segment
PER_FILE = 0x1_0000_0000 // SIZE  # segments of 4 GiB
PARTIAL = ".partial"
_SEGMENT = re.compile(r"[0-9A-F]{24}(\.partial)?")
_HISTORY = re.compile(r"[0-9A-F]{8}\.history")


@dataclass(frozen=True, slots=True, order=True)
class Segment:
    """Ordered by place, then timeline."""

    number: int
    timeline: int

    @property
    def name(self) -> str:
        return f"{self.timeline:08X}{self.number // PER_FILE:08X}{self.number % PER_FILE:08X}"


def segment(name: str) -> Segment | None:
    """None: no segment's name."""
    if not _SEGMENT.fullmatch(name):
        return None
    return Segment(int(name[8:16], 16) * PER_FILE + int(name[16:24], 16), int(name[:8], 16))


def is_history(name: str) -> bool:
    return _HISTORY.fullmatch(name) is not None


def position(lsn: str) -> int:
    """'1/6B374D80' as a number of bytes."""
    high, _, low = lsn.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


def segment_at(timeline: int, lsn: str) -> Segment:
    """The segment that holds this place."""
    return Segment(position(lsn) // SIZE, timeline)


def needed(files: Iterable[Path], first: Segment) -> Mapping[str, Path]:
    """Name for the server -> file: histories, and the segments from `first` on; whole ones before partial ones."""
    found: dict[str, Path] = {}
    for file in sorted(files):  # a whole one comes before its partial one
        one = segment(file.name)
        if is_history(file.name):
            found.setdefault(file.name, file)
        elif one is not None and one.number >= first.number:
            found.setdefault(one.name, file)
    return found


def gap(names: Iterable[str], first: Segment) -> Segment | None:
    """The first segment that is missing between `first` and the last there is; None: none is."""
    numbers = {one.number for name in names if (one := segment(name)) is not None}
    if not numbers:
        return None
    missing = next((number for number in range(first.number, max(numbers)) if number not in numbers), None)
    return None if missing is None else Segment(missing, first.timeline)


def is_before(name: str, missing: Segment) -> bool:
    """Of a file of the archive. Histories are."""
    one = segment(name)
    return one is None or one.number < missing.number


def superfluous(files: Iterable[Path], first: Segment) -> list[Path]:
    """Segments that no backup needs whose first one is `first` or a later one. Histories are small and stay."""
    return [file for file in files if (one := segment(file.name)) is not None and one.number < first.number]
