"""Waiting for what others start."""

import asyncio
import contextlib
from collections.abc import Mapping
from time import monotonic

from deploy.health import Answer, ask
from deploy.runner.errors import NotReady
from deploy.runner.kept import Tell

LOOK = 0.05  # seconds between looks
TELL_AFTER = 10.0  # seconds of waiting
REACHABLE_WITHIN = 60.0


async def wait_until_ready(addresses: Mapping[str, str], timeout: float | None, tell: Tell) -> None:
    """Until /health/ready says 200 everywhere. NotReady: not within `timeout` seconds; None waits for ever."""
    waiting = dict(addresses)
    answers: dict[str, Answer] = {}
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout):
            tell_at = monotonic() + TELL_AFTER
            while waiting:
                for name in list(waiting):
                    answers[name] = await ask(name, waiting[name])
                    if answers[name].is_ready:
                        del waiting[name]
                if waiting and monotonic() > tell_at:
                    tell_at = monotonic() + TELL_AFTER
                    tell(f"waiting for {lacks(waiting, answers)}")
                await asyncio.sleep(LOOK if waiting else 0)
    if waiting:
        raise NotReady(f"not ready within {timeout:g} s: {lacks(waiting, answers)}")


def lacks(waiting: Mapping[str, str], answers: Mapping[str, Answer]) -> str:
    """What each of those that are not ready is without."""
    return "; ".join(f"{name} ({answers[name].lack})" if name in answers else name for name in waiting)


async def wait_until_reachable(port: int, name: str) -> None:
    """Until another runner's server takes connections. NotReady: it does not within a minute."""
    try:
        async with asyncio.timeout(REACHABLE_WITHIN):
            while not await _takes_connections(port):  # noqa: ASYNC110 - another process's server
                await asyncio.sleep(LOOK)
    except TimeoutError:
        raise NotReady(f"{name} is run by another runner, but nothing answers on port {port}") from None


async def _takes_connections(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
