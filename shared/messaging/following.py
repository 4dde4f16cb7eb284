"""Duties of the leader that take in one foreign feed."""

import structlog
from nats.aio.client import Client

from shared.contracts.errors import TongbanError
from shared.messaging import heads
from shared.messaging.heads import Head
from shared.messaging.prompt_subscriber import PromptSubscriber
from shared.messaging.publisher import BROKER_ERRORS
from shared.messaging.subscription import Subscription
from shared.messaging.topology_config import MOST_UNACKNOWLEDGED

log = structlog.get_logger(__name__)


async def read(reader: PromptSubscriber, _: Client) -> None:
    await reader.run()


async def follow(subscription: Subscription, client: Client) -> None:
    """Each on its own, so that a long catching-up keeps no other feed waiting."""

    async def hear(head: Head) -> None:
        if subscription.feed in head.feeds:
            feed = subscription.feed
            await subscription.hear(head.feeds[feed], head.ids.get(feed), head.epochs.of_feed(feed))

    await heads.listen(client, hear, subscription.feed)


async def catch_up(subscription: Subscription, _: Client) -> None:
    """Once at the start: what was in the hands of the reader before us need not wait for the broker's redelivery.

    No more than that: what the broker holds it brings by itself, and what it does not hold the next heads tell.
    """
    try:
        came = await subscription.catch_up(at_most=MOST_UNACKNOWLEDGED)
    except (TongbanError, *BROKER_ERRORS) as error:  # the next head tells how far behind we are
        log.info("history was of no use", feed=subscription.feed, error=type(error).__name__)
    else:
        log.info("caught up", feed=subscription.feed, events=came)
