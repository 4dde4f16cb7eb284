"""A plain client of the broker, for tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import nats
from nats.aio.client import Client

from shared.messaging.broker import close


@asynccontextmanager
async def connected(url: str, **options: Any) -> AsyncIterator[Client]:
    """Closed at the end, also when its server has just been killed. `options`: as for `nats.connect`."""
    client = await nats.connect(url, **options)
    try:
        yield client
    finally:
        await close(client)
