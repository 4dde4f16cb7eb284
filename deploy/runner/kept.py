"""Keeps a server or department alive: whatever ends unasked is started again."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from deploy.embedded.errors import ServerFailed, TooSlow
from shared.eventstore.tasks import end

Tell = Callable[[str], None]
"""Takes one sentence of progress for the person at the terminal."""

Ailment = Callable[[], Awaitable[str | None]]
"""Why a server that runs has to be started again, if it has to."""

LOOK = 0.1  # seconds between looks
LOOK_INSIDE = 1.0  # seconds between looks whether it still has what it holds itself to have
FIRST_WAIT = 0.2  # seconds before the first new start; doubled at each failure
LONGEST_WAIT = 10.0
STEADY = 30.0  # seconds after which a past end no longer counts


class Startable(Protocol):
    """What the embedded servers and a department's process have in common."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    def kill(self) -> None: ...
    @property
    def is_running(self) -> bool: ...
    @property
    def pid(self) -> int: ...


class Kept:
    """`start` once, then it is looked after until `stop`."""

    def __init__(self, name: str, server: Startable, tell: Tell, ailment: Ailment | None = None) -> None:
        """`ailment` is asked now and then."""
        self.name = name
        self.server = server
        self._tell = tell
        self._ailment = ailment
        self._keeper: asyncio.Task[None] | None = None

    async def start(self, group: asyncio.TaskGroup) -> None:
        """Start it, and keep it in a task of `group`. Raises ServerFailed when the first start fails."""
        await self.server.start()
        self._look_after(group)

    async def start_patiently(self, group: asyncio.TaskGroup) -> bool:
        """The same, but what is too slow is told, and started again as often as it takes. Whether it runs."""
        try:
            await self.start(group)
        except TooSlow as error:
            self._tell(str(error))
            self._look_after(group)
            return False
        return True

    def _look_after(self, group: asyncio.TaskGroup) -> None:
        self._keeper = group.create_task(self._keep(), name=f"keep {self.name}")

    async def stop(self) -> None:
        """Let it end gently. Nothing happens when it was not started."""
        if self._keeper is not None:
            await end(self._keeper)
            self._keeper = None
        await self.server.stop()

    async def _keep(self) -> None:
        failures = 0
        since = looked = time.monotonic()
        while True:
            if self.server.is_running:
                await asyncio.sleep(LOOK)
                if self._ailment is not None and time.monotonic() - looked > LOOK_INSIDE:
                    looked = time.monotonic()
                    await self._end_if_ill(self._ailment)
                continue
            failures = 0 if time.monotonic() - since > STEADY else failures
            wait = min(LONGEST_WAIT, FIRST_WAIT * 2**failures) * random.uniform(0.5, 1)  # noqa: S311 - jitter
            self._tell(f"{self.name} ended; starting it again in {wait:.1f} s")
            await asyncio.sleep(wait)
            failures += 1
            since = time.monotonic()
            try:
                await self.server.start()
            except ServerFailed as error:
                self._tell(str(error))
            else:
                self._tell(f"{self.name} runs again")

    async def _end_if_ill(self, ailment: Ailment) -> None:
        if (reason := await ailment()) is not None:
            self._tell(f"{self.name}: {reason}")
            self.server.kill()
