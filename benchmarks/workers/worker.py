"""A program in a process of its own: its orders come by standard input, what it has to say goes out line by line."""

import asyncio
import json
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog

TIMEOUT = 60.0  # seconds for one answer


class Worker:
    """What the parent sees of it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.facts: Any = None  # what it said when it was ready

    async def hear(self, within: float = TIMEOUT) -> Any:
        """The next thing it says, within so many seconds. Raises RuntimeError when it ended instead."""
        assert self._process.stdout
        async with asyncio.timeout(within):
            line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError("a worker ended without an answer; its error stands above")
        return json.loads(line)

    async def tell(self, order: Any) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        await self._process.stdin.drain()


@asynccontextmanager
async def running(module: str, **orders: object) -> AsyncIterator[Worker]:
    """`python -m benchmarks.workers.<module>`, given its first orders and ready; ended afterwards."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", f"benchmarks.workers.{module}"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    worker = Worker(process)
    try:
        await worker.tell(orders)
        worker.facts = await worker.hear()
        yield worker
    finally:
        assert process.stdin
        process.stdin.close()  # the worker's sign to end
        try:
            async with asyncio.timeout(10):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def say(what: object) -> None:
    """From within the worker."""
    print(json.dumps(what), file=sys.__stdout__, flush=True)


async def orders() -> Any:
    """From within the worker: the next orders; None when the parent wants no more."""
    line = await asyncio.to_thread(sys.stdin.readline)
    return json.loads(line) if line else None


def only_warnings() -> None:
    """From within the worker: structlog on standard error, as standard output is for answers."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
