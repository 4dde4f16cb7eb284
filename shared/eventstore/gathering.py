"""Work that waits is taken together; work that comes alone waits for nobody."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Generic, TypeVar

import structlog

from shared.eventstore.transient import described

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Gathering(Generic[T]):
    """Hands what was added to `work`, at most `at_once` items a call and `workers` calls at a time.

    Items of one call weigh `most` together, or there is but one. `work` answers each item itself and never raises; did
    it all the same, its worker would go on with the next items.
    """

    def __init__(
        self,
        work: Callable[[list[T]], Awaitable[None]],
        *,
        at_once: int,
        workers: int,
        weigh: Callable[[T], int] = lambda _: 0,
        most: int = 0,
    ) -> None:
        self._work = work
        self._weigh = weigh
        self._most = most
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
        while taken := self._take():
            try:
                await self._work(taken)
            except Exception as error:  # noqa: BLE001 - see above
                log.error("work that is done together failed", items=len(taken), problem=described(error))  # noqa: TRY400
        self._working -= 1  # in the same breath as the look: whoever comes next starts a worker again

    @property
    def waiting(self) -> int:
        """Items that nobody works on yet."""
        return len(self._waiting)

    def _take(self) -> list[T]:
        weight = 0
        count = 0
        for item in self._waiting[: self._at_once]:
            weight += self._weigh(item)
            if count and weight > self._most:
                break
            count += 1
        taken = self._waiting[:count]
        del self._waiting[:count]
        return taken

    async def finish(self) -> None:
        """Returns when all that was added is done."""
        await asyncio.gather(*self._tasks)
