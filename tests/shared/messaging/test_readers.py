"""Readers stop and start with leadership, whole; the broker may be several servers."""

import asyncio
import json
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import nats
import pytest
from faststream.nats.subscriber.usecases import BatchPullStreamSubscriber
from nats.aio.client import Client
from nats.aio.subscription import Subscription
from nats.js.errors import NotFoundError

from deploy.embedded.department_database import DepartmentDatabase
from deploy.embedded.nats import Nats
from shared.department.engine import Engine
from shared.eventstore.tasks import ASK_AGAIN, end
from shared.messaging.broker import broker
from shared.messaging.foreign import api_of
from shared.messaging.prompt_subscriber import BATCH_BYTES, Batch, add_prompt_subscriber
from shared.messaging.topology_config import consumer_config, stream_config
from tests import sample
from tests.sample import CUSTOMS_MEMBER, CUSTOMS_SERVICE, HARBOUR_SERVICE, NOWHERE, SHIPS_FEED
from tests.until import until


async def test_readers_read_on_after_leadership_was_lost_though_they_are_slow_to_stop(
    database: DepartmentDatabase, tmp_path: Path, own_nats: Nats, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever ends a task asks again when it takes long, and that must not leave a reader half stopped."""
    stop = BatchPullStreamSubscriber.stop
    stopped = []

    async def slow(reader: BatchPullStreamSubscriber) -> None:
        await asyncio.sleep(3 * ASK_AGAIN)
        await stop(reader)
        stopped.append(reader)

    async with sample.engine(CUSTOMS_SERVICE, database, tmp_path, own_nats.url()) as customs:
        [reader] = customs._readers.values()

        def reads() -> bool:
            return customs.state().is_leading and any(not task.done() for task in reader.tasks)

        await until(reads, what="the leader reads")
        first = reader.tasks[0]
        monkeypatch.setattr(BatchPullStreamSubscriber, "stop", slow)
        connection = await asyncpg.connect(database.admin_url)
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'customs leader'"
        )
        await connection.close()
        await until(lambda: stopped, what="the reader has stopped with the leadership")
        await until(reads, what="it reads again")
        assert first.done()
        assert first not in reader.tasks
        monkeypatch.undo()


async def test_of_several_addresses_one_that_answers_is_enough(
    database: DepartmentDatabase, tmp_path: Path, own_nats: Nats
) -> None:
    async with sample.engine(CUSTOMS_SERVICE, database, tmp_path, f"{NOWHERE},{own_nats.url()}") as customs:
        await until(lambda: customs.state().broker_connected, what="it is connected to the second")


async def test_what_is_in_hand_is_bounded_in_bytes(own_nats: Nats) -> None:
    """Sixty messages of half a megabyte, and nobody who takes them: a few are fetched, and all come in the end."""
    client = await nats.connect(own_nats.url())
    jetstream = client.jetstream()
    await jetstream.add_stream(stream_config(SHIPS_FEED, 1))
    await jetstream.add_consumer(SHIPS_FEED.jetstream, consumer_config(SHIPS_FEED, CUSTOMS_MEMBER))
    for _ in range(60):
        await jetstream.publish(SHIPS_FEED.subject_of("harbour.ShipArrived"), bytes(500_000))
    await client.close()
    road = broker(own_nats.url(), CUSTOMS_MEMBER)
    reader = add_prompt_subscriber(
        road,
        subject=SHIPS_FEED.subject,
        api=api_of(SHIPS_FEED.member),
        stream=SHIPS_FEED.jetstream,
        durable=CUSTOMS_MEMBER.dashed,
        title=SHIPS_FEED.full_name,
        description="",
    )
    may_go_on = asyncio.Event()
    batches: list[list[int]] = []

    async def take(batch: Batch) -> None:
        batches.append([len(body) for body in batch.bodies])
        await may_go_on.wait()
        await batch.ack()

    reader(take)
    await road.connect()
    reading = asyncio.create_task(reader.run())
    await until(lambda: batches and reader._arrived_bytes > BATCH_BYTES, what="it has its hands full")
    assert sum(batches[0]) + reader._arrived_bytes + max(0, reader._outstanding_bytes) <= 4 * BATCH_BYTES
    may_go_on.set()
    await until(lambda: sum(map(len, batches)) == 60, what="all have come")
    assert max(map(sum, batches)) <= 2 * BATCH_BYTES + 1_000_000
    assert reader.trouble is None
    await end(reading)
    await road.stop()


@pytest.mark.parametrize(
    "sent",
    [
        b"HPUB history.local.harbour.ships 8 8\r\nNATS/1.0\r\n",
        b"HPUB history.local.harbour.ships 14 14\r\nNATS/1.0 \xff\xff\xff\r\n\r\n",
        b"PUB history.local.harbour.ships \xff\xfe 2\r\n{}\r\n",
    ],
)
async def test_a_message_that_cannot_be_read_ends_no_connection(
    database: DepartmentDatabase, tmp_path: Path, own_nats: Nats, sent: bytes
) -> None:
    """nats-py ends its reading at headers or a reply subject that it cannot read; whoever may ask us can send them."""
    client = await nats.connect(own_nats.url())
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path, own_nats.url()) as harbour:
        await until(lambda: harbour.state().broker_connected, what="it is connected")
        address = urlsplit(own_nats.url())
        reading, writing = await asyncio.open_connection(address.hostname, address.port)
        login = {"verbose": False, "headers": True, "user": address.username, "pass": address.password}
        writing.write(b"CONNECT " + json.dumps(login).encode() + b"\r\n" + sent + b"PING\r\n")
        await until_line(reading, b"PONG")
        await until(lambda: gives_history(client), what="its history is settled")
        assert harbour.client.stats["reconnects"] == 0
        writing.close()
    await client.close()


async def gives_history(client: Client) -> bool:
    answer = await client.request("history.local.harbour.ships", b'{"after": 0}', timeout=5)
    return bool(answer.data == b'{"head":0,"epochs":[]}')


async def until_line(reading: asyncio.StreamReader, start: bytes) -> None:
    async with asyncio.timeout(5):
        while line := await reading.readline():
            if line.startswith(start):
                return
    raise AssertionError("the broker has closed the connection")


async def test_no_answer_goes_where_the_asker_likes(
    database: DepartmentDatabase, tmp_path: Path, own_nats: Nats
) -> None:
    """A question whose reply subject was one's own event subject made one's answer lie in one's own stream."""
    client = await nats.connect(own_nats.url())
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path, own_nats.url()) as harbour:
        stream = harbour.registry.own_feeds[0].jetstream
        await until(lambda: holds(client, stream, 0), what="the stream is there")
        reply = harbour.registry.own_feeds[0].subject_of("harbour.ShipArrived")
        [question] = [one.subject for one in client_subjects(harbour) if one.subject.startswith("history.")]
        await until(lambda: gives_history(client), what="its history is settled")
        await client.publish(question, b'{"after": 0}', reply=reply)
        assert await gives_history(client), "after the other"
        assert await holds(client, stream, 0)
    await client.close()


def client_subjects(engine: Engine) -> list[Subscription]:
    return list(engine.client._subs.values())


async def holds(client: Client, stream: str, messages: int) -> bool:
    try:
        found = await client.jetstream().stream_info(stream)
        return bool(found.state.messages == messages)
    except NotFoundError:
        return False
