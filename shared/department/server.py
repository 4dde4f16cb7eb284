"""The HTTP server of an instance: it listens, then opens; asked to end, it drains, then closes."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from types import FrameType

import uvicorn
from litestar.types import ASGIApp

from shared.department.connections import Bounds, bounded
from shared.eventstore.tasks import end

FINISH_WITHIN = 8  # seconds for requests under way; container runtimes kill after 10


class Server(uvicorn.Server):
    """`opening` runs once it listens; what it raises ends the server. `leaving` is called when it is asked to end; then
    it still serves for `drain_seconds`, unless it is asked again."""

    def __init__(
        self,
        app: ASGIApp,
        host: str,
        port: int,
        *,
        opening: Callable[[], Awaitable[None]],
        leaving: Callable[[], None],
        drain_seconds: float,
    ) -> None:
        super().__init__(_config(app, host, port))
        self._opening = opening
        self._leaving = leaving
        self._drain_seconds = drain_seconds
        self._asked = asyncio.Event()
        self._asked_again = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn's own raises the signal again once it has served, which would kill us before the engine is closed."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._asked.is_set():
            self._asked_again.set()
        self._asked.set()
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        opening = asyncio.ensure_future(self._opening())
        asked = asyncio.create_task(self._asked.wait())
        try:
            await asyncio.wait((opening, asked), return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end(opening, asked)
        if not opening.cancelled():
            opening.result()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._leaving()
        if self._drain_seconds:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._drain_seconds):
                    await self._asked_again.wait()
        await super().shutdown(sockets)


def _config(app: ASGIApp, host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=bounded(Bounds()),
        ws="none",
        lifespan="off",  # a department starts and stops with its engine
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=FINISH_WITHIN,
    )
