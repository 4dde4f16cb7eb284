"""Which event class a stored type name means, which feed it travels in, and how its older schemas are read."""

import re
from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

import orjson
from pydantic import ValidationError

from shared.contracts import sealing
from shared.contracts.errors import Broken, Invalid, OfNewerRelease, Poison
from shared.contracts.event import Event, Json, Recorded
from shared.contracts.feed import Contract, Feed, Upcast
from shared.contracts.member import DEFAULT_JURISDICTION, Member, MemberFeed
from shared.contracts.sealing import KeyNotHere, Sealing
from shared.contracts.sharing import Catalogue

NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""U+0000 as JSON escapes it; where the backslash is itself an escaped one, `u0000` is just text."""

LONGEST = 200_000
"""Characters of an event's JSON, of at most four bytes each: so its envelope fits into one message of the broker."""

LARGEST_EVENT = 4 * LONGEST
"""Bytes of an event's JSON."""

NONE: frozenset[str] = frozenset()


class Registry:
    """All events one department can read: everybody's public ones and its own private ones."""

    def __init__(
        self,
        department: str,
        contracts: Iterable[Contract],
        private: Iterable[type[Event]] = (),
        private_upcasts: Mapping[tuple[type[Event], int], Upcast] | None = None,
        *,
        jurisdiction: str = DEFAULT_JURISDICTION,
        sharing: Catalogue | None = None,
    ) -> None:
        """Without `sharing` it hears every department of its own jurisdiction and of no other."""
        self.department = department
        self.sealing: Sealing | None = None  # None: personal fields are stored as they are
        self.withheld: Callable[[], Mapping[str, frozenset[str]]] = dict  # by feed: the fields not given to everybody
        self.member = Member(jurisdiction, department)
        self._sharing = sharing
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

    def has_upcast(self, event: type[Event], schema: int) -> bool:
        """Whether the data of this schema number can be turned into that of the next."""
        return (event, schema) in self._upcasts

    @property
    def own_feeds(self) -> tuple[MemberFeed, ...]:
        """The feeds this department publishes."""
        contract = self.contracts.get(self.department)
        return tuple(MemberFeed(self.member, feed) for feed in contract.feeds) if contract else ()

    def heard(self, feed: Feed) -> tuple[MemberFeed, ...]:
        """Whose feeds of this kind may come in: its own jurisdiction's, and those it is given from elsewhere."""
        home = MemberFeed(Member(self.member.jurisdiction, feed.department), feed)
        if self._sharing is None:
            return (home,)
        given = (one for one in self._sharing.given_to(self.member) if one.feed == feed and one != home)
        return (*((home,) if home.member in self._sharing.members else ()), *given)

    def encode(self, event: Event) -> str:
        """Its JSON, with everything to be read.

        Raises Invalid for text with U+0000 (PostgreSQL has no such character, and nobody could ask for the field), and
        for more than LONGEST characters, which would stop its feed at the broker.
        """
        text = event.model_dump_json()
        if len(text) > LONGEST:
            raise _too_much()
        if holds_nul(text):
            raise Invalid(
                "nul_character",
                "内容中含有无法保存的空字符（U+0000），请删除后重新提交。",
                "The text holds a null character (U+0000), which cannot be stored; please remove it and send it again.",
            )
        return text

    def owners_of(self, event: Event, stream: str) -> Mapping[str, str]:
        """For each field that is to be sealed the owner of its key: a person's id, else the stream's."""
        return sealing.owners_of(event, stream, self._withheld(type(event)))

    def _withheld(self, event: type[Event]) -> frozenset[str]:
        feed = self._feed_of.get(event)
        return self.withheld().get(f"{self.member.jurisdiction}.{feed.full_name}", NONE) if feed else NONE

    def _scope(self, event: type[Event]) -> str:
        feed = self._feed_of.get(event)
        return feed.full_name if feed else ""

    def stored(self, event: Recorded) -> str:
        """The exact text that is stored and hashed: its personal fields are sealed. Raises as `encode`."""
        return self.stored_under(event)[0]

    def stored_under(self, event: Recorded) -> tuple[str, frozenset[str]]:
        """As `stored`, and the ids of the keys, which are at hand: see `Sealing.make_ready`."""
        text = self.encode(event.data)
        if self.sealing is None:
            return text, NONE
        feed = self._scope(type(event.data))
        withheld = self._withheld(type(event.data))
        text, keys = sealing.sealed(event.data, text, event.id, event.stream, feed, self.sealing, withheld)
        if len(text) > LARGEST_EVENT:
            raise _too_much()
        return text, keys

    def decode(
        self, type_name: str, schema: int, data: str | Json, id: UUID | None = None, provider: str | None = None
    ) -> Event:
        """Read an event from its text or its parsed JSON, upcasting an older schema. For sealed fields its `id` is
        needed, and its `provider` when that is another department ('local.identity').

        The one place where events are read, for stores, read models and subscriptions alike. What was sealed under a
        key that was erased comes out empty.
        Raises Poison when it cannot be read; OfNewerRelease, a kind of it, when only a newer release can; KeyNotHere
        when a key of it is not at hand, see `Sealing.learn`.
        """
        event = self._class_of.get(type_name)
        if event is None:
            raise OfNewerRelease(f"no event called {type_name} is known to {self.department}")
        if schema > event.schema_version:
            raise OfNewerRelease(
                f"{type_name} schema {schema} is newer than {self.department} knows: {event.schema_version}"
            )
        try:
            if schema == event.schema_version and isinstance(data, str) and _is_plain(event, data):
                return event.model_validate_json(data, extra="ignore")
            values = orjson.loads(data) if isinstance(data, str) else data
            values, erased = self._opened(event, values, id, provider)
            values, empty = sealing.left_empty(event, values)
            for number in range(schema, event.schema_version):
                values = self._upcasts[event, number](values)
            return sealing.validated(event, values) if erased | empty else event.model_validate(values, extra="ignore")
        except (ValidationError, orjson.JSONDecodeError, KeyError, TypeError) as error:
            kinds = [e["type"] for e in error.errors()] if isinstance(error, ValidationError) else type(error)
            raise Poison(f"{type_name} schema {schema} cannot be read: {kinds}") from None

    def _opened(
        self, event: type[Event], values: Json, id: UUID | None, provider: str | None
    ) -> tuple[Json, frozenset[str]]:
        if self.sealing is None:
            if any(isinstance(value, dict) and value.keys() == {"sealed"} for value in values.values()):
                raise KeyNotHere("a field is sealed, and there are no keys here")
            return values, frozenset()
        return sealing.opened(values, id, self._scope(event), provider, self.sealing)


def _is_plain(event: type[Event], text: str) -> bool:
    return sealing.MARK not in text and not sealing.may_be_left_empty(event, text)


def _too_much() -> Invalid:
    return Invalid(
        "too_much_text",
        "提交的内容过多，请精简后重新提交；大件材料请作为附件上传。",
        "This is too much for one entry; please shorten it, and upload large papers as files.",
    )


def holds_nul(json: str) -> bool:
    """Whether a string in a JSON text holds U+0000."""
    return "\\u0000" in json and NUL.search(json) is not None
