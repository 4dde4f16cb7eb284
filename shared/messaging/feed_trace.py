"""Events on the road as spans: published by their department, applied by another, each in the trace it came with."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import orjson

from shared.contracts.envelope import Numbered, Received
from shared.standards import trace


def published(feed: str, events: Sequence[Numbered]) -> AbstractContextManager[object]:
    """Around handing them to the broker."""
    if not trace.is_on():
        return trace.NOTHING
    parents = (orjson.loads(event.metadata).get("traceparent") for event in events)
    return trace.spans(f"publish {feed}", "producer", parents, _about(feed, events))


@contextmanager
def applied(feed: str, received: Sequence[Received]) -> Iterator[Sequence[Received]]:
    """Around taking them in. Yields the same events, whose traces go on in the new spans."""
    if not trace.is_on():
        yield received
        return
    parents = (message.attributes.get("traceparent") for message in received)
    with trace.spans(f"apply {feed}", "consumer", parents, _about(feed, received)) as under:
        yield [_under(message, under) for message in received]


def _about(feed: str, events: Sequence[object]) -> trace.Attributes:
    return {
        "messaging.system": "nats",
        "messaging.destination.name": feed,
        "messaging.batch.message_count": len(events),
    }


def _under(message: Received, under: Mapping[str, str]) -> Received:
    parent = message.attributes.get("traceparent")
    if not isinstance(parent, str) or parent not in under:
        return message
    return replace(message, attributes={**message.attributes, "traceparent": under[parent]})
