"""Telling of what comes again and again: the first, second, fourth, eighth … time of each kind, not every time."""

from dataclasses import dataclass
from time import monotonic

MOST_KINDS = 1000
OVER_AFTER = 600.0  # seconds in which it did not come; then it is told anew


@dataclass(slots=True)
class _Seen:
    times: int
    last: float


class Rarely:
    """Counts by kind. A stranger may choose the kind, so of too many all are forgotten."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    def times(self, kind: str, more: int = 1) -> int | None:
        """The number of times it has come of late, when that is to be told; else None."""
        now = monotonic()
        seen = self._seen.get(kind)
        if seen is None or now - seen.last > OVER_AFTER:
            if len(self._seen) >= MOST_KINDS:
                self._seen.clear()
            seen = self._seen[kind] = _Seen(0, now)
        before, seen.times, seen.last = seen.times, seen.times + more, now
        return seen.times if seen.times.bit_length() != before.bit_length() else None
