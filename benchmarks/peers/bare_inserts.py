"""The limit of one transaction a command: single-row INSERTs, one connection a writer, each its own commit."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
from uuid_utils.compat import uuid7

TABLE = "create table if not exists bare (id uuid primary key, data json not null)"
INSERT = "insert into bare (id, data) values ($1, $2)"


@asynccontextmanager
async def bare_inserts(url: str, writers: int, data: str) -> AsyncIterator[Callable[[int], Awaitable[object]]]:
    """Gives `insert(writer)`."""
    async with AsyncExitStack() as stack:
        connections = await asyncio.gather(*(asyncpg.connect(url) for _ in range(writers)))
        for connection in connections:
            stack.push_async_callback(connection.close)
        await connections[0].execute(TABLE)
        statements = [await connection.prepare(INSERT) for connection in connections]

        async def insert(writer: int) -> object:
            return await statements[writer].fetch(uuid7(), data)

        yield insert
