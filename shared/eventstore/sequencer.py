"""Gives every committed event its final numbers: position over the department, sequence within its feed.

It keeps no cursor over `events`: it takes whatever outbox rows are visible and not yet numbered. So a slow transaction
can never be skipped and a rolled-back one never stalls it. Version n+1 of a stream can only be written by someone who
saw version n committed, so no snapshot shows n+1 without n, and order by `seq` keeps each stream's order.
"""

from collections.abc import Callable, Iterable, Mapping

import structlog

from shared.contracts.registry import Registry
from shared.eventstore.database import Pool
from shared.eventstore.wake import Wake

log = structlog.get_logger(__name__)

POLL = 0.05  # seconds; for commits of other processes, whose wake-up does not reach us
AT_ONCE = 2000

NUMBER = """
with taken as (
  delete from outbox where seq = any (array(select seq from outbox order by seq limit $1))
  returning seq, stream, version
), placed as (
  select row_number() over (order by t.seq) as nth, f.feed, e.type,
         row_number() over (partition by f.feed order by t.seq) as nth_of_feed,
         e.stream, e.version,
         sha256('\\x00'::bytea || convert_to(concat_ws(e'\\n', e.id, e.type, e.schema, e.stream, e.version,
           (extract(epoch from e.recorded_at) * 1000000)::bigint, e.metadata, e.data), 'UTF8')) as leaf
  from taken t
  cross join lateral (
    select * from events where events.stream = t.stream and events.version = t.version limit 1
  ) e
  left join unnest($2::text[], $3::text[]) as f (type, feed) on f.type = e.type
), heads as (
  select feed, (select coalesce(max(sequence), 0) from log where log.feed = f.feed) as sequence
  from unnest($4::text[]) as f (feed)
), numbered as (
  insert into log (position, feed, sequence, stream, version, leaf)
  select (select coalesce(max(position), 0) from log) + p.nth, p.feed, h.sequence + p.nth_of_feed,
         p.stream, p.version, p.leaf
  from placed p left join heads h on h.feed = p.feed
  order by p.nth
  returning feed, sequence
)
select feed, max(sequence) as head, count(*) as events, (select array_agg(distinct type) from placed) as types
from numbered group by feed
"""
"""The leaf is SHA-256(0x00 || entry), RFC 9162 §2.1.1; the entry is id, type, schema, stream, version, time of
recording in microseconds since 1970, metadata and data, each as stored, joined by line feeds."""


class Sequencer:
    """Runs under the department's leadership; the primary key of `log` fences off a leader that lost it."""

    def __init__(
        self,
        pool: Pool,
        registry: Registry,
        numbered: Callable[[str, int], None],
        came: Callable[[Iterable[str]], None] = lambda _: None,
    ) -> None:
        """`numbered(feed, head)` is told whenever a feed has grown, `came` of which types the new events are."""
        self._pool = pool
        self._numbered = numbered
        self._came = came
        feeds: Mapping[str, str] = {
            registry.type_of(event): feed.local_name for feed in registry.own_feeds for event in feed.events
        }
        self._types = list(feeds.keys())
        self._feeds = list(feeds.values())
        self._own = sorted(set(self._feeds))

    async def number(self) -> int:
        """Number what waits, at most AT_ONCE events. Returns how many it numbered."""
        rows = await self._pool.fetch(NUMBER, AT_ONCE, self._types, self._feeds, self._own)
        for row in rows:
            if row["feed"] is not None:
                self._numbered(row["feed"], row["head"])
        if rows:
            self._came(rows[0]["types"])
        return sum(row["events"] for row in rows)

    async def run(self, committed: Wake) -> None:
        """Number for ever: at once after a commit of this process, and every POLL seconds."""
        while True:
            if await self.number() < AT_ONCE:
                await committed.wait(POLL)
