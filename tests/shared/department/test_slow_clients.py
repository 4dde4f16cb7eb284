"""A client that dawdles, sends too much or never reads is let go; who sends at once is served meanwhile."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
import uvicorn
from litestar.types import Receive, Scope, Send

from shared.department.connections import Bounds, bounded
from tests.until import until

LONG = Bounds(idle_seconds=60, header_seconds=60, body_seconds=60, read_seconds=60, connections=50)
SOON = 0.05
HALF_SENT = b"POST /work HTTP/1.1\r\nAccept-Language: en\r\nHost: x\r\n"
REQUEST = b"GET /work HTTP/1.1\r\nHost: x\r\n\r\n"
LARGE = 16 * 1024 * 1024  # bytes: more than the kernel keeps for a client

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Served:
    """An application that reads the body, if it is asked to, and answers."""

    def __init__(self) -> None:
        self.port = 0
        self.served = 0
        self.left_alone = 0  # clients that went before their request was complete
        self.server: uvicorn.Server | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        while path != "/at-once":
            message: Any = await receive()
            if message["type"] == "http.disconnect":
                self.left_alone += 1
                return
            if not message["more_body"]:
                break
        answer = b"x" * LARGE if path == "/large" else b"done"
        headers = [(b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer, "more_body": False})
        self.served += 1

    @property
    def connections(self) -> int:
        assert self.server is not None
        return len(self.server.server_state.connections)

    async def open(self, *sent: bytes) -> Connection:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.writelines(sent)
        return reader, writer


class Quiet(uvicorn.Server):
    def install_signal_handlers(self) -> None:
        """pytest's own stay."""


@asynccontextmanager
async def serving(bounds: Bounds) -> AsyncIterator[Served]:
    served = Served()
    config = uvicorn.Config(served, port=0, http=bounded(bounds), ws="none", lifespan="off", log_config=None)
    server = served.server = Quiet(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    served.port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.force_exit = True
        for connection in list(server.server_state.connections):
            connection.transport.abort()
        await server.shutdown()


async def all_of(connection: Connection) -> bytes:
    """What comes until the server closes the connection."""
    reader, writer = connection
    try:
        async with asyncio.timeout(30):
            return await reader.read()
    finally:
        writer.close()


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def problem_of(answer: bytes) -> dict[str, Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    problem: dict[str, Any] = json.loads(body)
    return problem


async def test_half_sent_headers_are_not_waited_for() -> None:
    async with serving(replace(LONG, header_seconds=SOON)) as served:
        answer = await all_of(await served.open(HALF_SENT))
    assert problem_of(answer)["code"] == "request_timed_out"
    assert status_of(answer) == 408
    assert "send it again" in problem_of(answer)["detail"]


async def test_a_connection_without_a_request_is_closed_without_a_word() -> None:
    async with serving(replace(LONG, header_seconds=SOON)) as served:
        assert await all_of(await served.open()) == b""


async def test_blank_lines_do_not_keep_a_connection_open() -> None:
    async with serving(replace(LONG, header_seconds=SOON * 4)) as served:
        reader, writer = await served.open()
        ended = asyncio.create_task(all_of((reader, writer)))
        while not ended.done():
            writer.write(b"\r\n")
            await asyncio.wait([ended], timeout=SOON)
        assert await ended == b""


async def test_a_dribbled_body_is_not_waited_for() -> None:
    async with serving(replace(LONG, body_seconds=SOON * 4)) as served:
        reader, writer = await served.open(HALF_SENT, b"Content-Length: 1000\r\n\r\n")
        ended = asyncio.create_task(all_of((reader, writer)))
        while not ended.done():
            writer.write(b"x")
            await asyncio.wait([ended], timeout=SOON)
        assert status_of(await ended) == 408
        await until(lambda: served.left_alone == 1, what="the application learns of it")


async def test_a_body_that_goes_on_after_its_answer_is_not_waited_for() -> None:
    async with serving(replace(LONG, body_seconds=SOON * 4)) as served:
        start = b"POST /at-once HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        reader, writer = await served.open(start)
        ended = asyncio.create_task(all_of((reader, writer)))
        while not ended.done():
            writer.write(b"1\r\nx\r\n")
            await asyncio.wait([ended], timeout=SOON)
        assert (await ended).count(b"HTTP/1.1") == 1


async def test_a_client_that_reads_nothing_is_let_go() -> None:
    async with serving(replace(LONG, read_seconds=SOON)) as served:
        _, writer = await served.open(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        await until(lambda: served.served == 1, what="it is answered")
        await until(lambda: served.connections == 0, what="the connection is gone")
        writer.close()


async def test_an_idle_connection_is_closed() -> None:
    async with serving(replace(LONG, idle_seconds=1)) as served:
        answer = await all_of(await served.open(REQUEST))
    assert answer.endswith(b"done")


async def test_requests_one_after_another_share_a_connection() -> None:
    async with serving(LONG) as served:
        reader, writer = await served.open()
        for _ in range(3):
            writer.write(REQUEST)
            assert (await reader.readuntil(b"done")).startswith(b"HTTP/1.1 200")
        writer.write(REQUEST * 2)  # pipelined
        assert (await reader.readuntil(b"done")).startswith(b"HTTP/1.1 200")
        assert (await reader.readuntil(b"done")).startswith(b"HTTP/1.1 200")
        assert served.connections == 1
        writer.close()


async def test_the_headers_of_a_later_request_have_their_deadline_too() -> None:
    async with serving(replace(LONG, header_seconds=SOON)) as served:
        reader, writer = await served.open(REQUEST)
        await reader.readuntil(b"done")
        writer.write(HALF_SENT)
        assert status_of(await all_of((reader, writer))) == 408


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\nHost: x\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 5000 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: a\r\n" * 101,
    ],
    ids=["address", "bytes", "number"],
)
async def test_headers_have_a_limit(head: bytes) -> None:
    async with serving(replace(LONG, header_bytes=4096)) as served:
        answer = await all_of(await served.open(head, b"\r\n"))
    assert status_of(answer) == 431
    assert problem_of(answer)["code"] == "headers_too_large"


@pytest.mark.parametrize(
    "start",
    [
        b"GET /",
        HALF_SENT + b"X: ",
        HALF_SENT + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX: ",
        HALF_SENT + b"Transfer-Encoding: chunked\r\n\r\n1;",
    ],
    ids=["address", "header", "trailer", "extension"],
)
async def test_what_has_no_end_is_not_gathered(start: bytes) -> None:
    async with serving(replace(LONG, header_bytes=4096)) as served:
        reader, writer = await served.open(start)
        ended = asyncio.create_task(all_of((reader, writer)))
        while not ended.done():
            writer.write(b"a" * 1000)
            await asyncio.wait([ended], timeout=SOON)
        assert status_of(await ended) == 431


async def test_a_large_body_is_taken_in_many_pieces() -> None:
    async with serving(replace(LONG, header_bytes=4096)) as served:
        reader, writer = await served.open(HALF_SENT, b"Content-Length: 100000\r\n\r\n")
        for _ in range(100):
            writer.write(b"x" * 1000)
            await writer.drain()
        assert (await reader.readuntil(b"done")).startswith(b"HTTP/1.1 200")
        writer.close()


async def test_what_is_no_http_is_told_as_a_problem() -> None:
    async with serving(LONG) as served:
        assert problem_of(await all_of(await served.open(b"\x16\x03\x01 nonsense\r\n\r\n")))["code"] == "bad_request"


async def test_who_sends_at_once_is_served_however_many_dawdle() -> None:
    async with serving(LONG) as served:
        dawdling = [await served.open(HALF_SENT) for _ in range(LONG.connections * 2)]
        reader, writer = await served.open(REQUEST)
        assert (await reader.readuntil(b"done")).startswith(b"HTTP/1.1 200")
        assert served.connections <= LONG.connections
        assert status_of(await all_of(dawdling[0])) == 503
        for _, other in [*dawdling, (reader, writer)]:
            other.close()
