"""Epochs of a member's history: a sequence number means something only within one.

The first begins with the first event. A later one begins when a member finds that others know events of it that it has
lost: a restored database, a stand-in promoted too early. Up to its point of divergence the history is the same; what
others hold beyond it, of an earlier epoch, is no longer part of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

FIRST = 1
MOST = 1000  # epochs of one member
LARGEST = 2**63 - 1


class Epoch(BaseModel):
    """An epoch after the first, as its member tells it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: Annotated[int, Field(strict=True, gt=FIRST, le=MOST)]
    position: Annotated[int, Field(strict=True, ge=0, le=LARGEST)]
    """Events of the whole log, its ledger, that it shares with the epochs before."""
    feeds: dict[str, Annotated[int, Field(strict=True, ge=0, le=LARGEST)]] = Field(max_length=1000)
    """Full name of a feed -> the last sequence that it shares with the epochs before. One not named: none."""
    begun_at: AwareDatetime
    reason: str = Field(max_length=500)


@dataclass(frozen=True, slots=True)
class Epochs:
    """Those of one member, after the first, in their order. ValueError: they cannot be a history."""

    later: tuple[Epoch, ...] = ()

    def __post_init__(self) -> None:
        if [one.number for one in self.later] != list(range(FIRST + 1, FIRST + 1 + len(self.later))):
            raise ValueError("epochs that do not follow one another")

    @property
    def current(self) -> int:
        return FIRST + len(self.later)

    def of_event(self, feed: str, sequence: int) -> int:
        """The epoch in which an event of this number stands: the last that began before it."""
        return max((one.number for one in self.later if one.feeds.get(feed, 0) < sequence), default=FIRST)

    def shared_since(self, feed: str, epoch: int) -> int | None:
        """Of a feed as it was known in `epoch`: the last sequence that is still history. None: all of it."""
        return min((one.feeds.get(feed, 0) for one in self.later if one.number > epoch), default=None)

    def of_feed(self, feed: str) -> Self:
        """As whoever is given this feed and no other is told them."""
        return type(self)(
            tuple(
                one.model_copy(update={"feeds": {name: last for name, last in one.feeds.items() if name == feed}})
                for one in self.later
            )
        )


THE_FIRST = Epochs()
"""A history that was never lost."""


def read(told: Iterable[Mapping[str, object]]) -> Epochs:
    """The epochs that a member told. ValueError: they cannot be a history."""
    return Epochs(tuple(Epoch.model_validate(one) for one in told))
