"""nats-py's `publish_async`: each message acknowledged, and so synced, by itself; many under way at once."""

import asyncio
from collections.abc import Sequence

from nats.aio.client import Client
from nats.js.api import PubAck

from shared.messaging.publisher import Message

TIMEOUT = 60.0  # seconds; such a future can hang for ever


async def publish(client: Client, messages: Sequence[Message]) -> None:
    """Returns when all are acknowledged. Raises what the first failed one met, TimeoutError."""
    jetstream = client.jetstream()
    async with asyncio.timeout(TIMEOUT):
        futures: list[asyncio.Future[PubAck]] = [
            await jetstream.publish_async(message.subject, message.body, headers={"Nats-Msg-Id": message.id})
            for message in messages
        ]
        await asyncio.gather(*futures)
