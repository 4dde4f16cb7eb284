"""The one statement that makes events true: events and outbox rows together, no lock, one round trip."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from uuid import UUID

import orjson

from shared.contracts.errors import ConcurrencyConflict
from shared.contracts.event import Metadata, Recorded
from shared.contracts.registry import Registry
from shared.eventstore.database import Connection

# A stream goes on only where it stands: what was decided on a server that has since given way to one with fewer events
# (a promoted standby, an older copy) would leave a hole behind it, and nothing could follow on that stream any more.
STANDS = """
(new.version = 1 or exists (
  select from events e
  where e.stream = new.stream and e.version = new.version - 1 and (new.follows is null or e.id = new.follows)
))
"""

APPEND = f"""
with new as (
  select * from unnest($1::text[], $2::int[], $3::uuid[], $4::text[], $5::smallint[], $6::text[], $7::text[],
                       $8::timestamptz[], $9::text[], $10::uuid[])
    as new (stream, version, id, type, schema, data, metadata, recorded_at, feed, follows)
), added as (
  insert into events (stream, version, id, type, schema, data, metadata, recorded_at, feed)
  select stream, version, id, type, schema, data::json, metadata::json, recorded_at, feed
  from new
  where not exists (
    select from (select distinct on (stream) * from new order by stream, version) new where not {STANDS}
  )
  returning stream, version
)
insert into outbox (stream, version) select stream, version from added order by stream, version
"""  # noqa: S608 - our own

# Only the first event of a stream can meet another writer's: who has written that one is alone with the stream until
# the transaction ends. By stream, so that two who write many do not wait for each other crosswise.
APPEND_UNLESS_LOST = f"""
with new as (
  select *, row_number() over (partition by stream order by version) as nth
  from unnest($1::text[], $2::int[], $3::uuid[], $4::text[], $5::smallint[], $6::text[], $7::text[], $8::timestamptz[],
              $9::text[], $10::uuid[])
    as new (stream, version, id, type, schema, data, metadata, recorded_at, feed, follows)
), first as (
  insert into events (stream, version, id, type, schema, data, metadata, recorded_at, feed)
  select stream, version, id, type, schema, data::json, metadata::json, recorded_at, feed
  from new where nth = 1 and {STANDS} order by stream
  on conflict (stream, version) do nothing
  returning stream, version
), further as (
  insert into events (stream, version, id, type, schema, data, metadata, recorded_at, feed)
  select stream, new.version, id, type, schema, data::json, metadata::json, recorded_at, feed
  from new join first using (stream) where nth > 1
  returning stream, version
), noted as (
  insert into outbox (stream, version)
  select stream, version from (table first union all table further) added order by stream, version
)
select stream from first
"""  # noqa: S608 - our own

METADATA = tuple(field.name for field in fields(Metadata))

EVENTS_KEY = "events_pkey"  # violated: another writer was first
EVENT_ID_KEY = "events_id_key"  # violated: this command was handled before


class NotStanding(ConcurrencyConflict):
    """The event that new ones should follow is not there, or is another one: the database has become another."""


@dataclass(frozen=True, slots=True)
class Row:
    """An event ready to be stored: the object for read models, the text for the table.

    `follows`: the id of the event before it in its stream, where it is known.
    """

    event: Recorded
    schema: int
    data: str
    metadata: str
    feed: str | None = None  # 'identity.people'; None: private
    follows: UUID | None = None


def row(event: Recorded, registry: Registry) -> Row:
    kind = type(event.data)
    feed = registry.feed_of(kind)
    return Row(
        event,
        kind.schema_version,
        registry.stored(event),
        metadata_text(event.metadata),
        None if feed is None else feed.full_name,
    )


def metadata_text(metadata: Metadata) -> str:
    known = {name: value for name in METADATA if (value := getattr(metadata, name)) is not None}
    return orjson.dumps(known).decode()


async def insert(connection: Connection, rows: Sequence[Row]) -> None:
    """Add events of any streams. Raises asyncpg.UniqueViolationError naming EVENTS_KEY or EVENT_ID_KEY, NotStanding."""
    if rows and await connection.execute(APPEND, *_columns(rows)) == "INSERT 0 0":
        raise NotStanding("a stream is not where it was when this was decided")


async def insert_unless_lost(connection: Connection, rows: Sequence[Row]) -> set[str]:
    """Add events, within the caller's transaction, of those streams that stand as they did. Returns the other streams.
    Raises asyncpg.UniqueViolationError naming EVENT_ID_KEY."""
    if not rows:
        return set()
    added = {row["stream"] for row in await connection.fetch(APPEND_UNLESS_LOST, *_columns(rows))}
    return {row.event.stream for row in rows} - added


def _columns(rows: Sequence[Row]) -> tuple[list[object], ...]:
    return (
        [r.event.stream for r in rows],
        [r.event.version for r in rows],
        [r.event.id for r in rows],
        [r.event.type for r in rows],
        [r.schema for r in rows],
        [r.data for r in rows],
        [r.metadata for r in rows],
        [r.event.recorded_at for r in rows],
        [r.feed for r in rows],
        [r.follows for r in rows],
    )
