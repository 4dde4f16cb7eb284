"""Logging: one line a fact, as JSON or for the eye, on standard output. Never personal data.

Exceptions are told by their type and the place they came from, not by their message: a database's message may quote
a row, a parser's what it was given.
"""

import logging
import sys
import traceback
from collections import Counter
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from shared.department.settings import DatabaseSettings
from shared.standards import trace

LEVELS = ("debug", "info", "warning", "error", "critical")
lines: Counter[str] = Counter()
"""How many lines this process has logged, by level."""

LIBRARY_LEVEL = logging.WARNING  # below it, libraries talk about themselves


def configure(settings: DatabaseSettings, department: str) -> None:
    """Set up structlog, and route what libraries log by the standard module through the same renderer."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]

    def add_department(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["department"] = department
        return event

    shared: list[Processor] = [
        structlog.processors.add_log_level,
        _count,
        add_department,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_messages,
        add_trace,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(serializer=_json)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(level, LIBRARY_LEVEL), force=True)


def add_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """`trace_id` and `span_id` of what is done at the moment, whether traces are collected or not."""
    if known := trace.ids(trace.current()):
        event["trace_id"], event["span_id"] = known
    return event


def _count(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    lines[str(event["level"])] += 1
    return event


def _json(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()


def without_messages(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace `exc_info` by `exception`, the types along the chain of causes, and `at`, the innermost frames."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event.update(place_of(error))
    return event


def place_of(error: BaseException, frames: int = 6) -> dict[str, object]:
    """What may be logged about an exception."""
    kinds: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(kinds) < 5:
        kinds.append(type(seen).__qualname__)
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    told: dict[str, object] = {
        "exception": " < ".join(kinds),
        "at": [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)[-frames:]],
    }
    if sqlstate := getattr(error, "sqlstate", None):
        told["sqlstate"] = sqlstate
    return told
