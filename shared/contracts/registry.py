"""Which event class a stored type name means, which feed it travels in, and how its older schemas are read."""

from collections.abc import Iterable, Mapping

import orjson
from pydantic import ValidationError

from shared.contracts.errors import Broken, Poison
from shared.contracts.event import Event, Json
from shared.contracts.feed import Contract, Feed, Upcast


class Registry:
    """All events one department can read: everybody's public ones and its own private ones."""

    def __init__(
        self,
        department: str,
        contracts: Iterable[Contract],
        private: Iterable[type[Event]] = (),
        private_upcasts: Mapping[tuple[type[Event], int], Upcast] | None = None,
    ) -> None:
        self.department = department
        self.contracts = {contract.department: contract for contract in contracts}
        self.feeds = {feed.full_name: feed for c in self.contracts.values() for feed in c.feeds}
        self._class_of: dict[str, type[Event]] = {}
        self._type_of: dict[type[Event], str] = {}
        self._feed_of: dict[type[Event], Feed] = {}
        self._upcasts: dict[tuple[type[Event], int], Upcast] = dict(private_upcasts or {})
        for contract in self.contracts.values():
            self._upcasts.update(contract.upcasts)
            for feed in contract.feeds:
                for event in feed.events:
                    self._add(feed.department, event)
                    self._feed_of[event] = feed
        for event in private:
            self._add(department, event)

    def _add(self, department: str, event: type[Event]) -> None:
        name = f"{department}.{event.__name__}"
        if name in self._class_of or event in self._type_of:
            raise Broken(f"{name} is declared twice: an event belongs to one feed or is private")
        self._class_of[name] = event
        self._type_of[event] = name

    def type_of(self, event: type[Event]) -> str:
        """'identity.PersonMoved'"""
        return self._type_of[event]

    def class_of(self, type_name: str) -> type[Event] | None:
        """None for a type this department does not know."""
        return self._class_of.get(type_name)

    def feed_of(self, event: type[Event]) -> Feed | None:
        """The feed an event class travels in; None when it is private."""
        return self._feed_of.get(event)

    @property
    def own_feeds(self) -> tuple[Feed, ...]:
        """The feeds this department publishes."""
        contract = self.contracts.get(self.department)
        return contract.feeds if contract else ()

    def encode(self, event: Event) -> str:
        """The exact text that is stored and hashed."""
        return event.model_dump_json()

    def decode(self, type_name: str, schema: int, data: str | Json) -> Event:
        """Read one event from its text or its parsed JSON, upcasting an older schema.

        The one place where events are read, for stores, read models and subscriptions alike.
        Raises Poison when it cannot be read.
        """
        event = self._class_of.get(type_name)
        if event is None:
            raise Poison(f"no event called {type_name} is known to {self.department}")
        try:
            if schema == event.schema_version and isinstance(data, str):
                return event.model_validate_json(data, extra="ignore")
            values = orjson.loads(data) if isinstance(data, str) else data
            for number in range(schema, event.schema_version):
                values = self._upcasts[event, number](values)
            return event.model_validate(values, extra="ignore")
        except (ValidationError, orjson.JSONDecodeError, KeyError, TypeError) as error:
            kinds = [e["type"] for e in error.errors()] if isinstance(error, ValidationError) else type(error)
            raise Poison(f"{type_name} schema {schema} cannot be read: {kinds}") from None
