"""How late the event loop comes to what is due: whatever computes for long keeps everything else waiting."""

import asyncio
from collections.abc import Callable
from time import monotonic

EVERY = 0.25  # seconds between looks


async def watch(observe: Callable[[float], None]) -> None:
    """For ever: sleep, and tell by how many seconds that was too long."""
    while True:
        due = monotonic() + EVERY
        await asyncio.sleep(EVERY)
        observe(max(0.0, monotonic() - due))
