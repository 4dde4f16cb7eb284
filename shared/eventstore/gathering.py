"""Work that waits is taken together; work that comes alone waits for nobody."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Generic, TypeVar

T = TypeVar("T")


class Gathering(Generic[T]):
    """Hands what was added to `work`, at most `at_once` items a call and `workers` calls at a time.

    `work` answers each item itself and never raises.
    """

    def __init__(self, work: Callable[[list[T]], Awaitable[None]], *, at_once: int, workers: int) -> None:
        self._work = work
        self._at_once = at_once
        self._most_workers = workers
        self._waiting: list[T] = []
        self._working = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, item: T) -> None:
        self._waiting.append(item)
        if self._working < self._most_workers:
            self._working += 1
            task = asyncio.create_task(self._take_and_work(), context=Context())  # it works for many
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _take_and_work(self) -> None:
        while taken := self._waiting[: self._at_once]:
            del self._waiting[: self._at_once]
            await self._work(taken)
        self._working -= 1  # in the same breath as the look: whoever comes next starts a worker again

    async def finish(self) -> None:
        """Returns when all that was added is done."""
        await asyncio.gather(*self._tasks)
