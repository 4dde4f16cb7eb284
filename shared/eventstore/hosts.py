"""Connects to a database on one of several servers: `postgresql://user@a,b/db?target_session_attrs=read-write`.

asyncpg tries the servers one after the other. One that has lost its power answers nothing at all, and one that hangs
takes the connection and says nothing; either would take all the time that there is. So it is asked first whether
PostgreSQL answers there, and the server that was right last time comes first.

A primary that comes back after its standby was promoted takes writes like any primary. A promoted server is on a higher
timeline, so the highest that this process has seen rules: nobody connects to a lower one, and connections to it end.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from weakref import WeakSet

import asyncpg

ANSWERS_WITHIN = 1.0  # seconds; a machine that runs takes a connection sooner, however much it has to do
SAYS_WITHIN = 3.0  # seconds; a server that runs begins a process for who asks, and answers from there
LOOK_WITHIN = 5.0  # seconds for one server's timeline
LOOK_EVERY = 10.0  # seconds; how long a primary that came back may stay unnoticed
SSL_REQUEST = bytes.fromhex("0000000804d2162f")  # the shortest question: answered by one byte, before any login
DEFAULT_PORT = 5432

TIMELINE = """
select case when pg_is_in_recovery() then 0
            else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int end
"""
CANNOT = (
    OSError,
    asyncpg.TargetServerAttributeNotMatched,
    asyncpg.CannotConnectNowError,
    asyncpg.ObjectNotInPrerequisiteStateError,  # it became a standby meanwhile
)


class LeftBehind(ConnectionError):
    """The server takes writes, and another one of the same address was promoted after it."""


@dataclass(slots=True)
class _Known:
    """Of one address of several servers."""

    right: str | None = None  # the server that was right last time
    timeline: int = 0  # the highest seen; 0: none yet
    connections: WeakSet[asyncpg.Connection] = field(default_factory=WeakSet)  # all on that timeline

    def take(self, server: str, timeline: int, connection: asyncpg.Connection | None = None) -> None:
        """Raises LeftBehind when another server is on a higher timeline."""
        if timeline:
            if timeline < self.timeline:
                raise LeftBehind(f"a server on timeline {timeline}, where another is on {self.timeline}")
            if timeline > self.timeline > 0:
                self._follow(timeline)
            self.timeline = timeline
        self.right = server
        if connection is not None:
            self.connections.add(connection)

    def _follow(self, timeline: int) -> None:
        import structlog  # by then; a tool that only looks starts sooner without it

        log = structlog.get_logger(__name__)
        log.warning("a promoted server is followed", timeline=timeline, connections=len(self.connections))
        for one in self.connections:
            one.terminate()
        self.connections.clear()


_known: dict[str, _Known] = {}


async def connect(url: str, **options: Any) -> asyncpg.Connection:
    """As asyncpg.connect, which is asked at once where there is one server. Raises the last server's error."""
    servers = _servers(url)
    if len(servers) < 2:
        only: asyncpg.Connection = await asyncpg.connect(url, **options)
        return only
    if url not in _known:
        await look(url)
    known = _known[url]
    failure: BaseException | None = None
    for one in sorted(servers, key=lambda server: server != known.right):
        try:
            await _answers(one)
            connection: asyncpg.Connection = await asyncpg.connect(one, **options)
            try:
                known.take(one, await connection.fetchval(TIMELINE), connection)
            except BaseException:
                connection.terminate()
                raise
        except CANNOT as error:
            failure = error
        else:
            return connection
    assert failure is not None
    raise failure


async def look(url: str) -> None:
    """See which server is on the highest timeline, and end what is connected to a lower one."""
    servers = _servers(url)
    if len(servers) < 2:
        return
    known = _known.setdefault(url, _Known())
    for one in servers:
        with suppress(*CANNOT, asyncpg.PostgresError, TimeoutError):  # whoever connects is told
            await _answers(one)
            async with asyncio.timeout(LOOK_WITHIN):
                connection = await asyncpg.connect(one)
            try:
                known.take(one, await connection.fetchval(TIMELINE, timeout=LOOK_WITHIN))
            finally:
                connection.terminate()


def are_several(url: str) -> bool:
    return len(_servers(url)) > 1


async def follow(url: str) -> None:
    """Look for ever: where no connection fails, nobody would see that another server was promoted."""
    while True:
        await asyncio.sleep(LOOK_EVERY)
        await look(url)


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
