"""The inspector's process as the department sees it: started, spoken to in frames, killed.

It is started by `subprocess`, which runs none of our code in the new process. uvloop runs there what libraries have
registered for after a fork. OpenTelemetry's waits there for a lock that nobody gives back, and the department for it.
"""

import asyncio
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from subprocess import DEVNULL, PIPE, Popen
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

    def __init__(
        self,
        process: "Popen[bytes]",
        said: asyncio.StreamReader,
        out: asyncio.ReadTransport,
        into: asyncio.WriteTransport,
    ) -> None:
        self._process = process
        self._said = said
        self._out = out
        self._into = into

    @classmethod
    async def start(cls, jobs: Iterable[Job]) -> Self:
        """Raises Unavailable."""
        started = await cls._connected(await asyncio.to_thread(_begin))
        try:
            async with asyncio.timeout(START_WITHIN):
                started.send({"jobs": [asdict(job) for job in jobs]})
                ready = await started.next()
        except (TimeoutError, *GONE):
            await started.end()
            log.critical("the inspector did not start", exit_code=started.exit_code)
            raise Unavailable("the inspector did not start") from None
        log.info("inspector started", pid=started.pid, has_own_network=ready["has_own_network"])
        return started

    @classmethod
    async def _connected(cls, process: "Popen[bytes]") -> Self:
        loop = asyncio.get_running_loop()
        said = asyncio.StreamReader()
        out, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(said), process.stdout)
        into, _ = await loop.connect_write_pipe(asyncio.Protocol, process.stdin)
        return cls(process, said, out, into)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        return self._process.poll()

    def send(self, header: dict[str, Any], content: bytes = b"") -> None:
        """Goes out as fast as the other side takes it."""
        for piece in frames.frame(header, content):
            self._into.write(piece)

    async def next(self) -> Header:
        """What it says next. Raises one of GONE when it has ended."""
        of_header, of_content = frames.LENGTHS.unpack(await self._said.readexactly(frames.LENGTHS.size))
        frames.check(of_header, of_content)
        return frames.parsed(await self._said.readexactly(of_header))

    def kill(self) -> None:
        self._process.kill()  # nothing, when it has ended

    async def end(self) -> None:
        self.kill()
        self._into.abort()
        self._out.close()
        await asyncio.to_thread(self._process.wait)


def _begin() -> "Popen[bytes]":
    return Popen(
        [sys.executable, "-P", "-m", "shared.inspection.supervisor"],
        bufsize=0,
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env=_environment(),
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    """Nothing of ours but where modules lie."""
    return {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONUTF8": "1"}
