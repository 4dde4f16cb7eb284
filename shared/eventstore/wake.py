"""Waking a loop: at once after work has come, and anyway after a while."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable


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


class WakeByType:
    """Wakes whoever waits for events of some types once such are here: own ones numbered, others' taken in.

    Own ones come by way of the sequencer, so a commit of any instance wakes the leader's loops.
    """

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[Wake]] = defaultdict(set)

    def waking(self, types: Iterable[str]) -> Wake:
        """A wake that is set whenever one of these has come."""
        wake = Wake()
        for type in types:
            self._waiting[type].add(wake)
        return wake

    def came(self, types: Iterable[str]) -> None:
        for type in types:
            for wake in self._waiting.get(type, ()):
                wake.set()
