"""Names of segments of PostgreSQL's write-ahead log, and which of them belong together. Pure.

A name is 24 hexadecimal digits: timeline, then the segment's number in two parts. A segment that is still being
received ends in `.partial`; the history of a timeline in `.history`. After that comes `.age` if it is encrypted.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SIZE = 16 * 1024 * 1024  # bytes of a segment
PER_FILE = 0x1_0000_0000 // SIZE  # segments of 4 GiB
PARTIAL = ".partial"
SEALED = ".age"
_SEGMENT = re.compile(r"[0-9A-F]{24}(\.partial)?(\.age)?")
_HISTORY = re.compile(r"[0-9A-F]{8}\.history(\.age)?")


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


def is_finished(name: str) -> bool:
    """Of a file as the receiver names it."""
    return not name.endswith((PARTIAL, SEALED)) and (segment(name) is not None or is_history(name))


def is_partial(name: str) -> bool:
    return name.removesuffix(SEALED).endswith(PARTIAL)


def position(lsn: str) -> int:
    """'1/6B374D80' as a number of bytes."""
    high, _, low = lsn.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


def segment_at(timeline: int, lsn: str) -> Segment:
    """The segment that holds this place."""
    return Segment(position(lsn) // SIZE, timeline)


def needed(files: Iterable[Path], first: Segment) -> Mapping[str, Sequence[Path]]:
    """Name for the server -> file: histories, and the segments from `first` on. Several: parts of one segment, of which
    the longest counts."""
    found: dict[str, list[Path]] = {}
    for file in sorted(files, key=lambda one: (is_partial(one.name), one.name)):  # whole ones first
        one = segment(file.name)
        if is_history(file.name):
            found.setdefault(file.name.removesuffix(SEALED), [file])
        elif one is not None and one.number >= first.number:
            held = found.setdefault(one.name, [])
            if not held or is_partial(held[0].name):
                held.append(file)
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
