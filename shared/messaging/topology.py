"""The topology keeper: are my streams and their durable consumers there, and do they hold what I published?

Runs with the leader, every few seconds and after each reconnection. Missing: created. Behind: the relay is set back and
publishes again from the log; subscribers skip what they have. So the broker's store may be wiped at any time.
"""

import asyncio
from collections.abc import Mapping, Sequence

import orjson
import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from shared.contracts.member import Member, MemberFeed
from shared.eventstore.trouble import Trouble, again
from shared.messaging.publisher import BROKER_ERRORS
from shared.messaging.relay import FeedRelay

log = structlog.get_logger(__name__)

EVERY = 2.0  # seconds
DUPLICATE_WINDOW = 120.0  # seconds
ACK_WAIT = 30.0  # seconds; later deliveries are skipped by the checkpoint
MOST_UNACKNOWLEDGED = 10_000  # messages in the hands of a subscriber


def stream_config(feed: MemberFeed, replicas: int) -> StreamConfig:
    """No age limit, no deletion: the broker keeps what it can; the log is the record."""
    return StreamConfig(
        name=feed.jetstream,
        description=feed.title.en,
        subjects=[feed.subject],
        storage=StorageType.FILE,
        num_replicas=replicas,
        duplicate_window=DUPLICATE_WINDOW,
        deny_delete=True,
        deny_purge=True,
        allow_atomic=True,
    )


def consumer_config(feed: MemberFeed, subscriber: Member) -> ConsumerConfig:
    """The filter keeps out what is no event of the feed: a department that may pull some other feed can make the
    broker deliver it into this stream, under its own subject."""
    return ConsumerConfig(
        durable_name=subscriber.dashed,
        filter_subject=feed.subject,
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.ALL,
        ack_wait=ACK_WAIT,
        max_ack_pending=MOST_UNACKNOWLEDGED,
    )


class TopologyKeeper:
    """Keeps the streams of one department's feeds, with a durable consumer for each entitled subscriber."""

    def __init__(
        self, relays: Mapping[str, FeedRelay], subscribers: Mapping[str, Sequence[Member]], replicas: int = 1
    ) -> None:
        """`relays` by the feed's local name, `subscribers` by its full name."""
        self._relays = relays
        self._subscribers = subscribers
        self._replicas = replicas
        self.trouble: Trouble | None = None  # why a round did not end well, if it did not

    async def run(self, client: Client) -> None:
        """Keep for ever. `reconnects` of the client is looked at often: after one, the store may be another."""
        while True:
            try:
                await self.keep(client)
                self.trouble = None
            except BROKER_ERRORS as error:
                self.trouble = again(self.trouble, type(error).__name__)
                log.warning("topology keeper waits for the broker", error=str(error) or type(error).__name__)
            seen = client.stats["reconnects"]
            for _ in range(int(EVERY / 0.1)):
                await asyncio.sleep(0.1)
                if client.stats["reconnects"] != seen:
                    break

    async def keep(self, client: Client) -> None:
        """One round."""
        jetstream = client.jetstream(timeout=5)
        for relay in self._relays.values():
            await self._keep_stream(jetstream, relay)
            await self._keep_consumers(jetstream, relay.feed)

    async def _keep_stream(self, jetstream: JetStreamContext, relay: FeedRelay) -> None:
        """While the relay is paused: what it published into a new stream would hide that all before is missing."""
        feed = relay.feed
        async with relay.paused():
            try:
                await jetstream.stream_info(feed.jetstream)
            except NotFoundError:
                # set back first: should we be killed before the stream is there, everything is published all the same
                is_behind = await relay.set_back(0)
                await jetstream.add_stream(stream_config(feed, self._replicas))
                log.info("stream declared", feed=feed.full_name)
                last = 0
            else:
                last = await last_sequence(jetstream, feed)
                is_behind = await relay.set_back(last)
        if is_behind:
            log.warning("the broker lost events; publishing them again", feed=feed.full_name, after=last)

    async def _keep_consumers(self, jetstream: JetStreamContext, feed: MemberFeed) -> None:
        for subscriber in self._subscribers.get(feed.full_name, ()):
            try:
                await jetstream.consumer_info(feed.jetstream, subscriber.dashed)
            except NotFoundError:
                await jetstream.add_consumer(feed.jetstream, consumer_config(feed, subscriber))


async def last_sequence(jetstream: JetStreamContext, feed: MemberFeed) -> int:
    """The feed sequence of the last message the broker holds; 0 when it holds none."""
    try:
        message = await jetstream.get_last_msg(feed.jetstream, feed.subject)
    except NotFoundError:
        return 0
    return int(orjson.loads(message.data or b"{}").get("sequence", 0))
