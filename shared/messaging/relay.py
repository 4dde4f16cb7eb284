"""Carries the log of each own feed to its JetStream stream, in order, and remembers how far it came."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import structlog
from nats.aio.client import Client

from shared.contracts import envelope
from shared.contracts.envelope import Numbered
from shared.contracts.feed import Feed
from shared.eventstore.database import Pool
from shared.eventstore.wake import Wake
from shared.messaging.publisher import BATCH_LIMIT, BROKER_ERRORS, Message, Publisher

log = structlog.get_logger(__name__)

READ_FEED = """
select l.feed, l.sequence, e.id, e.type, e.schema, e.stream, e.version, e.data, e.metadata, e.recorded_at
from log l join events e on e.stream = l.stream and e.version = l.version
where l.feed = $1 and l.sequence > $2
order by l.sequence limit $3
"""
PUBLISHED = "select published from relay where feed = $1"
ADVANCE = """
insert into relay (feed, published) values ($1, $2)
on conflict (feed) do update set published = greatest(relay.published, excluded.published)
"""
SET_BACK = "update relay set published = $2 where feed = $1 and published > $2"

LOOK_AGAIN = 5.0  # seconds; wake-ups come in process, this only covers one that was lost


class FeedRelay:
    """One feed's carrier. `wake` it when the feed has grown."""

    def __init__(self, pool: Pool, feed: Feed) -> None:
        self.feed = feed
        self.wake = Wake()
        self._pool = pool
        self._publisher: Publisher | None = None
        self._held = asyncio.Lock()  # publishing and setting back never overlap

    async def run(self, client: Client) -> None:
        """Carry for ever. While the broker is away: wait a little longer each time, lose nothing."""
        failures = 0
        while True:
            try:
                if await self.carry(client) < BATCH_LIMIT:
                    await self.wake.wait(LOOK_AGAIN)
                failures = 0
            except BROKER_ERRORS as error:
                failures += 1
                log.warning(
                    "relay waits for the broker",
                    feed=self.feed.full_name,
                    error=str(error) or type(error).__name__,
                )
                await asyncio.sleep(min(2.0, 0.05 * 2**failures) * random.uniform(0.5, 1))  # noqa: S311 - jitter

    async def carry(self, client: Client) -> int:
        """Publish the next batch. Returns how many events it held. `published` moves only after the broker's ack."""
        async with self._held:
            published = await self._pool.fetchval(PUBLISHED, self.feed.full_name) or 0
            events = await read_feed(self._pool, self.feed.full_name, after=published, limit=BATCH_LIMIT)
            if not events:
                return 0
            messages = [
                Message(self.feed.subject_of(event.type), str(event.id), envelope.encode(event)) for event in events
            ]
            await self._publisher_of(client).publish(self.feed.jetstream, messages)
            await self._pool.execute(ADVANCE, self.feed.full_name, events[-1].sequence)
            return len(events)

    def _publisher_of(self, client: Client) -> Publisher:
        if self._publisher is None or self._publisher.client is not client:
            self._publisher = Publisher(client)
        return self._publisher

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Nothing is published inside, so that what the broker holds can be compared with what it should hold."""
        async with self._held:
            yield

    async def set_back(self, sequence: int) -> bool:
        """The broker holds nothing after `sequence`: publish it again. Call it while paused.

        True when more than that had been published.
        """
        moved: str = await self._pool.execute(SET_BACK, self.feed.full_name, sequence)
        is_behind = moved != "UPDATE 0"
        if is_behind:
            self.wake.set()
        return is_behind


async def read_feed(pool: Pool, feed: str, *, after: int, limit: int) -> list[Numbered]:
    """A page of a feed from the log, in order."""
    return [Numbered(**row) for row in await pool.fetch(READ_FEED, feed, after, limit)]


def wake_of(relays: Mapping[str, FeedRelay]) -> Callable[[str, int], None]:
    """What the sequencer calls when a feed has grown."""

    def numbered(feed: str, _head: int) -> None:
        relays[feed].wake.set()

    return numbered
