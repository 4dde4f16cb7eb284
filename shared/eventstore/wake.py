"""Waking a loop: at once after work has come, and anyway after a while."""

import asyncio


class Wake:
    """An event that one loop waits for with a limit, so that a wake-up lost elsewhere costs only that limit.

    It wakes the `others` too, each with a loop of its own.
    """

    def __init__(self, *others: "Wake") -> None:
        self._event = asyncio.Event()
        self._others = others

    def set(self) -> None:
        self._event.set()
        for other in self._others:
            other.set()

    async def wait(self, at_most: float) -> None:
        """Returns when woken or after `at_most` seconds; the next wait starts asleep."""
        try:
            async with asyncio.timeout(at_most):
                await self._event.wait()
        except TimeoutError:
            pass
        self._event.clear()
