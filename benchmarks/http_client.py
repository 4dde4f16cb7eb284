"""A keep-alive HTTP/1.1 client that costs little: one request at a time on each connection, always the same bytes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import cast


class UnexpectedAnswer(Exception):
    """Not 201, or the connection was closed."""


class _Connection(asyncio.Protocol):
    def __init__(self, request: bytes) -> None:
        self._request = request
        self._received = b""
        self._length = 0  # of the whole answer; 0 until its head has come
        self._answered: asyncio.Future[None] | None = None
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none by name

    async def send(self) -> None:
        """Returns when the whole answer has come. Raises UnexpectedAnswer."""
        self._answered = asyncio.get_running_loop().create_future()
        self._received, self._length = b"", 0
        self.transport.write(self._request)
        await self._answered

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._length:
            head, found, _ = self._received.partition(b"\r\n\r\n")
            if found and head.startswith(b"HTTP/1.1 201 "):
                self._length = len(head) + 4 + _content_length(head)
            elif found:
                self._end(UnexpectedAnswer(self._received.decode(errors="replace")))
        if self._length and len(self._received) >= self._length:
            self._end(None)

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error or UnexpectedAnswer("the connection was closed"))

    def _end(self, error: Exception | None) -> None:
        if self._answered is None or self._answered.done():
            return
        if error is None:
            self._answered.set_result(None)
        else:
            self._answered.set_exception(error)


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise UnexpectedAnswer("no Content-Length")


@asynccontextmanager
async def connections(
    port: int, path: str, body: str, token: str, count: int
) -> AsyncIterator[Callable[[int], Awaitable[None]]]:
    """Gives `post(connection)`."""
    request = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body.encode())}\r\n\r\n{body}"
    ).encode()
    loop = asyncio.get_running_loop()
    made = [(await loop.create_connection(lambda: _Connection(request), "127.0.0.1", port))[1] for _ in range(count)]
    try:
        yield lambda connection: made[connection].send()
    finally:
        for connection in made:
            connection.transport.close()
