"""Messages of a feed as they come: which are events of it, and how many go at once."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import structlog

from shared.contracts import envelope
from shared.contracts.envelope import Received
from shared.contracts.epochs import FIRST, Epochs
from shared.contracts.errors import Poison
from shared.messaging import intake
from shared.messaging.rarely import Rarely

T = TypeVar("T")

log = structlog.get_logger(__name__)

TRIES = 40  # of a batch that meets other writers, before that is told; each conflict halves what goes at once


def first_of(received: Sequence[Received], most_bytes: int) -> Sequence[Received]:
    """As many of the first as come to so many bytes, but at least one."""
    size = 0
    for number, message in enumerate(received):
        size += len(message.body)
        if size > most_bytes and number:
            return received[:number]
    return received


async def again_if_moved(work: Callable[[], Awaitable[T]]) -> T:
    """Do it again, with a new look at where we stand, when another writer or owner was first. Raises the conflict once
    that has gone on for long, so that it is told."""
    for left in reversed(range(TRIES)):
        try:
            return await work()
        except Exception as error:
            if not left or not intake.is_conflict(error):
                raise
            await asyncio.sleep(random.uniform(0, 0.02))  # noqa: S311 - jitter
    raise AssertionError("the last try returns or raises")


def readable(feed: str, bodies: Sequence[bytes], rarely: Rarely | None = None) -> list[Received]:
    """The events of this feed among what came. The rest has no place here, whoever sent it: if it stands where an
    event should, that is a hole, and the provider is asked."""
    events: list[Received] = []
    for body in bodies:
        try:
            received = envelope.parse(body)
        except Poison:
            continue
        if received.feed == feed:
            events.append(received)
    junk = len(bodies) - len(events)
    if junk and (times := junk if rarely is None else rarely.times("junk", junk)):
        log.error("messages ignored that are no events of the feed", feed=feed, messages=times)
    return events


def of_history(received: Sequence[Received], feed: str, epochs: Epochs) -> Sequence[Received]:
    """Those whose epoch gave them their number. The others were events of a history that is no more."""
    if not epochs.later:
        return [message for message in received if message.epoch == FIRST]
    return [message for message in received if message.epoch == epochs.of_event(feed, message.sequence)]
