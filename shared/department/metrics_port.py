"""A port of its own for metrics and details of vitals, for the operator's network. Never behind the gateway."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import structlog
import uvicorn
from litestar.types import Receive, Send
from prometheus_client import CONTENT_TYPE_LATEST

from shared.department.connections import Bounds, bounded
from shared.department.metrics import Metrics
from shared.department.vitals import Vitals
from shared.eventstore.tasks import end

log = structlog.get_logger(__name__)

CONNECTIONS = 10
BACKLOG = 16
PLAIN = "text/plain; charset=utf-8"


@asynccontextmanager
async def served(metrics: Metrics, vitals: Vitals, host: str, port: int) -> AsyncIterator[None]:
    """Inside, `/metrics` (Prometheus) and `/vitals` (JSON) are answered.

    A port that cannot be listened on costs the metrics only: the log tells, and Prometheus that nobody answers.
    """
    try:
        listening = socket.create_server((host, port), backlog=BACKLOG, family=_family(host))
    except OSError as error:
        log.error("no metrics: METRICS_HOST and METRICS_PORT cannot be used", problem=error.strerror)  # noqa: TRY400
        yield
        return
    server = uvicorn.Server(
        uvicorn.Config(
            _App(metrics, vitals),
            http=bounded(Bounds(connections=CONNECTIONS)),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
    )
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup(sockets=[listening])
    looping = asyncio.create_task(server.main_loop(), name="metrics")
    try:
        log.info("metrics are served", host=host, port=port)
        yield
    finally:
        server.should_exit = True
        await end(looping)
        await server.shutdown(sockets=[listening])


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


class _App:
    """No framework: two addresses, no parameters."""

    def __init__(self, metrics: Metrics, vitals: Vitals) -> None:
        self._metrics = metrics
        self._vitals = vitals

    async def __call__(self, scope: Any, _: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        status, kind, body = await self._answer(scope["method"], scope["path"])
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    async def _answer(self, method: str, path: str) -> tuple[int, str, bytes]:
        if method != "GET":
            return 405, PLAIN, b"GET\n"
        if path == "/metrics":
            return 200, CONTENT_TYPE_LATEST, await self._metrics.exposed()
        if path == "/vitals":
            seen, state, remarks = await self._vitals.told()
            told = {"seen": seen, "state": state, "remarks": remarks}
            return 200, "application/json", orjson.dumps(told, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)
        return 404, PLAIN, b"/metrics or /vitals\n"
