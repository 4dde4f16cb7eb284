"""The relay from log to JetStream, every message durable (`sync_interval: always`)."""

from collections.abc import AsyncIterator
from time import perf_counter

import nats

from benchmarks import departments, feed
from benchmarks.departments import FEED, OFFICE_SERVICE
from benchmarks.figures import Aim, Case, Contender, Figure, Options, in_turns, median_rate, ratio
from benchmarks.peers import publish_async
from benchmarks.servers import Servers
from shared.messaging.relay import FeedRelay

BATCHES, PEER = "batches of ready envelopes", "publish_async of ready envelopes"
EVENTS_A_SECOND = 15_000  # of measurement: about what the relay carries
PEER_PART = 5  # the peer is given so many times fewer
START_OVER = "update relay set published = 0"


async def run(servers: Servers, options: Options) -> AsyncIterator[Case]:
    database = await servers.department()
    client = await nats.connect(servers.nats.url())
    try:
        async with departments.engine(OFFICE_SERVICE, departments.settings(database, servers.directory)) as office:
            await feed.fill_log(office, max(100, int(EVENTS_A_SECOND * options.seconds)))
            messages = await feed.messages_of(office)
            relay = FeedRelay(office.pool, FEED)

            async def ours() -> Figure:
                await feed.new_stream(client)
                await office.pool.execute(START_OVER)
                begin, carried = perf_counter(), 0
                while carried < len(messages):
                    carried += await relay.carry(client)
                return Figure(carried / (perf_counter() - begin))

            async def limit() -> Figure:
                await feed.new_stream(client)
                begin = perf_counter()
                await feed.publish(client, messages)
                return Figure(len(messages) / (perf_counter() - begin))

            async def peer() -> Figure:
                await feed.new_stream(client)
                some = messages[: len(messages) // PEER_PART]
                begin = perf_counter()
                await publish_async.publish(client, some)
                return Figure(len(some) / (perf_counter() - begin))

            lines = await in_turns(
                (Contender("ours", "ours", ours), Contender(BATCHES, "limit", limit), Contender(PEER, "peer", peer)),
                options.rounds,
            )
    finally:
        await client.close()
    aims = (
        Aim("events/s", median_rate(lines), 15_000),
        Aim("times publish_async", ratio(lines, PEER), 3),
    )
    yield Case("relay", "log to JetStream, sync_interval always", "events/s", lines, aims)
