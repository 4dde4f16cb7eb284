"""Traces to a collector, by OTLP over HTTP. Off unless OTLP_ENDPOINT is set; then the SDK is loaded, not before.

A thread of the SDK sends what was collected, a batch at a time. It never holds up a request: the queue is bounded, and
what finds no room in it, or no collector, is lost and told once.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from shared.department.settings import Settings
from shared.standards import trace
from shared.standards.trace import Attributes, Kind

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
    from opentelemetry.trace import Span as OtelSpan
    from opentelemetry.trace import Tracer

log = structlog.get_logger(__name__)

QUEUE = 4096  # spans that wait to be sent
BATCH = 512  # spans at once
EVERY = 1.0  # seconds between batches, unless one is full
ANSWER_WITHIN = 3.0  # seconds for the collector
FLUSH_WITHIN = 2.0  # seconds at the end, for all that waits
PATH = "/v1/traces"


@contextmanager
def traced(settings: Settings, department: str) -> Iterator[None]:
    """Inside, spans are collected and sent, if the settings name a collector."""
    if settings.otlp_endpoint is None:
        yield
        return
    provider = _provider(settings.otlp_endpoint, settings.trace_share, department)
    trace.use(_SdkTracer(provider))
    log.info("traces are sent", share=settings.trace_share)
    try:
        yield
    finally:
        trace.use(None)
        _end(provider)


def _provider(endpoint: str, share: float, department: str) -> "TracerProvider":
    import requests
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # it would tell each failure; we tell the first
    session = requests.Session()
    session.trust_env = False
    exporter = OTLPSpanExporter(
        endpoint if endpoint.endswith(PATH) else endpoint.rstrip("/") + PATH, timeout=ANSWER_WITHIN, session=session
    )
    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(share)),
        # nothing of the machine, the process or its user
        resource=Resource({"service.namespace": "tongban", "service.name": department}),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(
        BatchSpanProcessor(
            _told_once(exporter),
            max_queue_size=QUEUE,
            max_export_batch_size=BATCH,
            schedule_delay_millis=EVERY * 1000,
            export_timeout_millis=ANSWER_WITHIN * 1000,
        )
    )
    return provider


def _told_once(exporter: "SpanExporter") -> "SpanExporter":
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

    class ToldOnce(SpanExporter):
        is_lost = False

        def export(self, spans: "Sequence[ReadableSpan]") -> "SpanExportResult":
            result = exporter.export(spans)
            was_lost, self.is_lost = self.is_lost, result is not SpanExportResult.SUCCESS
            if self.is_lost and not was_lost:
                log.warning("traces are lost: the collector takes none", spans=len(spans))
            elif was_lost and not self.is_lost:
                log.info("the collector takes traces again")
            return result

        def shutdown(self) -> None:
            exporter.shutdown()

    return ToldOnce()


def _end(provider: "TracerProvider") -> None:
    """Send what waits, within a limit: a collector that is away must not keep a department from stopping."""
    flushing = threading.Thread(target=provider.shutdown, name="traces end", daemon=True)
    flushing.start()
    flushing.join(FLUSH_WITHIN)
    if flushing.is_alive():
        log.warning("the last traces are lost: the collector did not take them in time")


class _SdkTracer:
    """Makes the SDK's spans, each with the parent it is told."""

    def __init__(self, provider: "TracerProvider") -> None:
        from opentelemetry.trace import SpanKind

        self._tracer: Tracer = provider.get_tracer("tongban")
        self._kinds = {
            "internal": SpanKind.INTERNAL,
            "server": SpanKind.SERVER,
            "producer": SpanKind.PRODUCER,
            "consumer": SpanKind.CONSUMER,
        }

    def start(self, name: str, kind: Kind, parent: str | None, attributes: Attributes) -> "_SdkSpan | None":
        made = self._tracer.start_span(name, _context(parent), self._kinds[kind], dict(attributes))
        return _SdkSpan(made) if made.is_recording() else None


def _context(parent: str | None) -> "Context":
    """Of that parent alone: the SDK's own idea of a current span is not used."""
    from opentelemetry.context import Context
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

    known = trace.ids(parent)
    if parent is None or known is None:
        return Context()
    trace_id, span_id = (int(one, 16) for one in known)
    flags = TraceFlags(int(parent[-2:], 16))
    return set_span_in_context(NonRecordingSpan(SpanContext(trace_id, span_id, is_remote=True, trace_flags=flags)))


class _SdkSpan:
    def __init__(self, span: "OtelSpan") -> None:
        context = span.get_span_context()
        self.traceparent = f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"
        self._span = span

    def tell(self, attributes: Attributes) -> None:
        self._span.set_attributes(attributes)

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def fail(self, kind: str) -> None:
        from opentelemetry.trace import StatusCode

        self._span.set_attribute("error.type", kind)
        self._span.set_status(StatusCode.ERROR)

    def end(self) -> None:
        self._span.end()
