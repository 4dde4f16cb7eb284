"""Commands as spans, and events that carry on the trace they were decided in."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from shared.contracts.event import Metadata, Recorded
from shared.standards import trace

FOLLOWS_WITHIN = timedelta(minutes=10)
"""A duty that takes up a stream so soon after its last event does what that event asked for: it goes on in its trace.
Later, a clock or a person has begun something new."""


def command_span(
    aggregate: str, metadata: Metadata, before: Sequence[Recorded] = ()
) -> AbstractContextManager[trace.Span | None]:
    """Under what is done at the moment, else the trace that came with the command, else the one of the stream's last
    event."""
    if not trace.is_on():
        return trace.NOTHING
    return trace.span(f"command {aggregate}", parent=metadata.traceparent or _followed(before))


def carried_on(metadata: Metadata) -> Metadata:
    """The same with the present span as its parent, where spans are recorded."""
    present = trace.current() if trace.is_on() else None
    return metadata if present is None else replace(metadata, traceparent=present)


def _followed(before: Sequence[Recorded]) -> str | None:
    if not before or datetime.now(UTC) - before[-1].recorded_at > FOLLOWS_WITHIN:
        return None
    return before[-1].metadata.traceparent
