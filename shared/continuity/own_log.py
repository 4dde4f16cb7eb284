"""Compares what others tell with our own log."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from uuid import UUID

from shared.continuity.claims import Claim
from shared.eventstore.database import Connection, Pool
from shared.eventstore.ledger import LEAVES
from shared.messaging.history import HEAD

SIZE = "select coalesce(max(position), 0) from log"
LOGGED = """
select c.nth from unnest($1::text[], $2::bigint[], $3::uuid[]) with ordinality as c (feed, sequence, id, nth)
join log l on l.feed = c.feed and l.sequence = c.sequence
join events e on e.stream = l.stream and e.version = l.version and e.id = c.id
"""
PUBLISHED = "select exists (select from relay where feed = $1 and published > 0)"
NAMED = "select id from lost_events where id = any($1::uuid[])"
NAMED_LEAVES = "select leaf from lost_events where leaf = any($1::bytea[])"
MANY_NAMED = """
select (select count(*) from lost_events where leaf is not null and epoch > $1 and position <= $2)
     + (select coalesce(sum(last - first + 1), 0) from lost_ranges where epoch > $1 and last <= $2)
"""
RANGES = "select first, last, digest from lost_ranges"
HELD = "select id from events where id = any($1::uuid[])"
VERSIONS = """
select s.stream, (select max(version) from events where events.stream = s.stream) as version
from unnest($1::text[]) as s (stream)
"""
FIRST_AFTER = "select position from log where feed = $1 and sequence > $2 order by sequence limit 1"
FEEDS = """
with recursive found as (
  (select feed from log where feed is not null order by feed limit 1)
  union all
  select (select log.feed from log where log.feed > found.feed order by log.feed limit 1)
  from found where found.feed is not null
)
select feed from found where feed is not null
"""
SHARED = """
select f.feed, coalesce((
  select sequence from log where log.feed = f.feed and position <= $2 order by sequence desc limit 1
), 0) as sequence
from unnest($1::text[]) as f (feed)
"""

Source = Pool | Connection


async def head(source: Source, feed: str) -> int:
    last: int = await source.fetchval(HEAD, feed)
    return last


async def size(source: Source) -> int:
    """Events that are numbered."""
    last: int = await source.fetchval(SIZE)
    return last


async def is_published(source: Source, feed: str) -> bool:
    """Whether the broker has ever been given any of it."""
    found: bool = await source.fetchval(PUBLISHED, feed)
    return found


async def leaves(source: Source, after: int, until: int) -> list[bytes]:
    return [row["leaf"] for row in await source.fetch(LEAVES, after, until)]


async def not_logged(source: Source, claims: Sequence[Claim]) -> list[Claim]:
    """Those that do not stand in the log under their number."""
    rows = await source.fetch(
        LOGGED, [one.feed.local_name for one in claims], [one.sequence for one in claims], [one.id for one in claims]
    )
    logged = {row["nth"] for row in rows}
    return [one for nth, one in enumerate(claims, start=1) if nth not in logged]


async def named(source: Source, ids: Collection[UUID]) -> set[UUID]:
    """Those that are known to have been lost."""
    return {row["id"] for row in await source.fetch(NAMED, list(ids))}


async def named_leaves(source: Source, those: Collection[bytes]) -> set[bytes]:
    return {row["leaf"] for row in await source.fetch(NAMED_LEAVES, list(those))}


async def many_named(source: Source, epoch: int, until: int) -> int:
    """How many events are known to have been lost since an epoch, by their leaves up to a position."""
    many: int = await source.fetchval(MANY_NAMED, epoch, until)
    return many


async def named_ranges(source: Source, leaves: Mapping[int, bytes]) -> set[int]:
    """Positions that are known to have been lost, of which there were too many to name each."""
    found: set[int] = set()
    for row in await source.fetch(RANGES):
        positions = range(row["first"], row["last"] + 1)
        if row["first"] in leaves and row["last"] in leaves and digest_of(leaves, positions) == row["digest"]:
            found |= set(positions)
    return found


def digest_of(leaves: Mapping[int, bytes], positions: range) -> bytes:
    """Tells leaves of one history from those of another."""
    return sha256(b"".join(leaves.get(position, b"") for position in positions)).digest()


async def held(source: Source, ids: Collection[UUID]) -> set[UUID]:
    return {row["id"] for row in await source.fetch(HELD, list(ids))}


async def versions(source: Source, streams: Collection[str]) -> dict[str, int]:
    """The last version of each stream; streams without an event are missing."""
    rows = await source.fetch(VERSIONS, list(streams))
    return {row["stream"]: row["version"] for row in rows if row["version"] is not None}


async def position_before(source: Source, feeds: Mapping[str, int], size: int) -> int:
    """Events of the log before the first that stands after one of these sequences."""
    firsts = [await source.fetchval(FIRST_AFTER, feed, sequence) for feed, sequence in feeds.items()]
    before: list[int] = [size, *(first - 1 for first in firsts if first is not None)]
    return min(before)


async def feeds(source: Source) -> list[str]:
    """Local names of all feeds that the log has events of, also of those that only a newer release knows."""
    return [row["feed"] for row in await source.fetch(FEEDS)]


async def sequences_at(source: Source, feeds: Iterable[str], position: int) -> dict[str, int]:
    """The last sequence of each feed within the first `position` events."""
    return {row["feed"]: row["sequence"] for row in await source.fetch(SHARED, list(feeds), position)}
