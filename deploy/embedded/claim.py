"""One runner at a time uses a server's directory; what a killed runner left running is stopped first."""

import asyncio
import contextlib
import fcntl
import os
import signal
from collections.abc import Iterable
from pathlib import Path

import psutil

from deploy.embedded.errors import InUse


class DirectoryClaim:
    """A lock that the operating system drops when its holder dies, however it dies."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "claim.lock"
        self._descriptor: int | None = None

    def take(self) -> None:
        """InUse: another living runner, or another object of this one, holds the directory."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise InUse(f"{self._path.parent} is in use by another runner; stop that one first") from None
        self._descriptor = descriptor

    def release(self) -> None:
        """Nothing happens when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def leftovers(program: str, directory: Path) -> list[psutil.Process]:
    """The processes named `program` that work in `directory`. Call it only while holding the claim."""
    home = str(directory.resolve())
    found = psutil.process_iter(["name", "cwd"])
    return [process for process in found if process.info["name"] == program and process.info["cwd"] == home]


async def stop_leftovers(program: str, directory: Path, gentle: signal.Signals, timeout: float) -> None:
    """Ask them to end; kill those that are still there after `timeout` seconds."""
    found = leftovers(program, directory)
    pids = {process.pid for process in found}
    for process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.ppid() not in pids:  # its helpers follow it
                process.send_signal(gentle)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout):
            while any_alive(found):  # noqa: ASYNC110 - nothing tells of the end of another's child
                await asyncio.sleep(0.01)
    kill_all(found)


def kill_all(processes: Iterable[psutil.Process]) -> None:
    """SIGKILL to each that still lives."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def any_alive(processes: Iterable[psutil.Process]) -> bool:
    """A process that ended but that nobody has waited for (containers without an init) is not alive."""
    return any(map(_is_alive, processes))


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
