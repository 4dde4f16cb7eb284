"""What this department does with foreign events: its read models and its reactions, in the caller's transaction."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeGuard

from shared.contracts import envelope
from shared.contracts.envelope import Received
from shared.contracts.event import Event
from shared.contracts.feed import Feed
from shared.contracts.member import MemberFeed, feed_name, provider_of
from shared.contracts.registry import Registry
from shared.contracts.sealing import KeyNotHere, key_ids
from shared.eventstore import read_model
from shared.eventstore.database import Connection
from shared.eventstore.read_model import ReadModel
from shared.messaging import reacting
from shared.messaging.reaction import Reaction


@dataclass(frozen=True)
class Handling:
    """The rooms of a department that look outward."""

    registry: Registry
    models: Sequence[ReadModel]
    reactions: Sequence[Reaction]

    @cached_property
    def wanted(self) -> Mapping[str, frozenset[str]]:
        """The types that a read model or reaction wants, by the foreign feed they travel in."""
        types: defaultdict[str, set[str]] = defaultdict(set)
        for event in self._events:
            kind = self.registry.feed_of(event)
            if self._is_foreign(kind):
                for feed in self.registry.heard(kind):
                    types[feed.full_name].add(self.registry.type_of(event))
        return {feed: frozenset(names) for feed, names in types.items()}

    @property
    def _events(self) -> set[type[Event]]:
        events = {event for model in self.models for event in model.events}
        return events | {event for reaction in self.reactions for event in reaction.events}

    def _is_foreign(self, kind: Feed | None) -> TypeGuard[Feed]:
        return kind is not None and kind.department != self.registry.department

    @property
    def listens_to(self) -> list[str]:
        """Full names of the foreign feeds whose events a read model or reaction wants."""
        return [feed.full_name for feed in self.foreign_feeds]

    @property
    def foreign_feeds(self) -> list[MemberFeed]:
        """The same feeds; of every jurisdiction whose feed may come in."""
        kinds = {self.registry.feed_of(event) for event in self._events}
        heard = [one for kind in kinds if self._is_foreign(kind) for one in self.registry.heard(kind)]
        return sorted(heard, key=lambda feed: feed.full_name)

    def models_of(self, feed: str) -> frozenset[str]:
        """Names of the read models that take in events of a foreign feed."""
        return frozenset(model.name for model in self.models if feed in self.feeds_into(model.name))

    def feeds_into(self, model: str) -> frozenset[str]:
        """Full names of the foreign feeds that a read model takes in."""
        return self._feeds_into.get(model, frozenset())

    @cached_property
    def _feeds_into(self) -> Mapping[str, frozenset[str]]:
        kinds = {model.name: {self.registry.feed_of(event) for event in model.events} for model in self.models}
        return {
            name: frozenset(
                feed.full_name for kind in of_model if self._is_foreign(kind) for feed in self.registry.heard(kind)
            )
            for name, of_model in kinds.items()
        }

    def wants(self, message: Received) -> bool:
        """Whether it means anything here. A type that nobody wants stays in the inbox as it came, undecoded: of a
        newer release of its provider, or none of our business. So does another feed's type, whoever put it here."""
        return message.type in self.wanted.get(feed_name(message.feed, self.registry.member.jurisdiction), ())

    async def _have_keys(self, wanted: Sequence[Received]) -> None:
        """Raises KeyNotHere, and has the provider asked."""
        sealing = self.registry.sealing
        if sealing is None:
            return
        ids: defaultdict[str, set[str]] = defaultdict(set)
        for message in wanted:
            ids[feed_name(message.feed, self.registry.member.jurisdiction)] |= key_ids(message.body)
        for feed, of_feed in ids.items():
            provider = provider_of(feed)
            if missing := await sealing.learn(of_feed, provider):
                sealing.need(missing, feed)
                raise KeyNotHere(f"{len(missing)} keys of {provider} have not come yet")

    async def handle(self, connection: Connection, received: Sequence[Received]) -> int:
        """Returns how many events of our own it led to. Raises Poison, KeyNotHere, whatever our rooms raise, and the
        database's errors."""
        wanted = [message for message in received if self.wants(message)]
        if not wanted:
            return 0
        await self._have_keys(wanted)
        events = [envelope.decode(message, self.registry) for message in wanted]
        await read_model.group(self.models, events).run(connection)
        return await reacting.run(connection, self.reactions, events, self.registry, self.models)
