"""A broker whose data is deleted under it is noticed and started again, by the runner and in its container."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import nats
import pytest

from deploy.embedded.nats import Nats, nats_binary
from deploy.embedded.ports import free_ports
from deploy.runner.kept import Kept
from tests.connected import connected
from tests.until import until

WATCHED = Path(__file__).parents[2] / "deploy" / "nats" / "watched.sh"


async def store_events(url: str) -> None:
    async with connected(url) as client:
        jetstream = client.jetstream()
        for name in ("events", "others"):
            await jetstream.add_stream(name=name, subjects=[f"{name}.>"])
            await jetstream.publish(f"{name}.x", b"stored")
        await jetstream.delete_stream("others")


def delete(directory: Path) -> None:
    """The server, too, deletes there: streams that were taken away."""
    while directory.exists():
        shutil.rmtree(directory, ignore_errors=True)


async def test_a_healthy_store_has_lost_nothing(own_nats: Nats) -> None:
    await store_events(own_nats.url())
    assert await own_nats.what_is_lost() is None


@pytest.mark.parametrize("deleted", ["jetstream", "jetstream/$G", "jetstream/$G/streams/events"])
async def test_what_was_deleted_under_it_is_noticed(own_nats: Nats, deleted: str) -> None:
    await store_events(own_nats.url())
    delete(own_nats._store / deleted)
    assert "events is gone" in (await own_nats.what_is_lost() or "")


async def test_the_runner_starts_it_again(own_nats: Nats) -> None:
    await own_nats.stop()
    told: list[str] = []
    async with asyncio.TaskGroup() as group:
        kept = Kept("nats", own_nats, told.append, own_nats.what_is_lost)
        await kept.start(group)
        try:
            await store_events(own_nats.url())
            before = own_nats.pid
            delete(own_nats._store)
            await until(lambda: own_nats.is_running and own_nats.pid != before, what="another process")
            await until(lambda: "nats runs again" in told, what="it says so")
            await store_events(own_nats.url())
        finally:
            await kept.stop()
    assert any("is gone" in sentence for sentence in told)


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[tuple[subprocess.Popen[bytes], str]]:
    """The container's way: a script around the server. With where the server is."""
    if not shutil.which("wget"):
        pytest.skip("wget is not installed")
    port, monitor = free_ports(2)
    options = ["--addr", "127.0.0.1", "--port", str(port), "--http_port", str(monitor), "-js", "-sd", str(tmp_path)]
    command = ["sh", str(WATCHED), str(tmp_path), f"http://127.0.0.1:{monitor}", str(nats_binary()), *options]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    url = f"nats://127.0.0.1:{port}"
    await until(lambda: answers(url), what="the server answers")
    yield process, url
    if process.poll() is None:
        os.killpg(process.pid, 9)
        process.wait()


async def answers(url: str) -> bool:
    try:
        async with connected(url, allow_reconnect=False, max_reconnect_attempts=1):
            return True
    except (OSError, nats.errors.Error):
        return False


async def test_its_container_ends(watched: tuple[subprocess.Popen[bytes], str], tmp_path: Path) -> None:
    process, url = watched
    await store_events(url)
    delete(tmp_path / "jetstream")
    await until(lambda: process.poll() is not None, what="the script has ended")
    assert process.returncode == 70
    assert not await answers(url)


async def test_its_container_stops_gently(watched: tuple[subprocess.Popen[bytes], str]) -> None:
    process, url = watched
    await store_events(url)
    process.terminate()
    await until(lambda: process.poll() is not None, what="the script has ended")
    assert process.returncode == 0
    assert not await answers(url)
