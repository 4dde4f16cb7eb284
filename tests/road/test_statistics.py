"""What the broker does for each account is counted, and shows who keeps it busy; who takes too little is let go."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import nats
import pytest
from nats.aio.client import Client
from prometheus_client.parser import text_string_to_metric_families

from deploy.embedded.nats import Nats
from deploy.embedded.ports import free_port
from deploy.road import file, statistics
from deploy.road.accounts import Accounts
from shared.eventstore.tasks import end
from tests.deploy.test_road_accounts import PASSWORD, made
from tests.until import until

STREAM, READER = "local-harbour-ships", "local-customs"
NEXT = f"JS.local-harbour.API.CONSUMER.MSG.NEXT.{STREAM}.{READER}"
FEEDS = 9  # that a department reads by one connection at most
A_BATCH = 4 * 2**20  # bytes that it asks for of each


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Nats]:
    accounts: Accounts = made(tmp_path)
    running = Nats(tmp_path / "nats", free_port(), sync_interval="2m", accounts_file=file.write(tmp_path, accounts))
    await running.start()
    yield running
    await running.stop()


async def as_login(server: Nats, login: str, **options: Any) -> Client:
    return await nats.connect(server.url(login, PASSWORD), inbox_prefix=f"_INBOX_{login}".encode(), **options)


async def fill(server: Nats, messages: int, size: int) -> None:
    """The provider's stream and its reader's durable."""
    async with await as_login(server, "local-harbour") as harbour:
        config: dict[str, Any] = {"name": STREAM, "subjects": ["events.local.harbour.ships.>"], "storage": "file"}
        await asked(harbour, f"$JS.API.STREAM.CREATE.{STREAM}", config)
        durable = {"durable_name": READER, "ack_policy": "all", "max_waiting": 64, "max_ack_pending": 10_000}
        question = {"stream_name": STREAM, "config": durable}
        await asked(harbour, f"$JS.API.CONSUMER.DURABLE.CREATE.{STREAM}.{READER}", question)
        for _ in range(messages):
            await asked(harbour, "events.local.harbour.ships.Arrived", b"x" * size)


async def asked(client: Client, subject: str, question: Any) -> None:
    body = question if isinstance(question, bytes) else json.dumps(question).encode()
    answer = json.loads((await client.request(subject, body, timeout=5)).data)
    assert "error" not in answer, answer


async def counted(address: str, name: str, **labels: str) -> float:
    async with httpx.AsyncClient(trust_env=False) as http:
        text = (await http.get(address)).text
    families = text_string_to_metric_families(text)
    found = [one for family in families for one in family.samples if one.name == name]
    return sum(one.value for one in found if labels.items() <= one.labels.items())


@pytest.fixture
async def address(server: Nats, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    monkeypatch.setattr(statistics, "EVERY", 0.1)
    port = free_port()
    serving = asyncio.create_task(statistics.serve([server.url()], PASSWORD, "127.0.0.1", port))
    yield f"http://127.0.0.1:{port}/metrics"
    await end(serving)


async def test_heartbeats_without_end_show_whose_they_are(server: Nats, address: str) -> None:
    await fill(server, 1, 10)
    reader = await as_login(server, READER)
    inbox = f"_INBOX_{READER}.x"
    await reader.subscribe(inbox)
    question = {"batch": 1000, "expires": int(2e9), "idle_heartbeat": 1}
    await reader.publish(NEXT, json.dumps(question).encode(), reply=inbox)

    async def shows() -> bool:
        out = await counted(address, "tongban_account_messages_total", account=READER, direction="out")
        others = await counted(address, "tongban_account_messages_total", account="local-harbour", direction="out")
        return out > 500 and out > 50 * others

    await until(shows, what="the reader's messages stand out")
    assert await counted(address, "tongban_account_connections", account=READER) == 1
    await reader.close()


async def test_a_normal_reader_that_pauses_keeps_its_connection(server: Nats, address: str) -> None:
    """All nine feeds of a department are behind at once, and its event loop stands."""
    await fill(server, 44, 900_000)
    reader, writer = await raw(server, READER)
    for number in range(FEEDS):
        ask_for(writer, {"batch": 1000, "max_bytes": A_BATCH, "expires": int(20e9)}, number)
    await writer.drain()
    await asyncio.sleep(2)  # it takes nothing; what it asked for waits at the server
    read = 0
    async with asyncio.timeout(20):
        while read < 30 * 900_000:  # four of each request and no more
            chunk = await reader.read(2**20)
            assert chunk, "the server let it go"
            read += len(chunk)
    assert await counted(address, "tongban_account_slow_consumers_total") == 0
    writer.close()


async def test_who_asks_for_more_than_it_takes_is_let_go(server: Nats, address: str) -> None:
    await fill(server, 80, 900_000)
    _, writer = await raw(server, READER)
    ask_for(writer, {"batch": 1000, "expires": int(30e9)}, 0)
    await writer.drain()

    async def let_go() -> bool:
        return await counted(address, "tongban_account_slow_consumers_total", account=READER) >= 1

    await until(let_go, timeout=30, what="the server let it go")
    writer.close()


async def raw(server: Nats, login: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection of which nobody reads what comes: nats-py would."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=2**16)
    await reader.readline()
    said = {"user": login, "pass": PASSWORD, "verbose": False, "headers": True, "no_responders": True}
    writer.write(f"CONNECT {json.dumps(said)}\r\nPING\r\n".encode())
    assert (await reader.readline()).strip() == b"PONG"
    writer.write(f"SUB _INBOX_{login}.> 1\r\n".encode())
    return reader, writer


def ask_for(writer: asyncio.StreamWriter, question: dict[str, int], number: int) -> None:
    body = json.dumps(question).encode()
    writer.write(f"PUB {NEXT} _INBOX_{READER}.{number} {len(body)}\r\n".encode() + body + b"\r\n")
