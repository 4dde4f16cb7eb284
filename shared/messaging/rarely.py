"""Telling of what comes again and again: the first, second, fourth, eighth … time of each kind, not every time."""

from collections import Counter

MOST_KINDS = 1000


class Rarely:
    """Counts by kind. A stranger may choose the kind, so of too many all are forgotten."""

    def __init__(self) -> None:
        self._times: Counter[str] = Counter()

    def times(self, kind: str, more: int = 1) -> int | None:
        """How often it has come, when that is to be told; else None."""
        if len(self._times) >= MOST_KINDS and kind not in self._times:
            self._times.clear()
        before = self._times[kind]
        self._times[kind] = now = before + more
        return now if now.bit_length() != before.bit_length() else None

    def forget(self, kind: str) -> None:
        """It has gone well: told anew when it comes again."""
        del self._times[kind]
