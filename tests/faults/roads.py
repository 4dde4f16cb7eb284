"""Faults of the road: the broker away, wiped, in disorder, short of a server; a subscriber away."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import nats

from shared.contracts import envelope
from shared.eventstore.database import connect_pool
from shared.messaging.broker import inbox_of
from shared.messaging.relay import PUBLISHED, read_feed
from tests.faults.cluster import ClusteredStack
from tests.faults.commands import Client
from tests.faults.fault import Fault, Ground
from tests.faults.town import Scene


def broker_stopped(seconds: float) -> Fault:
    async def strike(scene: Scene, client: Client) -> str:
        accepted = len(client.record.accepted)
        await scene.halt("nats")
        await asyncio.sleep(seconds)
        meanwhile = len(client.record.accepted) - accepted
        await scene.resume("nats")
        assert meanwhile > 0, "without a broker no command was accepted"
        return f"{meanwhile:,} commands accepted meanwhile"

    return Fault(f"broker stopped for {seconds:g} s", strike, patience=60 + 2 * seconds)


async def wipe_broker(scene: Scene, client: Client) -> str:
    await scene.stack.wipe_nats()
    return "its store deleted"


def subscriber_down(events: int) -> Fault:
    """The quickest way to true events: the bulk import, an event of identity.people a line."""

    async def strike(scene: Scene, client: Client) -> str:
        await scene.halt("certificates")
        began = time.monotonic()
        try:
            await scene.enter(events, client)
        finally:
            took = time.monotonic() - began
            await scene.resume("certificates")
        return f"imported at {events / took:,.0f} events/s"

    return Fault(f"certificates down while {events:,} events pass", strike, patience=300)


async def deliver_in_disorder(scene: Scene, client: Client) -> str:
    """Events come to the subscribers again, mixed up, and later ones before earlier ones: a relay gone mad.

    It publishes with its provider's own login, without the message ids by which the broker would know them again. While
    the row of `published` is held the true relay stands still, so that what is mixed up is partly new.
    """
    messages = 0
    for feed in ("identity.people", "certificates.applications", "certificates.lifecycle"):
        provider = scene.department(feed.partition(".")[0])
        of_provider = next(one for one in provider.registry.own_feeds if one.local_name == feed)
        pool = await connect_pool(provider.database_url, name="disorder", min_size=1, max_size=2)
        broker = await nats.connect(provider.nats_url, inbox_prefix=inbox_of(of_provider.member).encode())
        try:
            for _ in range(2 if scene.quick else 6):
                async with pool.acquire() as holding, holding.transaction():
                    published = await holding.fetchval(f"{PUBLISHED} for update", feed) or 0
                    await asyncio.sleep(0.4)
                    events = await read_feed(pool, of_provider, after=max(0, published - 200), limit=800)
                    scene.rng.shuffle(events)
                    for event in events:
                        await broker.publish(of_provider.subject_of(event.type), envelope.encode(event))
                    await broker.flush()
                    messages += len(events)
        finally:
            await broker.close()
            await pool.close()
    return f"{messages:,} messages again and mixed up"


def broker_node(which: Callable[[ClusteredStack], Awaitable[str]], name: str) -> Fault:
    """One of three brokers is killed and stays away for a while."""

    async def strike(scene: Scene, client: Client) -> str:
        assert isinstance(scene.stack, ClusteredStack)
        node = await which(scene.stack)
        await scene.stack.lose(node, 3 if scene.quick else 8)
        return f"{node}, away for {3 if scene.quick else 8} s"

    return Fault(name, strike, Ground.three_brokers)
