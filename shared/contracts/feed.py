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
    """An ordered, dense sequence of one department's public events; one JetStream stream.

    Events of one aggregate that others need belong in one feed, so that their order holds everywhere.
    """

    department: str
    name: str
    title: Text
    events: tuple[type[Event], ...]

    @property
    def full_name(self) -> str:
        """'identity.people'"""
        return f"{self.department}.{self.name}"

    @property
    def jetstream(self) -> str:
        """The JetStream stream's name; it may not hold a dot."""
        return f"{self.department}-{self.name}"

    @property
    def subject(self) -> str:
        return f"events.{self.department}.{self.name}.>"

    def subject_of(self, type_name: str) -> str:
        """'identity.PersonMoved' -> 'events.identity.people.PersonMoved'"""
        return f"events.{self.department}.{self.name}.{type_name.rpartition('.')[2]}"


@dataclass(frozen=True)
class Contract:
    """A department's published language: its name, its feeds and how to read its older events."""

    department: str
    title: Text
    feeds: tuple[Feed, ...]
    upcasts: Mapping[tuple[type[Event], int], Upcast] = field(default_factory=lambda: MappingProxyType({}))

    def feed(self, name: str) -> Feed:
        return next(feed for feed in self.feeds if feed.name == name)
