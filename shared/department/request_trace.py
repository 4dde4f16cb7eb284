"""One request as a span: method, the route's template, status. The path, the query and who asks are not told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from shared.department.exchange import Exchange
from shared.standards import trace

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
NOT_TOLD = "/health/"  # asked every few seconds, by machines


@contextmanager
def request_traced(scope: Any, exchange: Exchange) -> Iterator[Callable[[int], None]]:
    """Yields what takes the status. Where nothing is recorded, log lines tell the caller's trace or a fresh one."""
    if not trace.is_on() or scope["path"].startswith(NOT_TOLD):
        with trace.within(exchange.traceparent or trace.fresh()):
            yield _nothing
        return
    method = scope["method"] if scope["method"] in METHODS else "_OTHER"
    with trace.span(method, "server", parent=exchange.traceparent, attributes={"http.request.method": method}) as span:
        if span is None:
            with trace.within(exchange.traceparent or trace.fresh()):
                yield _nothing
            return

        def told(status: int) -> None:
            route = scope.get("path_template") or "unknown"
            span.rename(f"{method} {route}")
            span.tell({"http.route": route, "http.response.status_code": status})
            if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                span.fail(str(status))

        yield told


def _nothing(_status: int) -> None:
    pass
