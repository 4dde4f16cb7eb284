"""W3C Trace Context, and spans for whoever collects them.

The current context stands in a context variable as a `traceparent`; log lines tell it, events carry it on. Spans are
made by a tracer, if one was set (`shared/department/tracing.py`); without one `span` costs a look at a variable.
A span tells which part did what, for how long and whether it failed: no id, no value, no text of an exception.
"""

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Literal, Protocol

MOST = 100  # spans of one batch

Kind = Literal["internal", "server", "producer", "consumer"]
Attributes = Mapping[str, str | int | bool]

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")  # W3C Trace Context §3.2
_NO_TRACE, _NO_SPAN = "0" * 32, "0" * 16

NOTHING: AbstractContextManager[None] = nullcontext()
"""Where nothing is recorded."""

_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


class Span(Protocol):
    """Under way. `traceparent` is what its children name as their parent."""

    @property
    def traceparent(self) -> str: ...
    def tell(self, attributes: Attributes) -> None:
        """Add what was not known at first."""
        ...

    def rename(self, name: str) -> None: ...
    def fail(self, kind: str) -> None:
        """It did not do what it was for; `kind` is no more than the name of an exception's class, or a status."""
        ...

    def end(self) -> None: ...


class Tracer(Protocol):
    def start(self, name: str, kind: Kind, parent: str | None, attributes: Attributes) -> Span | None:
        """None: this trace is not recorded. Never raises, never waits."""
        ...


class _Tracers:
    tracer: Tracer | None = None


def use(tracer: Tracer | None) -> None:
    """From now on spans go there, in the whole process; None: nowhere."""
    _Tracers.tracer = tracer


def is_on() -> bool:
    return _Tracers.tracer is not None


def current() -> str | None:
    """The `traceparent` of what is done at the moment."""
    return _current.get()


def ids(traceparent: str | None) -> tuple[str, str] | None:
    """Trace id and span id. None for what is no traceparent."""
    found = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
    if found is None or found[1] == _NO_TRACE or found[2] == _NO_SPAN:
        return None
    return found[1], found[2]


def valid(value: object) -> str | None:
    """The value, if it is a traceparent: whoever sent it may have sent anything."""
    return value if isinstance(value, str) and ids(value) else None


def fresh() -> str:
    """A context of its own, not to be recorded: so that log lines of one request can be found together."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"


@contextmanager
def within(traceparent: str | None) -> Iterator[None]:
    """Inside, that is the current one."""
    token = _current.set(traceparent)
    try:
        yield
    finally:
        _current.reset(token)


def span(
    name: str, kind: Kind = "internal", *, parent: str | None = None, attributes: Attributes | None = None
) -> AbstractContextManager[Span | None]:
    """Under the current one, else under `parent`, else a trace of its own. None where nothing is recorded."""
    tracer = _Tracers.tracer
    if tracer is None:
        return NOTHING
    return _span(tracer, name, kind, _current.get() or parent, attributes or {})


@contextmanager
def _span(tracer: Tracer, name: str, kind: Kind, parent: str | None, attributes: Attributes) -> Iterator[Span | None]:
    made = tracer.start(name, kind, parent, attributes)
    if made is None:
        yield None
        return
    token = _current.set(made.traceparent)
    try:
        yield made
    except BaseException as error:
        made.fail(type(error).__name__)
        raise
    finally:
        _current.reset(token)
        made.end()


@contextmanager
def spans(
    name: str, kind: Kind, parents: Iterable[object], attributes: Attributes | None = None
) -> Iterator[Mapping[str, str]]:
    """One span for each parent, all as long as what is inside: something done for a whole batch at once.

    Yields the traceparents of the new spans by their parents'. Whatever is no traceparent has none. At most MOST: of a
    long batch the rest is not told.
    """
    tracer = _Tracers.tracer
    made: dict[str, Span] = {}
    if tracer is not None:
        for parent in dict.fromkeys(one for one in parents if isinstance(one, str) and ids(one)):
            if len(made) == MOST:
                break
            if begun := tracer.start(name, kind, parent, attributes or {}):
                made[parent] = begun
    try:
        yield {parent: one.traceparent for parent, one in made.items()}
    except BaseException as error:
        for one in made.values():
            one.fail(type(error).__name__)
        raise
    finally:
        for one in made.values():
            one.end()
