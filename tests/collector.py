"""A collector of traces: takes OTLP over HTTP, and keeps the spans."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue


@dataclass(frozen=True)
class Collected:
    """A span. `parent` is empty for the first of a trace."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    failed: bool
    attributes: Mapping[str, str | int | bool]
    links: int


@dataclass
class Collector:
    """`status` is what it answers."""

    url: str = ""
    status: int = 200
    requests: int = 0
    spans: list[Collected] = field(default_factory=list)

    def named(self, name: str, trace: str | None = None) -> list[Collected]:
        return [one for one in list(self.spans) if one.name == name and trace in (None, one.trace)]

    def one(self, name: str, trace: str | None = None) -> Collected:
        [found] = self.named(name, trace)
        return found

    def take(self, path: str, body: bytes) -> None:
        self.requests += 1
        if self.status != 200:
            return
        assert path == "/v1/traces"
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            told = {one.key: _value(one.value) for one in resource.resource.attributes}
            assert told.keys() <= {"service.name", "service.namespace"}, "nothing of machine, process or user"
            for scope in resource.scope_spans:
                self.spans += [
                    Collected(
                        str(told["service.name"]),
                        span.name,
                        span.trace_id.hex(),
                        span.span_id.hex(),
                        span.parent_span_id.hex(),
                        span.status.code == span.status.STATUS_CODE_ERROR,
                        {one.key: _value(one.value) for one in span.attributes},
                        len(span.links),
                    )
                    for span in scope.spans
                ]


def _value(value: AnyValue) -> str | int | bool:
    kind = value.WhichOneof("value")
    assert kind is not None
    found = getattr(value, kind)
    assert isinstance(found, str | int | bool)
    return found


@contextmanager
def collecting() -> Iterator[Collector]:
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.take(self.path, self.rfile.read(int(self.headers["content-length"])))
            self.send_response(collector.status)
            self.end_headers()
            self.wfile.write(ExportTraceServiceResponse().SerializeToString())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield collector
        finally:
            server.shutdown()
