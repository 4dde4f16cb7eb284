"""The floor of commit -> visible: one INSERT here, one publish, one message, one INSERT there; nothing around them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from time import perf_counter

import asyncpg
from nats.aio.client import Client
from nats.js.api import ConsumerConfig, StorageType, StreamConfig
from uuid_utils.compat import uuid7

from benchmarks.applications import payload
from benchmarks.figures import Figure
from benchmarks.load import figure
from benchmarks.peers.bare_inserts import INSERT, TABLE
from deploy.embedded.department_database import DepartmentDatabase

STREAM, SUBJECT = "bare", "bare.events"


@asynccontextmanager
async def bare_chain(
    database: DepartmentDatabase, client: Client
) -> AsyncIterator[Callable[[float], Awaitable[Figure]]]:
    """Gives `measure(seconds)`: one event after the other, timed from its first commit to its last.

    The first commit stands for the log's: the command's own lies before what is measured.
    """
    jetstream = client.jetstream()
    await jetstream.add_stream(StreamConfig(name=STREAM, subjects=[SUBJECT], storage=StorageType.FILE))
    messages = await jetstream.subscribe(SUBJECT, config=ConsumerConfig(), manual_ack=True)
    connection = await asyncpg.connect(database.admin_url)
    await connection.execute(TABLE)
    insert = await connection.prepare(INSERT)
    data = payload()

    async def one() -> None:
        await insert.fetch(uuid7(), data)
        await jetstream.publish(SUBJECT, data.encode())
        message = await messages.next_msg()
        await insert.fetch(uuid7(), message.data.decode())
        await message.ack()

    async def measure(seconds: float) -> Figure:
        latencies: list[float] = []
        start = perf_counter()
        while (begin := perf_counter()) < start + seconds:
            await one()
            latencies.append(perf_counter() - begin)
        return figure(latencies, perf_counter() - start)

    try:
        yield measure
    finally:
        await connection.close()
        await jetstream.delete_stream(STREAM)
