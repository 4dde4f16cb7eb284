"""The data-sharing catalogue (政务数据共享目录): who may receive which feed, and on what basis.

One YAML file says it; broker accounts, durable consumers and documents all come from it:

    jurisdiction: local               names without a jurisdiction are of this one
    members: [identity, cases]        departments at work; each has an account at the broker
    integrators: []                   who reads and publishes nothing; likewise
    feeds:
      identity.people:
        attribute: conditional
        basis: …
        subscribers: [cases, guangxi.cases]
        fields: {guangxi.cases: [name, division]}   nothing else of these events; who is not named here is given all
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.contracts.errors import Misconfigured
from shared.contracts.feed import Contract, Feed
from shared.contracts.member import DEFAULT_JURISDICTION, Member, MemberFeed, feed_name
from shared.contracts.person_key import FieldKeys
from shared.contracts.plain_yaml import read_yaml
from shared.contracts.sealing import may_be_withheld


class Attribute(StrEnum):
    """政务数据共享条例 Art. 13: how a resource may be shared."""

    unconditional = "unconditional"
    conditional = "conditional"
    not_shared = "not_shared"


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    attribute: Attribute
    basis: str
    subscribers: tuple[str, ...] = ()
    fields: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    jurisdiction: str = DEFAULT_JURISDICTION
    members: tuple[str, ...]
    integrators: tuple[str, ...] = ()
    feeds: dict[str, _Row] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sharing:
    """One feed's row of the catalogue. `basis`: the legal basis, or the reason why it is not shared.

    `fields`: for each subscriber that is not given all of them, those that it is given.
    """

    attribute: Attribute
    basis: str
    subscribers: tuple[Member, ...] = ()
    fields: Mapping[Member, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Catalogue:
    """Who is on the road, and who is given what. `remarks` tell what of the file has no effect here, in sentences."""

    jurisdiction: str
    members: tuple[Member, ...]
    integrators: tuple[Member, ...]
    rows: Mapping[str, Sharing]  # by the feed's three names
    kinds: Mapping[str, Feed] = field(repr=False)  # the feeds that this release knows, by two names
    remarks: tuple[str, ...] = ()

    def subscribers(self, feed: MemberFeed | str) -> tuple[Member, ...]:
        """None for a feed that the catalogue does not name."""
        row = self.rows.get(feed if isinstance(feed, str) else feed.full_name)
        return row.subscribers if row else ()

    def feeds_of(self, member: Member) -> tuple[MemberFeed, ...]:
        """What a member publishes, as this release knows it."""
        return tuple(MemberFeed(member, feed) for feed in self.kinds.values() if feed.department == member.department)

    def given_to(self, member: Member) -> Iterator[MemberFeed]:
        """What others publish that it may receive."""
        for provider in self.members:
            for feed in self.feeds_of(provider):
                if member in self.subscribers(feed):
                    yield feed

    def readers_of(self, member: Member) -> Mapping[Member, FieldKeys]:
        """Readers of a member's feeds, and by these feeds' local names the fields that each is given."""
        given: dict[Member, dict[str, frozenset[str] | None]] = {}
        for feed in self.feeds_of(member):
            for reader in self.subscribers(feed):
                if reader != member:
                    fields = self.rows[feed.full_name].fields.get(reader)
                    given.setdefault(reader, {})[feed.local_name] = (
                        None if fields is None else fields & _may_be_withheld(feed.feed)
                    )
        return given

    @cached_property
    def withheld(self) -> Mapping[str, frozenset[str]]:
        """By a feed's three names the fields that some subscriber is not given."""
        return {
            feed.full_name: _may_be_withheld(feed.feed) - frozenset.intersection(*row.fields.values())
            for member in self.members
            for feed in self.feeds_of(member)
            if (row := self.rows.get(feed.full_name)) and row.fields
        }

    def providers_of(self, member: Member) -> tuple[Member, ...]:
        """Members whose feeds it is given."""
        return tuple(one for one in self.members if one != member and member in self.readers_of(one))

    def neighbours_of(self, member: Member) -> tuple[Member, ...]:
        """The departments it witnesses: those of its jurisdiction, and elsewhere those it is given something by."""
        providers = {feed.member for feed in self.given_to(member)}
        return tuple(
            one
            for one in self.members
            if one != member and (one.jurisdiction == member.jurisdiction or one in providers)
        )

    def witnesses_of(self, member: Member) -> tuple[Member, ...]:
        """The departments whose neighbour it is: who takes in its feeds, or holds its ledger's leaves."""
        return tuple(one for one in self.members if member in self.neighbours_of(one))


def read_catalogue(path: Path, contracts: Iterable[Contract]) -> Catalogue:
    """As `parse_catalogue`; Misconfigured also for a file that cannot be read."""
    return parse_catalogue(read_text(path), path.name, contracts)


def read_text(path: Path) -> str:
    """What stands in the file. Raises Misconfigured."""
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise Misconfigured(f"{path.name} cannot be read as a sharing catalogue: {_told(error)}") from None


def parse_catalogue(text: str, name: str, contracts: Iterable[Contract]) -> Catalogue:
    """Raises Misconfigured for a text that is no catalogue, or gives what it says is not shared. `name`: its file's.

    A feed that is not there yet, a feed without a row, a subscriber that is not on the road: each a remark. Releases
    and catalogue come in either order.
    """
    try:
        file = _File.model_validate(read_yaml(text))
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise Misconfigured(f"{name} cannot be read as a sharing catalogue: {_told(error)}") from None
    home = file.jurisdiction
    kinds = {feed.full_name: feed for contract in contracts for feed in contract.feeds}
    rows = {
        feed_name(feed, home): Sharing(
            row.attribute,
            row.basis,
            tuple(Member.named(one, home) for one in row.subscribers),
            {Member.named(one, home): frozenset(names) for one, names in row.fields.items()},
        )
        for feed, row in file.feeds.items()
    }
    if len(rows) < len(file.feeds):
        names = Counter(feed_name(one, home) for one in file.feeds)
        raise Misconfigured(f"{name} names twice: {', '.join(sorted(names - Counter(rows.keys())))}")
    for feed, row in rows.items():
        if row.attribute is Attribute.not_shared and row.subscribers:
            raise Misconfigured(f"{name}: {feed} is not shared, yet has subscribers")
        if strangers := sorted(str(one) for one in row.fields.keys() - {*row.subscribers}):
            raise Misconfigured(f"{name}: {feed} names fields for who is no subscriber: {', '.join(strangers)}")
    members, integrators = (
        tuple(Member.named(one, home) for one in names) for names in (file.members, file.integrators)
    )
    if twice := [str(one) for one in {*members, *integrators} if (*members, *integrators).count(one) > 1]:
        raise Misconfigured(f"{name} names twice: {', '.join(sorted(twice))}")
    catalogue = Catalogue(home, members, integrators, rows, kinds)
    return Catalogue(home, members, integrators, rows, kinds, tuple(_remarks(name, catalogue)))


def _remarks(file: str, catalogue: Catalogue) -> Iterator[str]:
    published = {feed.full_name for member in catalogue.members for feed in catalogue.feeds_of(member)}
    if unknown := catalogue.rows.keys() - published:
        yield f"{file} names feeds that no department here publishes: {', '.join(sorted(unknown))}"
    if missing := published - catalogue.rows.keys():
        yield f"{file} says nothing about, so nobody is given: {', '.join(sorted(missing))}"
    on_the_road = {*catalogue.members, *catalogue.integrators}
    for name, row in catalogue.rows.items():
        if strangers := sorted(str(one) for one in set(row.subscribers) - on_the_road):
            yield f"{file} gives {name} to who is not on the road: {', '.join(strangers)}"
        kind = catalogue.kinds.get(name.partition(".")[2])
        known = {field for event in kind.events for field in event.model_fields} if kind else set()
        if kind and (others := sorted(set().union(*row.fields.values()) - known)):
            yield f"{file} names fields that no event of {name} has: {', '.join(others)}"


def _may_be_withheld(feed: Feed) -> frozenset[str]:
    return frozenset(name for event in feed.events for name in may_be_withheld(event))


def _told(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
    return str(error)
