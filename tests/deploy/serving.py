"""An application of the test's own process over HTTP, for commands that ask it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from litestar import Litestar

from deploy.embedded.ports import free_port
from tests.until import until


@asynccontextmanager
async def served(app: Litestar) -> AsyncIterator[str]:
    """The address it is at."""
    server = uvicorn.Server(
        uvicorn.Config(app, port=free_port(), lifespan="off", log_config=None, timeout_graceful_shutdown=1)
    )
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]  # they are pytest's
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started, what="HTTP is served")
    yield f"http://127.0.0.1:{server.config.port}"
    server.should_exit = True
    await serving
