"""Waiting: on a condition, with a deadline."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from deploy.demo.exchange import Exchange
from deploy.demo.expectations import Unmet
from shared.standards.text import Text

WITHIN = 30.0  # seconds; a department that was killed has to start first
LOOK = 0.005  # seconds between looks


async def until(ask: Callable[[], Awaitable[Exchange]], holds: Callable[[Exchange], bool], what: Text) -> Exchange:
    """Ask until the answer is as it should be. Raises Unmet with the last one when it is not in time."""
    deadline = time.monotonic() + WITHIN
    while True:
        answer = await ask()
        if holds(answer):
            return answer
        if time.monotonic() > deadline:
            raise Unmet(what, f"within {WITHIN:g} s", f"{answer.status} {answer.body}", answer.department)
        await asyncio.sleep(LOOK)
