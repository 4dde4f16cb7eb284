"""Has strangers' files examined, a few at once, in a process apart.

    result = await inspector.run(JOB, content, argument, client=address)

The process is begun with the first file (or by `warm`) and again after its death. What does not end well is a refusal:
a file that was not examined is never taken for one that is good.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, Final

import structlog

from shared.contracts.errors import Invalid, Unavailable
from shared.inspection import frames
from shared.inspection.job import Job, Json
from shared.inspection.limits import LARGEST_CONTENT
from shared.inspection.outcome import Cause, busy, not_examined, too_large
from shared.inspection.queue import FairQueue
from shared.standards.text import Text

log = structlog.get_logger(__name__)

WORKERS: Final = 2  # files at once
WAITING: Final = 8  # files besides
START_WITHIN: Final = 30.0  # seconds
GRACE: Final = 10.0  # seconds beyond an examination's deadline; then the inspector itself is at fault

Header = Mapping[str, Any]


@dataclass(slots=True, eq=False)
class _Order:
    job: Job
    content: bytes
    argument: Json
    answer: asyncio.Future[Header]


@dataclass(slots=True)
class Worst:
    """The most that one examination took since the start."""

    processor: float = 0.0  # seconds
    memory: int = 0  # bytes, with what the program itself has


class Inspector:
    """`counts`: by outcome, which is "examined", "refused", "busy", "too_large", or the cause of what was cut short."""

    def __init__(self, jobs: Sequence[Job], *, workers: int = WORKERS, waiting: int = WAITING) -> None:
        self._jobs = {job.name: job for job in jobs}
        self._workers = workers
        self._queue: FairQueue[_Order] = FairQueue(waiting, share=max(1, waiting // 2))
        self._under_way: dict[int, _Order] = {}
        self._number = 0
        self._process: Process | None = None
        self._starting = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False
        self.counts: Counter[str] = Counter()
        self.worst = Worst()

    @property
    def pid(self) -> int | None:
        """Of the process apart, while there is one."""
        return self._process.pid if self._process and self._process.returncode is None else None

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
        process = await self._started()
        self._send(process, {"job": None})

    def warm_soon(self) -> None:
        self._do(self._warmed())

    async def close(self) -> None:
        """What is under way is given up."""
        self._is_closed = True
        process, self._process = self._process, None
        if process is not None:
            _kill(process)
            await process.wait()
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work_off(self) -> None:
        """Hand over as many as there are workers for."""
        while len(self._queue) and len(self._under_way) < self._workers:
            process = await self._started()
            if not len(self._queue) or len(self._under_way) >= self._workers:
                return
            order = self._queue.take()
            self._number += 1
            self._under_way[self._number] = order
            header = {"id": self._number, "job": order.job.name, "argument": order.argument}
            self._send(process, header, order.content)
            order.content = b""
            asyncio.get_running_loop().call_later(order.job.limits.wall + GRACE, self._give_up, process, self._number)

    def _send(self, process: Process, header: dict[str, Any], content: bytes = b"") -> None:
        assert process.stdin is not None
        for piece in frames.frame(header, content):
            process.stdin.write(piece)

    def _give_up(self, process: Process, number: int) -> None:
        if number in self._under_way:
            _kill(process)

    def _result(self, job: Job, ended: Header) -> Json:
        self.worst.processor = max(self.worst.processor, ended["processor"])
        self.worst.memory = max(self.worst.memory, ended["memory"])
        cause: Cause | None = ended["cause"]
        if cause is not None:
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
        answer = ended["answer"]
        if "refused" in answer:
            self.counts["refused"] += 1
            raise _refusal(answer)
        self.counts["examined"] += 1
        return answer.get("result")

    async def _started(self) -> Process:
        async with self._starting:
            if self._is_closed:
                raise Unavailable("the inspector is closed")
            if self._process is None or self._process.returncode is not None:
                self._process = await self._start()
            return self._process

    async def _start(self) -> Process:
        """Raises Unavailable."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "shared.inspection.supervisor",
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env=_environment(),
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(START_WITHIN):
                self._send(process, {"jobs": [asdict(job) for job in self._jobs.values()]})
                ready = await _next(process)
        except (TimeoutError, OSError, asyncio.IncompleteReadError, frames.WrongFrame):
            _kill(process)
            await process.wait()
            log.critical("the inspector did not start", exit_code=process.returncode)
            raise Unavailable("the inspector did not start") from None
        log.info("inspector started", pid=process.pid, has_own_network=ready["has_own_network"])
        self._do(self._listen(process))
        return process

    async def _listen(self, process: Process) -> None:
        """Until it dies; then whatever it had in hand was not examined."""
        try:
            while True:
                ended = await _next(process)
                order = self._under_way.pop(ended["id"], None)
                if order is not None and not order.answer.done():
                    order.answer.set_result(ended)
                self._do(self._go_on())
        except (asyncio.IncompleteReadError, OSError, frames.WrongFrame):
            pass
        finally:
            self._all_died(process)
        await process.wait()
        if self._is_closed:
            return
        log.warning("the inspector has ended", exit_code=process.returncode)
        await self._go_on()

    def _all_died(self, process: Process) -> None:
        _kill(process)
        if self._process is process:
            self._process = None
        gone = {"answer": None, "cause": "failed", "why": "inspector ended", "processor": 0.0, "memory": 0}
        orders, self._under_way = list(self._under_way.values()), {}
        for order in orders:
            if not order.answer.done():
                order.answer.set_result(gone)

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

    def _do(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _kill(process: Process) -> None:
    """`Process.kill` would look for its exit code first, and take it from whoever waits for it."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)


def _refusal(answer: Header) -> Invalid:
    fields = {str(name): Text(*text) for name, text in answer["fields"].items()}
    return Invalid(answer["refused"], *answer["text"], fields=fields)


async def _next(process: Process) -> Header:
    """Raises IncompleteReadError when it has ended, WrongFrame."""
    assert process.stdout is not None
    of_header, of_content = frames.LENGTHS.unpack(await process.stdout.readexactly(frames.LENGTHS.size))
    frames.check(of_header, of_content)
    return frames.parsed(await process.stdout.readexactly(of_header))


def _environment() -> dict[str, str]:
    """Nothing of ours but where modules lie."""
    return {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONUTF8": "1"}
