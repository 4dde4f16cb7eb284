"""One department as a child process, in a directory of its own with its log."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from deploy import health
from deploy.departments import Department
from deploy.embedded.ports import is_free
from deploy.embedded.process import ServerProcess
from deploy.runner.errors import PortTaken
from deploy.runner.keys import VARIABLES
from deploy.runner.stack_file import address

START_WITHIN = 60.0  # seconds until it answers
FINISH_WITHIN = 15.0  # seconds for requests under way
LOOK = 0.05  # seconds between looks
GIVE_BACK = {"MALLOC_MMAP_THRESHOLD_": str(1024 * 1024)}
"""glibc raises this limit by itself to 32 MiB once memory of such a size was freed, and keeps what is smaller for the
thread that took it: after twelve certificates at once 150 MiB that nobody uses."""


class DepartmentProcess:
    """`python -m services.<name>`; its log is `<home>/<name>.log`."""

    def __init__(self, department: Department, home: Path, port: int, environment: Mapping[str, str]) -> None:
        """`environment` comes on top of ours."""
        self.name = department.name
        self.port = port
        self._process = ServerProcess(
            [sys.executable, "-m", department.module],
            home=home,
            directory=home,
            environment={
                **GIVE_BACK,
                **_without_keys(os.environ),
                "HTTP_HOST": "127.0.0.1",
                "HTTP_PORT": str(port),
                **environment,
            },
        )
        self._process.log = home / f"{department.name}.log"

    async def start(self) -> None:
        """Returns when it answers; being ready is another matter. ServerFailed, InUse, PortTaken: see there."""

        async def answers() -> bool:
            if await health.is_live(address(self.port)):
                return True
            await asyncio.sleep(LOOK)
            return False

        await self._process.start(prepare=self._check_port, is_ready=answers, timeout=START_WITHIN)

    async def stop(self) -> None:
        """Let it finish the requests under way."""
        await self._process.stop(FINISH_WITHIN)

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process.is_running

    @property
    def pid(self) -> int:
        """Its process id. ServerFailed: it is not running."""
        return self._process.pid

    def _check_port(self) -> None:
        """Once an old instance of ours is surely gone: else the other program's answers would pass for ours."""
        if not is_free(self.port):
            raise PortTaken(
                f"another program uses port {self.port}, where {self.name} should be: "
                "end it, or choose other ports with --ports"
            )


def _without_keys(environment: Mapping[str, str]) -> dict[str, str]:
    """A department gets its own keys, or none: never what happens to stand in our environment."""
    return {name: value for name, value in environment.items() if name not in VARIABLES}
