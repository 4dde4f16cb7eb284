"""Connects to a database on one of several servers: `postgresql://user@a,b/db?target_session_attrs=read-write`.

asyncpg tries the servers one after the other. One that has lost its power answers nothing at all, and one that hangs
takes the connection and says nothing; either would take all the time that there is. So it is asked first whether
PostgreSQL answers there, and the server that was right last time comes first.
"""

import asyncio
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

ANSWERS_WITHIN = 1.0  # seconds; a machine that runs takes a connection sooner, however much it has to do
SAYS_WITHIN = 3.0  # seconds; a server that runs begins a process for who asks, and answers from there
SSL_REQUEST = bytes.fromhex("0000000804d2162f")  # the shortest question: answered by one byte, before any login
DEFAULT_PORT = 5432

_right: dict[str, str] = {}  # URL of several servers -> the one among them that was right last time


async def connect(url: str, **options: Any) -> asyncpg.Connection:
    """As asyncpg.connect, which is asked at once where there is one server. Raises the last server's error."""
    servers = _servers(url)
    if len(servers) < 2:
        only: asyncpg.Connection = await asyncpg.connect(url, **options)
        return only
    last = _right.get(url)
    failure: BaseException | None = None
    for one in sorted(servers, key=lambda server: server != last):
        try:
            await _answers(one)
            connection: asyncpg.Connection = await asyncpg.connect(one, **options)
        except (OSError, asyncpg.TargetServerAttributeNotMatched, asyncpg.CannotConnectNowError) as error:
            failure = error
        else:
            _right[url] = one
            return connection
    assert failure is not None
    raise failure


def _servers(url: str) -> list[str]:
    """An address for each."""
    parts = urlsplit(url)
    login, at, hosts = parts.netloc.rpartition("@")
    return [urlunsplit(parts._replace(netloc=f"{login}{at}{host}")) for host in hosts.split(",")]


async def _answers(url: str) -> None:
    """Raises OSError: nobody does, or no server behind who takes the connection."""
    parts = urlsplit(url)
    async with asyncio.timeout(ANSWERS_WITHIN):
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port or DEFAULT_PORT)
    try:
        writer.write(SSL_REQUEST)
        async with asyncio.timeout(SAYS_WITHIN):
            if not await reader.read(1):
                raise ConnectionResetError(f"{parts.hostname} closed the connection before it said anything")
    finally:
        writer.close()
