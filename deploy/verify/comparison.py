"""Finds the first difference between what was stated of a history and what stands there now, in one pass."""

from dataclasses import dataclass

from deploy.verify.record import Entry


@dataclass(slots=True)
class Difference:
    """`stated`: the leaf that should be there. Where it stands instead, and where what is there instead was stated to
    stand, tell a change from a removal and from a new order."""

    entry: Entry
    stated: bytes
    stands_at: int | None = None
    came_from: int | None = None

    @property
    def position(self) -> int:
        return self.entry.position

    @property
    def what(self) -> str:
        """What happened to it, in words."""
        if self.entry.is_beyond:
            return "the log ends before it"
        if self.entry.told is None:
            return "its row is missing in the log"
        if self.entry.made is None:
            return "the event's row is missing"
        if self.stands_at is not None:
            return f"the order was changed: what stood here stands at position {self.stands_at} now"
        if self.came_from is not None:
            return f"an event was removed here: what stands here stood at position {self.came_from}"
        return "its bytes were changed"


class Comparison:
    """With the statements of one who made them."""

    def __init__(self) -> None:
        self.first: Difference | None = None

    def see(self, entry: Entry, stated: bytes | None) -> None:
        """Every position in its order. `stated`: the leaf it should have; None: nothing was stated."""
        if self.first is None:
            if stated is not None and stated != entry.made:
                self.first = Difference(entry, stated)
            return
        if self.first.stands_at is None and entry.made == self.first.stated:
            self.first.stands_at = entry.position
        if self.first.came_from is None and stated is not None and stated == self.first.entry.made:
            self.first.came_from = entry.position
