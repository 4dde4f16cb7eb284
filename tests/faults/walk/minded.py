"""Whatever ends unasked is started again at once: servers and departments of a small world."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress

from deploy.embedded.errors import InUse, ServerFailed
from deploy.runner.kept import Startable
from tests.faults.walk.department import Place, on_the_wire
from tests.until import until

PAUSE = 0.1  # seconds before a new start


class Nursery:
    """A process from which departments are forked; `environment` is theirs."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.walk.department"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **environment},
        )

    def fork(self, place: Place) -> int:
        """Its process id."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(on_the_wire(place))
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


class Forked:
    """One department."""

    def __init__(self, nursery: Nursery, place: Callable[[], Place]) -> None:
        self._nursery = nursery
        self._place = place
        self.pid = 0

    async def start(self) -> None:
        self.pid = await asyncio.to_thread(self._nursery.fork, self._place())

    async def stop(self) -> None:
        """Gently, or after some seconds not so."""
        self.signal(signal.SIGTERM)
        with suppress(AssertionError):
            await until(lambda: not self.is_running, timeout=8)
        self.kill()
        await until(lambda: not self.is_running)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)

    def signal(self, number: int) -> None:
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    @property
    def is_running(self) -> bool:
        if not self.pid:
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True


class Minded:
    """`resume` starts it and keeps it until `halt`."""

    def __init__(self, server: Startable) -> None:
        self.server = server
        self._wanted = False
        self._turn = asyncio.Lock()

    @property
    def is_wanted(self) -> bool:
        return self._wanted

    async def resume(self) -> None:
        async with self._turn:
            self._wanted = True
            await self._start()

    async def halt(self, *, gently: bool = False) -> None:
        async with self._turn:
            self._wanted = False
            if not gently:
                self.server.kill()
            await self.server.stop()

    async def look(self) -> None:
        """Start it again if it has ended."""
        async with self._turn:
            if self._wanted and not self.server.is_running:
                await asyncio.sleep(PAUSE)
                await self._start()

    async def _start(self) -> None:
        with suppress(ServerFailed, InUse):
            await self.server.start()
