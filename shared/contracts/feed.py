"""Feeds, the unit of sharing, and a department's contract: all that it says in public."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from shared.contracts.event import Event, Json
from shared.standards.text import Text

Upcast = Callable[[Json], Json]
"""Turns the data of one schema number into that of the next. Pure."""


@dataclass(frozen=True, slots=True)
class Feed:
    """An ordered, dense sequence of one department's public events; one JetStream stream a member.

    Events of one aggregate that others need belong in one feed, so that their order holds everywhere.
    """

    department: str
    name: str
    title: Text
    events: tuple[type[Event], ...]

    @property
    def full_name(self) -> str:
        """'identity.people': what it is called whoever publishes it; the road knows a `MemberFeed`."""
        return f"{self.department}.{self.name}"


@dataclass(frozen=True)
class Contract:
    """A department's published language: its name, its feeds and how to read its older events."""

    department: str
    title: Text
    feeds: tuple[Feed, ...]
    upcasts: Mapping[tuple[type[Event], int], Upcast] = field(default_factory=lambda: MappingProxyType({}))

    def feed(self, name: str) -> Feed:
        return next(feed for feed in self.feeds if feed.name == name)
