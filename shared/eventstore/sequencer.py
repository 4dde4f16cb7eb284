"""Gives every committed event its final numbers: position over the department, sequence within its feed.

It keeps no cursor over `events`: it takes whatever outbox rows are visible and not yet numbered. So a slow transaction
can never be skipped and a rolled-back one never stalls it. Version n+1 of a stream can only be written by someone who
saw version n committed, so no snapshot shows n+1 without n, and order by `seq` keeps each stream's order.

Rows that were numbered stay in the table, dead, as long as anybody's snapshot is older than that: hours, while a backup
is taken. So that not each look walks over them all, it begins at a floor below which no row can come any more.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import structlog

from shared.contracts.registry import Registry
from shared.eventstore.database import Pool
from shared.eventstore.leader import LOCK, Leadership
from shared.eventstore.limits import NUMBER_EVENTS as AT_ONCE
from shared.eventstore.tasks import together
from shared.eventstore.wake import Wake

log = structlog.get_logger(__name__)

POLL = 0.05  # seconds; for commits of other processes, whose wake-up does not reach us
FENCE_EVERY = 1.0
LOWEST = -(2**63)  # below any `seq`; what is recovered stands below 0
LOOK_BELOW_EVERY = 60.0  # seconds; nothing is to be found there, and if there were it would be numbered

NUMBER = f"""
with taken as (
  delete from outbox where seq = any (array(select seq from outbox where seq >= $4 order by seq limit $1))
    and ($5::int is null or exists (
      select from pg_locks where locktype = 'advisory' and objid = {LOCK} and pid = $5 and granted
        and database = (select oid from pg_database where datname = current_database())))
  returning seq, stream, version
), placed as (
  select row_number() over (order by t.seq) as nth, f.feed, e.type,
         row_number() over (partition by f.feed order by t.seq) as nth_of_feed,
         e.stream, e.version,
         sha256('\\x00'::bytea || convert_to(concat_ws(e'\\n', e.id, e.type, e.schema, e.stream, e.version,
           (extract(epoch from e.recorded_at) * 1000000)::bigint,
           encode(sha256(convert_to(e.metadata::text, 'UTF8')), 'hex'), e.data), 'UTF8')) as leaf
  from taken t
  cross join lateral (
    select * from events where events.stream = t.stream and events.version = t.version limit 1
  ) e
  left join unnest($2::text[], $3::text[]) as k (type, feed) on k.type = e.type
  cross join lateral (select coalesce(e.feed, k.feed) as feed) f
), heads as (
  select feed, (select coalesce(max(sequence), 0) from log where log.feed = f.feed) as sequence
  from (select distinct feed from placed where feed is not null) f
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
"""  # noqa: S608 - a constant of ours
"""The feed is the one that was stored with the event: a newer instance beside this one may store types that this
release does not know. Only where none was stored the type tells, since releases before 0.2 stored none.

The leaf is SHA-256(0x00 || entry), RFC 9162 §2.1.1; the entry is id, type, schema, stream, version, time of
recording in microseconds since 1970, the hex SHA-256 of the metadata, and the data, each as stored, joined by line
feeds. So whoever holds an envelope can make it, and learns nothing of who decided."""

FENCE = """
select pg_current_xact_id()::text::bigint as running_before, pg_snapshot_xmin(s)::text::bigint as ended_before,
       (select case when is_called then last_value + 1 else last_value end from outbox_seq_seq) as next_seq,
       (select min(seq) from outbox where seq >= $1) as first_left
from pg_current_snapshot() s
"""
# An id of its own: a snapshot's xmax is one past the last id that has *ended*, and a higher one may be running.
BELOW = "select exists (select from outbox where seq < $1)"


@dataclass(slots=True)
class Floor:
    """The `seq` below which every row has been numbered and none can come any more.

    A transaction has its id before its first `seq`: the event is written first. So who had taken a `seq` below some
    next one has an id that had been given out by then. Once all those ids have ended, what they left is visible, or
    will never be; then nothing stands below that `seq` but what is seen. A snapshot that only reads has no id, however
    old it is, and does not hold the floor down; a long transaction that writes does.
    """

    seq: int = LOWEST
    _next: int = LOWEST  # `seq`, at the look before
    _mark: tuple[int, int] | None = None  # a `seq`, and an id: who took a lower `seq` has a lower id

    def raise_to(self, running_before: int, ended_before: int, next_seq: int, first_left: int | None) -> None:
        """After one look. `next_seq` was read later than the snapshot of that look, so it goes with the next one's."""
        if self._mark is not None and ended_before >= self._mark[1]:
            left = self._mark[0] if first_left is None else min(self._mark[0], first_left)
            self.seq = max(self.seq, left)
            self._mark = None
        if self._mark is None:
            self._mark = (self._next, running_before)
        self._next = next_seq

    def forget(self) -> None:
        self.seq, self._next, self._mark = LOWEST, LOWEST, None


class Sequencer:
    """Runs under the department's leadership; the primary key of `log` fences off a leader that lost it."""

    def __init__(
        self,
        pool: Pool,
        registry: Registry,
        numbered: Callable[[str, int], None],
        came: Callable[[Iterable[str]], None] = lambda _: None,
    ) -> None:
        """`numbered(feed, head)` is told whenever a feed has grown, also one that this release does not know; `came` of
        which types the new events are."""
        self._pool = pool
        self._numbered = numbered
        self._came = came
        feeds: Mapping[str, str] = {
            registry.type_of(event): feed.local_name for feed in registry.own_feeds for event in feed.events
        }
        self._types = list(feeds.keys())
        self._feeds = list(feeds.values())
        self._floor = Floor()

    async def number(self, holder: int | None = None) -> int:
        """Number what waits, at most AT_ONCE events. Returns how many it numbered.

        None where `holder`, a process of the server, does not hold the leader's lock. Without `holder` nobody looks.
        """
        rows = await self._pool.fetch(NUMBER, AT_ONCE, self._types, self._feeds, self._floor.seq, holder)
        for row in rows:
            if row["feed"] is not None:
                self._numbered(row["feed"], row["head"])
        if rows:
            self._came(rows[0]["types"])
        return sum(row["events"] for row in rows)

    async def run(self, committed: Wake, leadership: Leadership) -> None:
        """Number for ever: at once after a commit of this process, and every POLL seconds.

        Only where the leader's lock is held: connections may lead to another server, a standby that was promoted,
        before the loss of the lock is noticed; what that server lacks is to be found out first.
        """
        self._floor.forget()
        await together(self._keep_numbering(committed, leadership), self._keep_fencing(), self._keep_looking_below())

    async def _keep_numbering(self, committed: Wake, leadership: Leadership) -> None:
        while True:
            if await self.number(leadership.holder) < AT_ONCE:
                await committed.wait(POLL)

    async def _keep_fencing(self) -> None:
        while True:
            await self.fence()
            await asyncio.sleep(FENCE_EVERY)

    async def fence(self) -> None:
        """Raise the floor as far as can be."""
        row = await self._pool.fetchrow(FENCE, self._floor.seq)
        assert row is not None
        self._floor.raise_to(**row)

    async def _keep_looking_below(self) -> None:
        """Beside the numbering, since it walks over all that is dead."""
        while True:
            await asyncio.sleep(LOOK_BELOW_EVERY)
            await self.look_below()

    async def look_below(self) -> None:
        """Should a row stand below the floor, which cannot be, begin from the bottom again."""
        if await self._pool.fetchval(BELOW, self._floor.seq):
            log.error("a row stands below the outbox's floor", floor=self._floor.seq)
            self._floor.forget()
