"""Instances of a department hear at once that a key was dropped, whoever of them dropped it (LISTEN and NOTIFY).

What is dropped is told in the transaction that drops it. A connection that comes anew may have missed something: then
everything is looked up anew. Should nobody hear, a key is forgotten after KEY_SECONDS.
"""

from collections.abc import Awaitable, Callable

import asyncpg
import structlog

from shared.eventstore.person_keys import PersonKeys

log = structlog.get_logger(__name__)

CHANNEL = "keys_dropped"

Listen = Callable[[asyncpg.Connection], Awaitable[None]]
"""Called with a connection that nobody borrows, whenever that has come anew."""


def listening(keys: PersonKeys) -> Listen:
    def dropped(_connection: object, _pid: int, _channel: str, told: object) -> None:
        provider, id, owner = str(told).split(" ", 2)
        keys.dropped(provider, id, owner)

    async def listen(connection: asyncpg.Connection) -> None:
        await connection.add_listener(CHANNEL, dropped)
        keys.look_anew()

    return listen
