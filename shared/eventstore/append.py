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

# Nothing is stored under a key that was erased, or that a promoted server does not have. An erasure waits for those who
# store under its keys, and who comes after it finds them erased.
HELD = """
held as materialized (
  select id from person_keys where provider = $12 and id = any($13::text[]) and sealed is not null for key share
)
"""

APPEND = f"""
with new as (
  select * from unnest($1::text[], $2::int[], $3::uuid[], $4::text[], $5::smallint[], $6::text[], $7::text[],
                       $8::timestamptz[], $9::text[], $10::uuid[], $11::text[])
    as new (stream, version, id, type, schema, data, metadata, recorded_at, feed, follows, keys)
), {HELD}, added as (
  insert into events (stream, version, id, type, schema, data, metadata, recorded_at, feed)
  select stream, version, id, type, schema, data::json, metadata::json, recorded_at, feed
  from new
  where not exists (
    select from (select distinct on (stream) * from new order by stream, version) new where not {STANDS}
  ) and (select count(*) from held) = cardinality($13)
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
              $9::text[], $10::uuid[], $11::text[])
    as new (stream, version, id, type, schema, data, metadata, recorded_at, feed, follows, keys)
), {HELD}, lacking as (
  select stream from new cross join lateral unnest(string_to_array(keys, ' ')) as key (id)
  where key.id not in (select id from held)
), first as (
  insert into events (stream, version, id, type, schema, data, metadata, recorded_at, feed)
  select stream, version, id, type, schema, data::json, metadata::json, recorded_at, feed
  from new where nth = 1 and {STANDS} and stream not in (select stream from lacking) order by stream
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
    """The event that new ones should follow is not there, or is another one: the database has become another. Or a key
    is not there, or was erased."""


@dataclass(frozen=True, slots=True)
class Row:
    """An event ready to be stored: the object for read models, the text for the table.

    `follows`: the id of the event before it in its stream, where it is known. `keys`: own keys, by id, under which its
    fields are sealed and which must be there; `provider`: whose they are, the department.
    """

    event: Recorded
    schema: int
    data: str
    metadata: str
    feed: str | None = None  # 'identity.people'; None: private
    follows: UUID | None = None
    keys: frozenset[str] = frozenset()
    provider: str = ""


def row(event: Recorded, registry: Registry) -> Row:
    kind = type(event.data)
    feed = registry.feed_of(kind)
    text, keys = registry.stored_under(event)
    return Row(
        event,
        kind.schema_version,
        text,
        metadata_text(event.metadata),
        None if feed is None else feed.full_name,
        keys=keys,
        provider=str(registry.member),
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


def _columns(rows: Sequence[Row]) -> tuple[object, ...]:
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
        [" ".join(r.keys) for r in rows],
        rows[0].provider,
        sorted({key for r in rows for key in r.keys}),
    )
