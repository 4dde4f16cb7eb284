"""Metrics of a department while it serves, for Prometheus. Labels are of bounded sets: never an id, a name or a path.

What it sees of itself besides is in vital_gauges.py. docs/guides/runbook.md says what to do about what is alarming.
"""

from collections.abc import Callable, Collection, Iterable
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from shared.department import logs
from shared.department.day_quota import COMMANDING
from shared.department.engine import Engine
from shared.department.vital_gauges import families
from shared.department.vitals import Vitals

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNKNOWN: Final = "unknown"  # a route that there is not
OTHER: Final = "other"  # a method or code beyond those that are counted by name
MOST_CODES: Final = 500
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
LAG_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)  # seconds

Measure = Callable[[str, str | None, int, float, str | None], None]
"""Takes method, route template, status, seconds and the code of the refusal, if it was one."""


class Metrics:
    """Of one department."""

    def __init__(self, engine: Engine, vitals: Vitals, release: str | None = None) -> None:
        self._release = release or _installed()
        self._engine = engine
        self._vitals = vitals
        self._routes: Collection[str] = frozenset()
        self._codes: set[str] = set()
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "tongban_requests", "Answers by route template.", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "tongban_request_seconds",
            "Seconds until an answer was complete, by route template.",
            ("method", "route"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._refusals = Counter(
            "tongban_refusals", "Answers that say no, by their code.", ("code",), registry=self.registry
        )
        self._commands = Counter(
            "tongban_commands",
            "Requests that are to change something: done, refused or failed.",
            ("outcome",),
            registry=self.registry,
        )
        # all three from the start: a rate needs a beginning
        self._outcomes = {outcome: self._commands.labels(outcome) for outcome in ("done", "refused", "failed")}
        self.loop_lag = Histogram(
            "tongban_event_loop_lag_seconds",
            "How late the event loop came to what was due.",
            buckets=LAG_BUCKETS,
            registry=self.registry,
        )
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._seen = _Seen()
        self.registry.register(self._seen)

    def know_routes(self, templates: Collection[str]) -> None:
        """Anything that is not among them is counted as one."""
        self._routes = frozenset(templates)

    def measure(self, method: str, route: str | None, status: int, seconds: float, refusal: str | None) -> None:
        """One answer."""
        method = method if method in METHODS else OTHER
        route = route if route is not None and route in self._routes else UNKNOWN
        answered, took = self._series(method, route, status)
        answered.inc()
        took.observe(seconds)
        if refusal is not None:
            self._refusals.labels(self._bounded(refusal)).inc()
        if method in COMMANDING and route != UNKNOWN:
            self._outcomes["done" if status < 400 else "refused" if status < 500 else "failed"].inc()

    def _series(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        """Looked up by the library once: it costs more than counting."""
        key = method, route, status
        if key not in self._known:
            self._known[key] = self._requests.labels(method, route, str(status)), self._seconds.labels(method, route)
        return self._known[key]

    def _bounded(self, code: str) -> str:
        if code not in self._codes:
            if len(self._codes) >= MOST_CODES:
                return OTHER
            self._codes.add(code)
        return code

    async def exposed(self) -> bytes:
        """All of it in Prometheus's text format."""
        seen, state, remarks = await self._vitals.told()
        inspector = self._engine.inspector if self._engine.has_inspector else None
        told = families(seen, state, remarks, self._engine.service.name, self._release, inspector)
        self._seen.metrics = [*told, _log_lines()]
        return generate_latest(self.registry)


class _Seen(Collector):
    """Takes over the findings of the last look."""

    def __init__(self) -> None:
        self.metrics: list[Metric] = []

    def collect(self) -> Iterable[Metric]:
        return self.metrics

    def describe(self) -> Iterable[Metric]:
        return ()


def _log_lines() -> Metric:
    family = CounterMetricFamily("tongban_log_lines", "Lines logged, by level.", labels=("level",))
    for level in logs.LEVELS:
        family.add_metric((level,), logs.lines[level])
    return family


def _installed() -> str:
    try:
        return version("tongban")
    except PackageNotFoundError:  # the code runs where it was laid
        return UNKNOWN
