"""Members of the road: a department of one jurisdiction, and its feeds as the road knows them.

Departments of one kind work in several jurisdictions and may share one broker; every name on the wire says which.
"""

import re
from dataclasses import dataclass
from typing import Self

from shared.contracts.errors import Misconfigured
from shared.contracts.event import Event
from shared.contracts.feed import Feed
from shared.standards.text import Text

DEFAULT_JURISDICTION = "local"
NAME = re.compile(r"[a-z][a-z0-9]{0,30}", re.ASCII)  # no dot, dash or underscore: names are joined by them


@dataclass(frozen=True, slots=True, order=True)
class Member:
    """A department, or an integrator, of a jurisdiction. Misconfigured: a name that may not be one."""

    jurisdiction: str
    department: str

    def __post_init__(self) -> None:
        for name in (self.jurisdiction, self.department):
            if not NAME.fullmatch(name):
                raise Misconfigured(
                    f"{name!r} cannot name a jurisdiction or department: use lower-case letters, digits"
                )

    def __str__(self) -> str:
        """'local.identity'"""
        return f"{self.jurisdiction}.{self.department}"

    @property
    def dashed(self) -> str:
        """'local-identity': its account, login and durables, whose names may hold no dot."""
        return f"{self.jurisdiction}-{self.department}"

    @classmethod
    def named(cls, name: str, jurisdiction: str) -> Self:
        """'identity' of this jurisdiction, or 'guangxi.identity'."""
        first, dot, second = name.partition(".")
        return cls(first, second) if dot else cls(jurisdiction, first)


@dataclass(frozen=True, slots=True)
class MemberFeed:
    """A feed of one member: what is published, subscribed to, asked for and remembered by three names."""

    member: Member
    feed: Feed

    @property
    def full_name(self) -> str:
        """'local.identity.people'"""
        return f"{self.member}.{self.feed.name}"

    @property
    def local_name(self) -> str:
        """'identity.people': in the member's own log."""
        return self.feed.full_name

    @property
    def jetstream(self) -> str:
        """The JetStream stream's name; it may not hold a dot."""
        return f"{self.member.dashed}-{self.feed.name}"

    @property
    def subject(self) -> str:
        return f"events.{self.full_name}.>"

    def subject_of(self, type_name: str) -> str:
        """'identity.PersonMoved' -> 'events.local.identity.people.PersonMoved'"""
        return f"events.{self.full_name}.{type_name.rpartition('.')[2]}"

    @property
    def title(self) -> Text:
        return self.feed.title

    @property
    def events(self) -> tuple[type[Event], ...]:
        return self.feed.events


@dataclass(frozen=True, slots=True)
class KeyFeed:
    """A member's keys of personal fields, on their way to who is given its feeds: to each in messages of its own.

    The newest message of a key takes the place of those before, so nothing of an erased key stays at the broker. Named
    in capitals, as no feed is.
    """

    member: Member

    @property
    def full_name(self) -> str:
        return f"{self.member}.KEYS"

    @property
    def jetstream(self) -> str:
        return f"{self.member.dashed}-KEYS"

    @property
    def subject(self) -> str:
        return f"keys.{self.member}.>"

    def subject_for(self, reader: Member, key: str = ">") -> str:
        """'keys.local.identity.local-cases.>': one reader's, or one key of that."""
        return f"keys.{self.member}.{reader.dashed}.{key}"

    @property
    def asked_by_any(self) -> str:
        return f"keysfor.{self.member}.*.*"

    def asked_by(self, reader: Member) -> str:
        """'keysfor.local.identity.local.cases': on which a reader asks to be given keys."""
        return f"keysfor.{self.member}.{reader}"


def feed_name(name: str, jurisdiction: str) -> str:
    """'identity.people' of this jurisdiction as the road knows it; a name of three parts stays."""
    return f"{jurisdiction}.{name}" if name.count(".") == 1 else name


def source_of(feed: str) -> str:
    """The `source` (CloudEvents) of a feed's events: '/jurisdictions/local/departments/identity'."""
    jurisdiction, department, _ = feed.split(".")
    return f"/jurisdictions/{jurisdiction}/departments/{department}"


def provider_of(feed: str) -> str:
    """'local.identity.people' -> 'local.identity'"""
    return feed.rpartition(".")[0]
