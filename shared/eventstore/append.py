"""The one statement that makes events true: events and outbox rows together, no lock, one round trip."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import orjson

from shared.contracts.event import Metadata, Recorded
from shared.contracts.registry import Registry
from shared.eventstore.database import Connection

APPEND = """
with added as (
  insert into events (stream, version, id, type, schema, data, metadata, recorded_at, feed)
  select stream, version, id, type, schema, data::json, metadata::json, recorded_at, feed
  from unnest($1::text[], $2::int[], $3::uuid[], $4::text[], $5::smallint[], $6::text[], $7::text[], $8::timestamptz[],
              $9::text[]) as new (stream, version, id, type, schema, data, metadata, recorded_at, feed)
  returning stream, version
)
insert into outbox (stream, version) select stream, version from added order by stream, version
"""

# Only the first event of a stream can meet another writer's: who has written that one is alone with the stream until
# the transaction ends. By stream, so that two who write many do not wait for each other crosswise.
APPEND_UNLESS_LOST = """
with new as (
  select *, row_number() over (partition by stream order by version) as nth
  from unnest($1::text[], $2::int[], $3::uuid[], $4::text[], $5::smallint[], $6::text[], $7::text[], $8::timestamptz[],
              $9::text[]) as new (stream, version, id, type, schema, data, metadata, recorded_at, feed)
), first as (
  insert into events (stream, version, id, type, schema, data, metadata, recorded_at, feed)
  select stream, version, id, type, schema, data::json, metadata::json, recorded_at, feed
  from new where nth = 1 order by stream
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
"""

METADATA = tuple(field.name for field in fields(Metadata))

EVENTS_KEY = "events_pkey"  # violated: another writer was first
EVENT_ID_KEY = "events_id_key"  # violated: this command was handled before


@dataclass(frozen=True, slots=True)
class Row:
    """An event ready to be stored: the object for read models, the text for the table."""

    event: Recorded
    schema: int
    data: str
    metadata: str
    feed: str | None = None  # 'identity.people'; None: private


def row(event: Recorded, registry: Registry) -> Row:
    kind = type(event.data)
    feed = registry.feed_of(kind)
    return Row(
        event,
        kind.schema_version,
        registry.encode(event.data),
        metadata_text(event.metadata),
        None if feed is None else feed.full_name,
    )


def metadata_text(metadata: Metadata) -> str:
    known = {name: value for name in METADATA if (value := getattr(metadata, name)) is not None}
    return orjson.dumps(known).decode()


async def insert(connection: Connection, rows: Sequence[Row]) -> None:
    """Add events of any streams. Raises asyncpg.UniqueViolationError naming EVENTS_KEY or EVENT_ID_KEY."""
    await connection.execute(APPEND, *_columns(rows))


async def insert_unless_lost(connection: Connection, rows: Sequence[Row]) -> set[str]:
    """Add events, within the caller's transaction, of those streams that no other writer has moved on. Returns the
    other streams. Raises asyncpg.UniqueViolationError naming EVENT_ID_KEY."""
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
    )
