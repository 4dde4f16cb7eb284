"""The outermost layer: every answer, problems and unknown addresses included, leaves through here."""

import logging
from asyncio import CancelledError
from collections.abc import Sequence
from time import perf_counter
from typing import Any

import structlog
from litestar import Request
from litestar.types import ASGIApp, Message, Receive, Send

from shared.contracts.errors import Unavailable
from shared.department.client_address import Network
from shared.department.door import check_address
from shared.department.exchange import Exchange, begin
from shared.department.gate import Gate, an_open_one
from shared.department.metrics import Measure
from shared.department.problems import answer
from shared.department.request_trace import request_traced
from shared.department.unreadable import Unreadable

log = structlog.get_logger(__name__)

SECURITY_HEADERS = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))
NO_STORE = (b"cache-control", b"no-store")
GO_ELSEWHERE = (b"connection", b"close")
DOCUMENTS = ("/schema", "/asyncapi")  # the same for everybody, so they may be cached


class Edge:
    """Refuses what no route could read, adds the correlation id and the security headers to each answer, and writes one
    log line about it."""

    def __init__(
        self,
        app: ASGIApp,
        trusted_proxies: Sequence[Network] = (),
        measure: Measure | None = None,
        gate: Gate | None = None,
    ) -> None:
        self._app = app
        self._gate = gate or an_open_one()
        self._measure = measure
        self._trusted_proxies = trusted_proxies

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = begin(scope, self._trusted_proxies)
        with request_traced(scope, exchange) as told:
            told(await self._answer(scope, receive, send, exchange))

    async def _answer(self, scope: Any, receive: Receive, send: Send, exchange: Exchange) -> int:
        """Returns the status."""
        status = 0
        method = scope["method"]
        is_head = method == "HEAD"
        if is_head:  # whatever GET would answer, without its body (RFC 9110 §9.3.2); the server keeps its own scope
            scope = {**scope, "method": "GET"}

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                nonlocal status
                status = message["status"]
                headers = dict(message["headers"])
                add = [*SECURITY_HEADERS, (b"x-correlation-id", exchange.correlation_id.encode())]
                if b"cache-control" not in headers and not scope["path"].startswith(DOCUMENTS):
                    add.append(NO_STORE)
                if self._gate.is_draining:
                    add.append(GO_ELSEWHERE)
                message["headers"] = [*message["headers"], *add]
            elif is_head and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        async def say_no(error: Exception) -> None:
            request = Request[Any, Any, Any](scope, receive, send)
            await answer(request, error).to_asgi_response(None, request)(scope, receive, send_on)

        try:
            try:
                check_address(scope, exchange.headers)
            except Unreadable as error:
                await say_no(error)
            else:
                if await self._gate.lets_in():
                    await self._app(scope, receive, send_on)
                else:
                    await say_no(Unavailable("this instance is starting"))
        except CancelledError:  # the department ends and cannot wait for this request any longer
            if status:
                raise
            await say_no(Unavailable("this instance is ending"))
        finally:
            seconds = perf_counter() - exchange.started
            if self._measure is not None:
                self._measure(method, scope.get("path_template"), status, seconds, exchange.refusal)
            if log.is_enabled_for(logging.INFO):
                log.info(
                    "request",
                    method=method,
                    # the template, not the path: a path may name a person
                    route=scope.get("path_template") or "unknown",
                    status=status,
                    ms=round(seconds * 1000, 2),
                    correlation_id=exchange.correlation_id,
                )
        return status
