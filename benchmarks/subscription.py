"""Taking in a foreign feed: inbox, read model and checkpoint, through the real subscriber."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter

import nats
import orjson
from faststream.nats import NatsBroker
from nats.aio.client import Client

from benchmarks import departments, feed
from benchmarks.departments import ARCHIVE, ARCHIVE_SERVICE, FEED, OFFICE_SERVICE
from benchmarks.figures import Aim, Case, Contender, Figure, Options, in_turns, median_rate, ratio
from benchmarks.peers import transaction_an_event
from benchmarks.servers import Servers
from benchmarks.until import until
from benchmarks.workers import worker
from shared.contracts.member import DEFAULT_JURISDICTION, Member
from shared.eventstore.person_keys import GivenKey, PersonKeys
from shared.messaging.foreign import api_of
from shared.messaging.prompt_subscriber import Batch, add_prompt_subscriber
from shared.messaging.publisher import Message
from shared.messaging.subscription import Subscription

PEER = "one transaction an event"
EVENTS_A_SECOND = 20_000  # of measurement
PEER_PART = 20  # the peer is given so many times fewer

Handler = Callable[[Subscription], Callable[[Batch], Awaitable[None]]]


@dataclass(frozen=True)
class Filled:
    """A feed's messages, and the keys of what is sealed in them."""

    messages: list[Message]
    keys: list[GivenKey]


def receive(subscription: Subscription) -> Callable[[Batch], Awaitable[None]]:
    return subscription.receive


async def run(servers: Servers, options: Options) -> AsyncIterator[Case]:
    filled = await filled_feed(servers, max(100, int(EVENTS_A_SECOND * options.seconds)))
    client = await nats.connect(servers.nats.url())
    try:
        yield await _waiting(servers, options, client, filled)
        yield await _live(servers, options, client, filled)
    finally:
        await client.close()


async def take_in(servers: Servers, client: Client, filled: Filled, handler: Handler = receive) -> Figure:
    """The stream is full before the subscriber comes."""
    await feed.new_stream(client, ARCHIVE.department)
    await feed.publish(client, filled.messages)
    async with archive(servers, filled.keys, handler) as subscription:
        return await _rate(subscription, len(filled.messages))


async def _waiting(servers: Servers, options: Options, client: Client, filled: Filled) -> Case:
    few = Filled(filled.messages[: len(filled.messages) // PEER_PART], filled.keys)
    lines = await in_turns(
        (
            Contender("ours", "ours", lambda: take_in(servers, client, filled)),
            Contender(PEER, "peer", lambda: take_in(servers, client, few, transaction_an_event.of)),
        ),
        options.rounds,
    )
    aims = (Aim("events/s", median_rate(lines), 25_000), Aim(f"times {PEER}", ratio(lines, PEER), 10))
    return Case("subscription", "stream filled before", "events/s", lines, aims)


async def _live(servers: Servers, options: Options, client: Client, filled: Filled) -> Case:
    """A publisher in another process sends as fast as it can meanwhile."""
    messages = filled.messages
    file = servers.directory / "envelopes.json"
    file.write_bytes(orjson.dumps([(m.subject, m.id, m.body.decode()) for m in messages]))
    async with worker.running("publisher", file=str(file), nats_url=servers.nats.url()) as publisher:

        async def take_in() -> Figure:
            await feed.new_stream(client, ARCHIVE.department)
            async with archive(servers, filled.keys) as subscription:
                await publisher.tell("publish")
                found = await _rate(subscription, len(messages))
                await publisher.hear()
                return found

        lines = await in_turns((Contender("ours", "ours", take_in),), options.rounds)
    return Case("subscription", "while they are published", "events/s", lines)


async def _rate(subscription: Subscription, events: int) -> Figure:
    """From the first batch applied to the last."""
    await until(lambda: bool(subscription.checkpoint))
    begin, before = perf_counter(), subscription.checkpoint or 0
    await until(lambda: subscription.checkpoint == events)
    return Figure((events - before) / (perf_counter() - begin))


@asynccontextmanager
async def archive(servers: Servers, keys: list[GivenKey], handler: Handler = receive) -> AsyncIterator[Subscription]:
    """The archive's intake, reading, on a fresh database. It has been given these keys."""
    async with departments.engine(
        ARCHIVE_SERVICE, departments.settings(await servers.department(), servers.directory)
    ) as engine:
        assert isinstance(engine.registry.sealing, PersonKeys)
        await engine.registry.sealing.take(str(FEED.member), keys)
        subscription = engine.subscriptions[FEED.full_name]
        broker = NatsBroker(servers.nats.url(), apply_types=False, logger=None)
        reader = add_prompt_subscriber(
            broker,
            subject=FEED.subject,
            api=api_of(FEED.member),
            stream=FEED.jetstream,
            durable=Member(DEFAULT_JURISDICTION, ARCHIVE.department).dashed,
            title=FEED.full_name,
            description="",
        )
        reader(handler(subscription))
        await broker.connect()
        await reader.start()
        try:
            yield subscription
        finally:
            await reader.stop()
            await broker.stop()


async def filled_feed(servers: Servers, count: int, *, is_sealed: bool = True) -> Filled:
    async with departments.engine(
        OFFICE_SERVICE,
        departments.settings(await servers.department(), servers.directory),
        is_sealed=is_sealed,
    ) as office:
        await feed.fill_log(office, count)
        return Filled(await feed.messages_of(office), await feed.keys_of(office))
