"""Carries the log of each own feed to its JetStream stream, in order, and remembers how far it came."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import structlog
from nats.aio.client import Client

from shared.contracts import envelope
from shared.contracts.envelope import Numbered
from shared.contracts.epochs import Epochs
from shared.contracts.member import MemberFeed
from shared.contracts.registry import LARGEST_EVENT
from shared.eventstore.database import Pool
from shared.eventstore.epochs import own_epochs
from shared.eventstore.trouble import Trouble, again
from shared.eventstore.wake import Wake
from shared.messaging.feed_trace import published as published_traced
from shared.messaging.publisher import BATCH_LIMIT, BROKER_ERRORS, Message, Publisher
from shared.messaging.stamps import Stamps

log = structlog.get_logger(__name__)

# PostgreSQL sends what fits, and unpacks no more than the step asks for.
READ_FEED = """
select sequence, id, type, schema, stream, version, data, metadata, recorded_at, epoch, previous, leaf, bytes
from (
  select l.sequence, e.id, e.type, e.schema, e.stream, e.version, e.data, e.metadata, e.recorded_at,
         coalesce((select max(number) from epochs where epochs.position < l.position), 1) as epoch,
         lag(e.id) over (order by l.sequence) as previous, l.leaf,
         sum(octet_length(e.data::text)) filter (where l.sequence > $2)
           over (order by l.sequence rows unbounded preceding) as bytes
  from log l join events e on e.stream = l.stream and e.version = l.version
  where l.feed = $1 and l.sequence >= $2
  order by l.sequence limit $3 + 1
) page
where sequence > $2 and (bytes <= $4 or sequence = $2 + 1)
order by sequence limit $3
"""
PUBLISHED = "select published from relay where feed = $1"
ADVANCE = """
insert into relay (feed, published) values ($1, $2)
on conflict (feed) do update set published = greatest(relay.published, excluded.published)
"""
IS_LOGGED = """
select exists (
  select from log l join events e on e.stream = l.stream and e.version = l.version
  where l.feed = $1 and l.sequence = $2 and e.id = $3)
"""
IS_FED = "select exists (select from log where feed = $1)"
SET_BACK = "update relay set published = $2 where feed = $1 and published > $2"

BATCH_BYTES = 8 * 2**20  # of event data in one batch
FEED_STEP = 64  # events a first look takes; how large they are says how many the next may
LOOK_AGAIN = 5.0  # seconds; wake-ups come in process, this only covers one that was lost


class FeedRelay:
    """One feed's carrier. `wake` it when the feed has grown."""

    def __init__(self, pool: Pool, feed: MemberFeed, stamps: Stamps | None = None) -> None:
        self.feed = feed
        self._stamps = stamps or Stamps()
        self._name = feed.local_name
        self.wake = Wake()
        self.trouble: Trouble | None = None  # why the broker stores nothing of it, if it does not
        self.anew_since: datetime | None = None  # when the broker was found to have lost what is published again now
        self._pool = pool
        self._publisher: Publisher | None = None
        self._held = asyncio.Lock()  # publishing and setting back never overlap

    async def run(self, client: Client) -> None:
        """Carry for ever. While the broker is away: wait a little longer each time, lose nothing."""
        failures = 0
        while True:
            try:
                page = await self.carry_page(client)
                failures, self.trouble = 0, None
                if not page.is_cut:
                    await self.wake.wait(LOOK_AGAIN)
            except BROKER_ERRORS as error:
                failures += 1
                self.trouble = again(self.trouble, type(error).__name__)
                log.warning(
                    "relay waits for the broker",
                    feed=self.feed.full_name,
                    error=str(error) or type(error).__name__,
                )
                await asyncio.sleep(min(2.0, 0.05 * 2**failures) * random.uniform(0.5, 1))  # noqa: S311 - jitter

    async def carry(self, client: Client) -> int:
        """Publish the next batch. Returns how many events it held."""
        return len((await self.carry_page(client)).events)

    async def carry_page(self, client: Client) -> "FeedPage":
        """Publish the next batch, and return it. `published` moves only after the broker's ack."""
        async with self._held:
            published = await self._pool.fetchval(PUBLISHED, self._name) or 0
            page = await feed_page(self._pool, self.feed, after=published)
            if not page.events:
                self.anew_since = None
                return page
            messages = [
                Message(self.feed.subject_of(event.type), str(event.id), envelope.encode(event, self._stamps.of(event)))
                for event in page.events
            ]
            with published_traced(self.feed.full_name, page.events):
                await self._publisher_of(client).publish(self.feed.jetstream, messages)
            await self._pool.execute(ADVANCE, self._name, page.events[-1].sequence)
            return page

    def _publisher_of(self, client: Client) -> Publisher:
        if self._publisher is None or self._publisher.client is not client:
            self._publisher = Publisher(client)
        return self._publisher

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Nothing is published inside, so that what the broker holds can be compared with what it should hold."""
        async with self._held:
            yield

    async def epochs(self) -> Epochs:
        """Of the history that this feed is part of."""
        return await own_epochs(self._pool, self.feed.member.jurisdiction)

    async def is_logged(self, sequence: int, id: UUID) -> bool:
        """Whether the log has this event at this sequence of the feed."""
        known: bool = await self._pool.fetchval(IS_LOGGED, self._name, sequence, id)
        return known

    async def is_fed(self, feed: str) -> bool:
        """Whether the log has events of any feed of this department, named locally."""
        known: bool = await self._pool.fetchval(IS_FED, feed)
        return known

    async def set_back(self, sequence: int) -> bool:
        """The broker holds nothing after `sequence`: publish it again. Call it while paused.

        True when more than that had been published.
        """
        moved: str = await self._pool.execute(SET_BACK, self._name, sequence)
        is_behind = moved != "UPDATE 0"
        if is_behind:
            self.anew_since = self.anew_since or datetime.now(UTC)
            self.wake.set()
        return is_behind


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Part of a feed, in order. `is_cut`: more may follow than its limits let through."""

    events: list[Numbered]
    is_cut: bool


async def feed_page(
    pool: Pool, feed: MemberFeed, *, after: int, limit: int = BATCH_LIMIT, most_bytes: int = BATCH_BYTES
) -> FeedPage:
    """A page of an own feed from the log: so many events, whose data come to so many bytes, but at least one."""
    events: list[Numbered] = []
    used = 0
    step = min(limit, FEED_STEP)
    while True:
        rows = await pool.fetch(READ_FEED, feed.local_name, after + len(events), step, most_bytes - used)
        if events and rows and rows[-1]["bytes"] > most_bytes - used:
            return FeedPage(events, is_cut=True)
        events += [_numbered(row, feed) for row in rows]
        used += int(rows[-1]["bytes"]) if rows else 0
        if len(rows) < step:  # the end, or the next is too much
            return FeedPage(events, is_cut=used + LARGEST_EVENT > most_bytes)
        if len(events) == limit or used >= most_bytes:
            return FeedPage(events, is_cut=True)
        step = min(limit - len(events), max(FEED_STEP, (most_bytes - used) * len(events) // max(1, used)))


async def read_feed(
    pool: Pool, feed: MemberFeed, *, after: int, limit: int, most_bytes: int = BATCH_BYTES
) -> list[Numbered]:
    """The events of `feed_page`."""
    return (await feed_page(pool, feed, after=after, limit=limit, most_bytes=most_bytes)).events


def _numbered(row: asyncpg.Record, feed: MemberFeed) -> Numbered:
    values = dict(row) | {"feed": feed.full_name}
    del values["bytes"]
    return Numbered(**values)


def wake_of(relays: Mapping[str, FeedRelay]) -> Callable[[str, int], None]:
    """What the sequencer calls when a feed has grown."""

    def numbered(feed: str, _head: int) -> None:
        if feed in relays:  # else a newer release has it, and publishes it once it leads
            relays[feed].wake.set()

    return numbered
