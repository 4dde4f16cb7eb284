"""Waiting for a condition of this process."""

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], bool], timeout: float = 60.0) -> None:
    """Looks every millisecond. Raises TimeoutError."""
    async with asyncio.timeout(timeout):
        while not condition():  # noqa: ASYNC110 - what is measured must not be changed to tell us
            await asyncio.sleep(0.001)
