"""The inspector's process as the department sees it: started, spoken to in frames, killed."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any, Final, Self

import structlog

from shared.contracts.errors import Unavailable
from shared.inspection import frames
from shared.inspection.job import Job

log = structlog.get_logger(__name__)

START_WITHIN: Final = 30.0  # seconds
GONE: Final = (asyncio.IncompleteReadError, OSError, frames.WrongFrame)

Header = Mapping[str, Any]


class Apart:
    """One such process, until it ends."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, jobs: Iterable[Job]) -> Self:
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
        started = cls(process)
        try:
            async with asyncio.timeout(START_WITHIN):
                started.send({"jobs": [asdict(job) for job in jobs]})
                ready = await started.next()
        except (TimeoutError, *GONE):
            await started.end()
            log.critical("the inspector did not start", exit_code=process.returncode)
            raise Unavailable("the inspector did not start") from None
        log.info("inspector started", pid=process.pid, has_own_network=ready["has_own_network"])
        return started

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        return self._process.returncode

    def send(self, header: dict[str, Any], content: bytes = b"") -> None:
        """Goes out as fast as the other side takes it."""
        assert self._process.stdin is not None
        for piece in frames.frame(header, content):
            self._process.stdin.write(piece)

    async def next(self) -> Header:
        """What it says next. Raises one of GONE when it has ended."""
        assert self._process.stdout is not None
        of_header, of_content = frames.LENGTHS.unpack(await self._process.stdout.readexactly(frames.LENGTHS.size))
        frames.check(of_header, of_content)
        return frames.parsed(await self._process.stdout.readexactly(of_header))

    def kill(self) -> None:
        """`Process.kill` would look for its exit code first, and take it from whoever waits for it."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)

    async def end(self) -> None:
        self.kill()
        await self._process.wait()


def _environment() -> dict[str, str]:
    """Nothing of ours but where modules lie."""
    return {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONUTF8": "1"}
