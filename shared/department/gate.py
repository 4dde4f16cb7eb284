"""Whether an instance takes requests: it listens before it stands, and for a while after it was asked to end.

While it makes itself ready, requests are refused with 503, so that the gateway asks another instance. While its read
models are swapped, which takes a moment and leaves no other instance to ask, requests wait. Once it drains, it serves
as before, and connections are closed after each answer so that the next request goes elsewhere.
"""

import asyncio
from contextlib import suppress

WAIT_AT_MOST = 1.0  # seconds


class Gate:
    """Closed at first."""

    def __init__(self) -> None:
        self._is_held = False
        self._opened = asyncio.Event()
        self.is_draining = False

    def hold(self) -> None:
        """Requests wait a moment for it to be opened."""
        self._is_held = True

    def open(self) -> None:
        self._opened.set()

    def drain(self) -> None:
        self.is_draining = True

    async def lets_in(self) -> bool:
        """False: this request is to be refused."""
        if self._is_held and not self._opened.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(WAIT_AT_MOST):
                    await self._opened.wait()
        return self._opened.is_set()


def an_open_one() -> Gate:
    gate = Gate()
    gate.open()
    return gate
