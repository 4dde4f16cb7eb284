"""No server outlives the runner that started it, however that runner ends."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE, Popen

import psutil
import pytest

from deploy.embedded.claim import DirectoryClaim, any_alive, leftovers
from deploy.embedded.errors import InUse
from deploy.embedded.nats import Nats
from deploy.embedded.ports import free_port
from tests.until import until

RUNNER = """
import asyncio, sys
from pathlib import Path
from deploy.embedded.nats import Nats

async def main():
    server = Nats(Path(sys.argv[1]), int(sys.argv[2]))
    await server.start()
    print("ready", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[psutil.Process]:
    """Another process that has started a nats-server in `tmp_path`."""
    with Popen([sys.executable, "-c", RUNNER, str(tmp_path), str(free_port())], stdout=PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        yield psutil.Process(child.pid)
        child.kill()


async def test_a_server_ends_when_its_runner_is_killed(runner: psutil.Process, tmp_path: Path) -> None:
    servers = leftovers("nats-server", tmp_path)
    assert any_alive(servers)
    os.kill(runner.pid, signal.SIGKILL)
    await until(lambda: not any_alive(servers), what="the server ended")


async def test_a_server_whose_watcher_was_killed_too_is_stopped_by_the_next_start(
    runner: psutil.Process, tmp_path: Path
) -> None:
    servers = leftovers("nats-server", tmp_path)
    watchers = [child for child in runner.children() if child not in servers]
    for process in (*watchers, runner):
        process.kill()
    await until(lambda: not any_alive([runner, *watchers]), what="runner and watcher are gone")
    # a killed process is a zombie before the last of its threads lets go of its files
    await until(lambda: is_unclaimed(tmp_path), what="the runner's claim is gone with it")
    assert any_alive(servers)
    following = Nats(tmp_path, free_port())
    await following.start()
    try:
        assert not any_alive(servers)
        assert following.is_running
    finally:
        await following.stop()


def is_unclaimed(directory: Path) -> bool:
    claim = DirectoryClaim(directory)
    try:
        claim.take()
    except InUse:
        return False
    claim.release()
    return True
