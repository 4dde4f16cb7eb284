"""What a read model is built from: this department's own events, and each foreign feed as its inbox holds it.

Each source is read in its order, one statement a page, so that what a page says of an event and whether the event is
parked comes from one snapshot.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import asyncpg

from shared.contracts import envelope
from shared.contracts.errors import Poison
from shared.contracts.event import Recorded
from shared.contracts.member import provider_of
from shared.contracts.registry import LARGEST_EVENT, Registry
from shared.contracts.sealing import KeyNotHere, key_ids
from shared.eventstore.database import Connection
from shared.eventstore.folding import learned, recorded
from shared.eventstore.limits import BUILD_BYTES
from shared.eventstore.read_model import ReadModel
from shared.eventstore.transient import described

OWN = "log"  # feeds have a dot in their names

OWN_HEAD = "select coalesce(max(position), 0) from log"
OWN_PAGE = """
select * from (
  select e.stream, e.version, e.id, e.type, e.schema, e.data, e.metadata, e.recorded_at, l.position as place,
         sum(octet_length(e.data::text)) over by_place as bytes, row_number() over by_place as nth
  from log l join events e on e.stream = l.stream and e.version = l.version
  where l.position > $1 and l.position <= $2 and e.type = any($3::text[])
  window by_place as (order by l.position rows unbounded preceding)
) page
where bytes <= $4 or nth = 1
order by place
"""
# An event leaves the outbox in the transaction that puts it into the log: one statement sees it once.
OWN_REST = """
select e.stream, e.version, e.id, e.type, e.schema, e.data, e.metadata, e.recorded_at
from (
  select 1 as part, position as place, stream, version from log where position > $1
  union all
  select 2, seq, stream, version from outbox
) l join events e on e.stream = l.stream and e.version = l.version
where e.type = any($2::text[])
order by part, place
"""
GIVEN_HEAD = "select coalesce(max(sequence), 0) from inbox where feed = $1"
# Skipped ones lie before the cursor. No longer parked means applied meanwhile, which later events of their streams may
# build upon: so they come first.
GIVEN_PAGE = """
select sequence, event, false as was_skipped, is_parked, bytes
from (
  select i.sequence, i.event, p.sequence is not null as is_parked,
         sum(octet_length(i.event::text)) over by_sequence as bytes, row_number() over by_sequence as nth
  from inbox i left join parked p on p.feed = i.feed and p.sequence = i.sequence
  where i.feed = $1 and i.sequence > $2 and i.sequence <= $3 and i.type = any($4::text[])
  window by_sequence as (order by i.sequence rows unbounded preceding)
) page
where bytes <= $6 or nth = 1
union all
select i.sequence, i.event, true, false, 0
from read_model_skipped s join inbox i on i.feed = s.feed and i.sequence = s.sequence
where s.build = $5 and s.feed = $1
  and not exists (select from parked p where p.feed = s.feed and p.sequence = s.sequence)
order by sequence
"""
EVERYTHING = 2**63 - 1
LARGEST_ENVELOPE = LARGEST_EVENT + 2**16


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a source. `skipped` were parked when it was read; `made_up` had been skipped and are now among events.

    `last`: where it ends, if that is before the range asked for because more would have been too many bytes.
    """

    events: list[Recorded]
    skipped: list[int]
    made_up: list[int]
    last: int | None = None
    unreadable: Sequence["Unreadable"] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An event that nobody wanted when it came, and that this release wants and cannot read."""

    sequence: int
    stream: str
    error: str


class Source(Protocol):
    """`types` are the wanted event types; no other event is decoded, or sent by the database."""

    name: str

    async def head(self, connection: Connection) -> int:
        """Where its last event stands."""
        ...

    async def page(self, connection: Connection, build: int, after: int, last: int) -> Page:
        """The wanted events of a range, as many as fit into BUILD_BYTES, but at least one."""
        ...

    async def rest(self, connection: Connection, build: int, after: int) -> Page:
        """All wanted events from there on; for own ones those that have no number yet, too."""
        ...


class OwnEvents:
    def __init__(self, registry: Registry, types: list[str]) -> None:
        self.name = OWN
        self._registry = registry
        self._types = types

    async def head(self, connection: Connection) -> int:
        head: int = await connection.fetchval(OWN_HEAD)
        return head

    async def page(self, connection: Connection, _build: int, after: int, last: int) -> Page:
        rows = await connection.fetch(OWN_PAGE, after, last, self._types, BUILD_BYTES)
        return replace(await self._page(rows), last=rows[-1]["place"] if rows and _may_be_cut(rows[-1]) else None)

    async def rest(self, connection: Connection, _build: int, after: int) -> Page:
        return await self._page(await connection.fetch(OWN_REST, after, self._types))

    async def _page(self, rows: Sequence[asyncpg.Record]) -> Page:
        await learned(rows, self._registry)
        return Page([recorded(row, self._registry) for row in rows], [], [])


class GivenEvents:
    def __init__(self, registry: Registry, feed: str, types: list[str]) -> None:
        self.name = feed
        self._registry = registry
        self._types = types

    async def head(self, connection: Connection) -> int:
        head: int = await connection.fetchval(GIVEN_HEAD, self.name)
        return head

    async def page(self, connection: Connection, build: int, after: int, last: int) -> Page:
        return await self._read(connection, build, after, last, BUILD_BYTES)

    async def _read(self, connection: Connection, build: int, after: int, last: int, most_bytes: int) -> Page:
        rows = await connection.fetch(GIVEN_PAGE, self.name, after, last, self._types, build, most_bytes)
        await self._have_keys(rows)
        events, skipped = [], []
        unreadable: list[Unreadable] = []
        for row in rows:
            if row["is_parked"]:
                skipped.append(row["sequence"])
            else:
                message = envelope.parse(row["event"].encode())
                try:
                    events.append(envelope.decode(message, self._registry))
                except Poison as error:
                    if row["was_skipped"]:  # it was applied meanwhile
                        raise
                    unreadable.append(Unreadable(message.sequence, message.stream, described(error)))
        made_up = [row["sequence"] for row in rows if row["was_skipped"]]
        fresh = [row for row in rows if not row["was_skipped"]]
        ends = fresh[-1]["sequence"] if fresh and _may_be_cut(fresh[-1]) else None
        return Page(events, skipped + [one.sequence for one in unreadable], made_up, ends, unreadable)

    async def _have_keys(self, rows: Sequence[asyncpg.Record]) -> None:
        """Raises KeyNotHere, and has the provider asked."""
        sealing = self._registry.sealing
        if sealing is None:
            return
        ids = {id for row in rows if not row["is_parked"] for id in key_ids(row["event"])}
        if missing := await sealing.learn(ids, provider_of(self.name)):
            await sealing.note_missing(missing, self.name)
            raise KeyNotHere(f"{len(missing)} keys of {provider_of(self.name)} have not come yet")

    async def rest(self, connection: Connection, build: int, after: int) -> Page:
        return await self._read(connection, build, after, EVERYTHING, EVERYTHING)


def _may_be_cut(last: asyncpg.Record) -> bool:
    return bool(last["bytes"] + LARGEST_ENVELOPE > BUILD_BYTES)


def sources_of(model: ReadModel, registry: Registry) -> list[Source]:
    """Where the events that a read model wants come from."""
    types: dict[str | None, list[str]] = {}
    for event in model.events:
        feed = registry.feed_of(event)
        is_own = feed is None or feed.department == registry.department
        names = [None] if is_own or feed is None else [one.full_name for one in registry.heard(feed)]
        for name in names:
            types.setdefault(name, []).append(registry.type_of(event))
    return [_source(registry, feed, wanted) for feed, wanted in types.items()]


def _source(registry: Registry, feed: str | None, types: list[str]) -> Source:
    return OwnEvents(registry, types) if feed is None else GivenEvents(registry, feed, types)
