"""What older databases took with them: which events nobody else knows of, and which have to be told.

*Gone* are events that a restored or promoted older database lacks and that nobody else had been given or had witnessed:
no road can bring these back or name them (ADR 26), so they are counted and not held against anybody. Everything else
that was ever accepted, or held by a subscriber, has to be history, or be told: among the lost events of its department,
as a phantom of a subscriber. What is neither is *untold*.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from deploy.books import InBroker, Party, Unreachable, read_broker
from shared.eventstore import hosts

EVENTS = """
select e.id, e.type, e.metadata ->> 'request' as request, e.metadata ->> 'causation_id' as cause,
       l.leaf, l.feed, l.sequence
from events e left join log l using (stream, version)
"""
INBOX = "select id, type, feed, sequence from inbox order by feed, sequence"
KEYS = "select id from person_keys where sealed is not null"
WITNESSED = "select leaves from witnessed"
TOLD = """
select id, null::bytea as leaf from phantoms union all
select id, leaf from lost_events
"""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Holdings:
    """What one department's database holds."""

    events: Mapping[UUID, Row]
    inbox: Mapping[UUID, Row]
    leaves: frozenset[bytes]  # that it has witnessed of the other one
    keys: frozenset[str] = frozenset()  # of personal fields: those that open, by id

    @classmethod
    async def of(cls, url: str) -> "Holdings":
        connection = await hosts.connect(url)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                events = {row["id"]: dict(row) for row in await connection.fetch(EVENTS)}
                inbox = {row["id"]: dict(row) for row in await connection.fetch(INBOX)}
                keys = frozenset(row["id"] for row in await connection.fetch(KEYS))
                witnessed = [row["leaves"] for row in await connection.fetch(WITNESSED)]
        finally:
            await connection.close()
        leaves = frozenset(row[at : at + 32] for row in witnessed for at in range(0, len(row), 32))
        return cls(events, inbox, leaves, keys)


@dataclass
class Losses:
    """What was ever seen, and what was told of it; it lives as long as the departments."""

    seen: set[UUID] = field(default_factory=set)  # by a subscriber, at any time
    told: set[UUID] = field(default_factory=set)  # by their id or leaf, as lost or as phantoms
    gone: set[UUID] = field(default_factory=set)
    must: set[UUID] = field(default_factory=set)  # an older database lacked it, somebody else knew it
    keys_gone: set[str] = field(default_factory=set)  # that no database has any more
    leaves: dict[bytes, UUID] = field(default_factory=dict)
    types: dict[UUID, str] = field(default_factory=dict)

    async def look(self, urls: Mapping[str, str]) -> dict[str, Holdings]:
        """At databases by their departments, as they are, and remember it."""
        found = {name: await Holdings.of(url) for name, url in urls.items()}
        for holdings in found.values():
            self.seen |= holdings.inbox.keys()
            self.types |= {id: row["type"] for id, row in {**holdings.events, **holdings.inbox}.items()}
            self.leaves |= {row["leaf"]: id for id, row in holdings.events.items() if row["leaf"] is not None}
        return found

    def lose(
        self, before: Mapping[str, Holdings], after: Mapping[str, Holdings], broker: Mapping[str, InBroker]
    ) -> str:
        """What older databases lack, and nobody else has, is gone. Tells how much that is."""
        gone = unknown_to_all(before, after, broker)
        older = lacking(before, after)
        self.must |= older - gone
        self.gone |= gone
        self.keys_gone |= _all_keys(before) - _all_keys(after)
        return f"{len(older)} events older, {len(gone)} of them known to nobody"

    async def listen(self, url: str) -> None:
        """To what a department names as lost or phantoms."""
        connection = await hosts.connect(url)
        try:
            for row in await connection.fetch(TOLD):
                self.told |= {row["id"], self.leaves.get(row["leaf"])} - {None}
        finally:
            await connection.close()

    def untold(self, history: set[UUID]) -> set[UUID]:
        """Events that ought to be history or told, and are neither. One that came again has the same id.

        A subscriber may have held what is gone, and lost it with a database of its own that was replaced as well.
        """
        self.gone -= history
        return (self.seen | self.must) - self.gone - history - self.told

    @property
    def excused(self) -> set[UUID]:
        """Accepted events that need not be there any more."""
        return self.told | self.gone


async def in_broker(parties: Sequence[Party]) -> dict[str, InBroker]:
    """By local name of a feed, what the broker's stream holds now."""
    held: dict[str, InBroker] = {}
    for party in parties:
        try:
            held |= {name.partition(".")[2]: stream for name, stream in (await read_broker(party)).items()}
        except Unreachable:
            continue  # it holds nothing that could be asked
    return held


def _all_keys(holdings: Mapping[str, Holdings]) -> frozenset[str]:
    return frozenset[str]().union(*(one.keys for one in holdings.values()))


def lacking(before: Mapping[str, Holdings], after: Mapping[str, Holdings]) -> set[UUID]:
    return {id for name in before for id in before[name].events.keys() - after[name].events.keys()}


def unknown_to_all(
    before: Mapping[str, Holdings], after: Mapping[str, Holdings], broker: Mapping[str, InBroker]
) -> set[UUID]:
    """Events that databases held before and do not hold after, and that neither broker nor neighbour knows of."""
    gone = set()
    for name in before:
        others = [holdings for other, holdings in after.items() if other != name]
        for id, row in before[name].events.items():
            stream = broker.get(row["feed"], InBroker())
            is_known = (
                id in after[name].events
                or (row["feed"] is not None and stream.after < row["sequence"] <= stream.last)
                or any(id in other.inbox or row["leaf"] in other.leaves for other in others)
            )
            if not is_known:
                gone.add(id)
    return gone
