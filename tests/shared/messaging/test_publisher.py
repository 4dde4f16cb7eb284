"""What publishing does when the broker goes while it waits."""

import asyncio
import os
import signal

import pytest

from deploy.embedded.nats import Nats
from shared.contracts.errors import Unavailable
from shared.messaging.publisher import FEW, SLOW_TIMEOUT, Message, Publisher
from tests.connected import connected


async def test_acks_that_went_with_the_connection_are_not_waited_for(own_nats: Nats) -> None:
    messages = [Message("events.harbour", f"id-{n}", b"{}") for n in range(2 * FEW)]
    async with connected(own_nats.url(), reconnect_time_wait=0.01) as client:
        await client.jetstream().add_stream(name="events", subjects=["events.>"])
        os.kill(own_nats.pid, signal.SIGSTOP)  # it takes the messages and does not answer
        publishing = asyncio.create_task(Publisher(client).publish_one_by_one("events", messages))
        await asyncio.wait([publishing], timeout=0.5)
        own_nats.kill()
        with pytest.raises(Unavailable):
            async with asyncio.timeout(SLOW_TIMEOUT * 0.8):
                await publishing


async def test_a_stream_that_is_not_set_up_for_batches_gets_its_messages_one_by_one(own_nats: Nats) -> None:
    messages = [Message("events.harbour", f"id-{n}", b"{}") for n in range(2 * FEW)]
    async with connected(own_nats.url()) as client:
        await client.jetstream().add_stream(name="events", subjects=["events.>"])
        await Publisher(client).publish("events", messages)
        assert (await client.jetstream().stream_info("events")).state.messages == 2 * FEW
