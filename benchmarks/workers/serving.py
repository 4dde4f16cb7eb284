"""What both HTTP workers share: a department's uvicorn settings, a free port, an end when the parent says so."""

import asyncio

import uvicorn
from litestar import Litestar

from benchmarks.workers.worker import orders, say
from deploy.embedded.ports import free_port
from shared.department import garbage


async def serve(app: Litestar, **facts: object) -> None:
    """Serve on a free port, tell it with the `facts`, and stop when standard input ends."""
    port = free_port()
    config = uvicorn.Config(
        app,
        port=port,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn tells nobody else
            await asyncio.sleep(0.01)
        garbage.search_seldom()  # as `run` does
        say({"port": port, **facts})
        await orders()
        server.should_exit = True
