"""Has strangers' files examined, a few at once, in a process apart.

    result = await inspector.run(JOB, content, argument, client=address)

The process is begun with the first file (or by `warm`) and again after its death. What does not end well is a refusal:
a file that was not examined is never taken for one that is good.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import structlog

from shared.contracts.errors import Invalid, Unavailable
from shared.inspection.apart import GONE, Apart, Header
from shared.inspection.job import Job, Json
from shared.inspection.limits import LARGEST_CONTENT
from shared.inspection.outcome import Cause, busy, not_examined, too_large
from shared.inspection.queue import FairQueue
from shared.standards.text import Text

log = structlog.get_logger(__name__)

WORKERS: Final = 2  # files at once
WAITING: Final = 8  # files besides
GRACE: Final = 10.0  # seconds beyond an examination's deadline; then the inspector itself is at fault
ENDED: Final = {"answer": None, "cause": "failed", "why": "inspector ended", "processor": 0.0, "memory": 0}


@dataclass(slots=True, eq=False)
class _Order:
    job: Job
    content: bytes
    argument: Json
    answer: asyncio.Future[Header]

    def say(self, ended: Header) -> None:
        if not self.answer.done():
            self.answer.set_result(ended)


@dataclass(slots=True)
class Worst:
    """The most that one examination took since the start."""

    processor: float = 0.0  # seconds
    memory: int = 0  # bytes, with what the program itself has


class Inspector:
    """`counts`: by outcome, which is "examined", "refused", "busy", "too_large", or the cause of what was cut short."""

    def __init__(self, jobs: Sequence[Job], *, workers: int = WORKERS, waiting: int = WAITING) -> None:
        self._jobs = tuple(jobs)
        self._workers = workers
        self._queue: FairQueue[_Order] = FairQueue(waiting, share=max(1, waiting // 2))
        self._under_way: dict[int, _Order] = {}
        self._number = 0
        self._apart: Apart | None = None
        self._starting: asyncio.Task[Apart] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False
        self.counts: Counter[str] = Counter()
        self.worst = Worst()

    @property
    def pid(self) -> int | None:
        """Of the process apart, while there is one."""
        return self._apart.pid if self._apart else None

    @property
    def under_way(self) -> int:
        return len(self._under_way)

    @property
    def waiting(self) -> int:
        return len(self._queue)

    async def run(self, job: Job, content: bytes, argument: Json = None, *, client: str = "") -> Json:
        """What the job makes of `content`. `client`: whose share of the queue it is.

        Raises Busy when too many wait, and Invalid: what the job itself says is wrong, or that the file could not be
        examined within limits.
        """
        if len(content) > (most := min(job.limits.content, LARGEST_CONTENT)):
            self.counts["too_large"] += 1
            raise too_large(most, job.field)
        if not self._queue.has_room(client, spare=self._workers - len(self._under_way)):
            self.counts["busy"] += 1
            raise busy()
        order = _Order(job, content, argument, asyncio.get_running_loop().create_future())
        self._queue.put(client, order)
        try:
            await self._work_off()
            return self._result(job, await order.answer)
        finally:
            self._queue.leave(client, order)

    async def warm(self) -> None:
        """Start the process and let it load everything, so that the first file need not wait for that."""
        (await self._started()).send({"job": None})

    def warm_soon(self) -> None:
        self._do(self._warmed())

    async def close(self) -> None:
        """What is under way is given up."""
        self._is_closed = True
        if self._starting is not None:
            await asyncio.wait([self._starting])
        if self._apart is not None:
            await self._apart.end()
        self._give_all_up()
        await self._go_on()  # whoever waits is told
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work_off(self) -> None:
        """Hand over as many as there are workers for."""
        while len(self._queue) and len(self._under_way) < self._workers:
            apart = await self._started()
            if apart is not self._apart:  # it has ended meanwhile, and whatever it had was given up
                continue
            if not len(self._queue) or len(self._under_way) >= self._workers:
                return
            order = self._queue.take()
            self._number += 1
            self._under_way[self._number] = order
            header = {"id": self._number, "job": order.job.name, "argument": order.argument}
            apart.send(header, order.content)
            order.content = b""
            asyncio.get_running_loop().call_later(order.job.limits.wall + GRACE, self._give_up, apart, self._number)

    def _give_up(self, apart: Apart, number: int) -> None:
        if number in self._under_way:
            apart.kill()

    def _give_all_up(self) -> None:
        """Whatever the process had in hand was not examined."""
        orders, self._under_way = list(self._under_way.values()), {}
        for order in orders:
            order.say(ENDED)

    def _result(self, job: Job, ended: Header) -> Json:
        self.worst.processor = max(self.worst.processor, ended["processor"])
        self.worst.memory = max(self.worst.memory, ended["memory"])
        match ended["answer"]:
            case {"result": result}:
                self.counts["examined"] += 1
                return result
            case {"refused": str(code), "text": [str(zh), str(en)], "fields": dict(fields)}:
                self.counts["refused"] += 1
                raise Invalid(code, zh, en, fields={name: Text(*text) for name, text in fields.items()})
        cause: Cause = ended["cause"] or "failed"
        self.counts[cause] += 1
        log.warning(
            "file not examined",
            job=job.name,
            cause=cause,
            why=ended["why"],
            processor=round(ended["processor"], 2),
            memory=ended["memory"],
            so_far=self.counts[cause],
        )
        raise not_examined(cause, job.field)

    async def _started(self) -> Apart:
        """Who asked first may go away; the start goes on for the others."""
        if self._is_closed:
            raise Unavailable("the inspector is closed")
        if self._apart is not None:
            return self._apart
        if self._starting is None:
            self._starting = asyncio.create_task(self._start())
        return await asyncio.shield(self._starting)

    async def _start(self) -> Apart:
        try:
            self._apart = await Apart.start(self._jobs)
        finally:
            self._starting = None
        self._do(self._listen(self._apart))
        return self._apart

    async def _listen(self, apart: Apart) -> None:
        """Until it dies; then another one takes its place."""
        with suppress(*GONE):
            while True:
                ended = await apart.next()
                if order := self._under_way.pop(ended["id"], None):
                    order.say(ended)
                self._do(self._go_on())
        self._apart = None
        self._give_all_up()
        await apart.end()
        if not self._is_closed:
            log.warning("the inspector has ended", exit_code=apart.exit_code)
            await self._go_on()

    async def _go_on(self) -> None:
        try:
            await self._work_off()
        except Unavailable as error:
            while len(self._queue):
                order = self._queue.take()
                if not order.answer.done():
                    order.answer.set_exception(error)

    async def _warmed(self) -> None:
        with suppress(Unavailable, OSError):  # the first file tries again
            await self.warm()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
