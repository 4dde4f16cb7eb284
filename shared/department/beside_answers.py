"""Work beside answers: begun by a request, waited for by nobody."""

import asyncio

import structlog

from shared.contracts.errors import Unavailable
from shared.department.duties import Duty
from shared.eventstore.tasks import end
from shared.eventstore.transient import described

log = structlog.get_logger(__name__)

MOST = 200  # pieces of work under way


class BesideAnswers:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: Duty) -> None:
        """Nothing may rest on it: it ends with the process. Raises Unavailable when too much of it is under way."""
        if len(self._tasks) >= MOST:
            raise Unavailable("too much work beside answers is under way")
        task = asyncio.create_task(_tried(work), name="beside an answer")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def done(self) -> None:
        """All that is under way has ended."""
        await asyncio.gather(*self._tasks)

    async def end(self) -> None:
        for task in list(self._tasks):
            await end(task)


async def _tried(work: Duty) -> None:
    try:
        await work()
    except Exception as error:  # noqa: BLE001 - whatever it is, nobody waits for it; it is told without any value
        log.warning("work beside an answer failed", problem=described(error))
