"""What the leader goes through now and then, because a process may be killed before its work is done."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

EVERY = 2.0  # seconds between sweeps

Clock = Callable[[], datetime]
Sweep = Callable[[], Awaitable[object]]


def utc_now() -> datetime:
    return datetime.now(UTC)


async def keep_sweeping(*sweeps: Sweep) -> None:
    """A duty. Errors of the database end it together with the leadership."""
    while True:
        for sweep in sweeps:
            await sweep()
        await asyncio.sleep(EVERY)
