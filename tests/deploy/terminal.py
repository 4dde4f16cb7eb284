"""`tongban` in a process of its own, as a person would run it."""

import asyncio
import os
import signal
import sysconfig
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from deploy.health import Answer, ask
from deploy.runner import stack_file

TONGBAN = Path(sysconfig.get_path("scripts")) / "tongban"
SERVERS = ("NATS_URL", "DATABASE_URL", "DATABASE_OWNER_URL")


class Running:
    """A `tongban up` that has said it is ready. `address` is what its ready line told."""

    def __init__(self, process: Process, stderr: Path) -> None:
        self.process = process
        self.address = ""
        self._stderr = stderr

    @property
    def told(self) -> str:
        """What it has said on standard error so far."""
        return self._stderr.read_text("utf-8")

    def family(self) -> list[psutil.Process]:
        """The servers and departments it has started."""
        return list(psutil.Process(self.process.pid).children(recursive=True))

    async def interrupt(self) -> tuple[int, str]:
        """Ctrl-C. Its exit code, and what it wrote on standard output after its ready line."""
        self.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(180):
            rest, _ = await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode, rest.decode()


@asynccontextmanager
async def up(data_dir: Path, *options: str) -> AsyncIterator[Running]:
    """Start `tongban up` and wait for its ready line; interrupt it at the end if it still runs."""
    environment = {name: value for name, value in os.environ.items() if name not in SERVERS}
    log = data_dir.with_name(f"{data_dir.name}-{'-'.join(options)}.log")
    with log.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            TONGBAN, "up", "--data", data_dir, *options, stdout=PIPE, stderr=stderr, env=environment
        )
    running = Running(process, log)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(180):
            line = (await process.stdout.readline()).decode()
        word, _, running.address = line.strip().partition(" ")
        assert word == "ready", running.told
        yield running
    finally:
        if process.returncode is None:
            await running.interrupt()


async def tongban(*arguments: str | Path) -> tuple[int, str, str]:
    """Run a command to its end: exit code, standard output, standard error."""
    process = await asyncio.create_subprocess_exec(TONGBAN, *arguments, stdout=PIPE, stderr=PIPE)
    async with asyncio.timeout(180):
        output, errors = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode(), errors.decode()


async def departments(data_dir: Path) -> dict[str, Answer]:
    """What each department of a stack says of itself; the same as `tongban status`, sooner."""
    return {name: await ask(name, address) for name, address in stack_file.read(data_dir).addresses.items()}
