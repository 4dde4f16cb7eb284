"""The scanner's port: an honest default, and clamd spoken to as its manual says, here by a double of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from services.certificates.scanning import PIECE, Clamd, NoScanner, scanner
from shared.contracts.errors import Invalid, Unavailable

EICAR_LIKE = b"%PDF-1.7 virus"


@asynccontextmanager
async def clamd(says: Callable[[bytes], bytes]) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Its address, and what it was sent."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            content += await reader.readexactly(size)
        seen.append(content)
        writer.write(says(content))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield f"{host}:{port}", seen


def verdict(content: bytes) -> bytes:
    return b"stream: Eicar-Signature FOUND\0" if b"virus" in content else b"stream: OK\0"


async def test_without_a_scanner_nothing_is_claimed() -> None:
    assert isinstance(scanner(None), NoScanner)
    assert await scanner(None).scan(EICAR_LIKE) == "not_scanned"


async def test_a_clean_file_is_sent_whole_and_called_clean() -> None:
    content = b"x" * (PIECE * 2 + 5)
    async with clamd(verdict) as (address, seen):
        assert await scanner(address).scan(content) == "clean"
    assert seen == [content]


async def test_an_infected_file_is_refused() -> None:
    async with clamd(verdict) as (address, _):
        with pytest.raises(Invalid, match="infected"):
            await scanner(address).scan(EICAR_LIKE)


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"stream: OK"])
async def test_what_the_scanner_cannot_tell_is_not_taken(answer: bytes) -> None:
    async with clamd(lambda _: answer) as (address, _):
        with pytest.raises(Unavailable):
            await scanner(address).scan(b"anything")


async def test_a_scanner_that_is_away_lets_nothing_in(unused: Callable[[], Awaitable[int]]) -> None:
    with pytest.raises(Unavailable):
        await Clamd("127.0.0.1", await unused()).scan(b"anything")


@pytest.fixture
def unused() -> Callable[[], Awaitable[int]]:
    async def port() -> int:
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        async with server:
            found: int = server.sockets[0].getsockname()[1]
        return found

    return port
