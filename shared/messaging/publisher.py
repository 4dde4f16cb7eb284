"""Publishing to a JetStream stream: few messages one by one, many as an atomic batch.

An atomic batch (nats-server 2.12 or newer with `allow_atomic`, ADR-50) costs some fsyncs and a file of its own,
whatever its size; a message alone costs one fsync. So a handful goes out faster one by one, a crowd ten times faster
together.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from time import monotonic

import nats.errors
from nats.aio.client import Client
from nats.js.api import PubAck
from nats.js.errors import APIError
from uuid_utils.compat import uuid7

from shared.contracts.errors import Unavailable
from shared.contracts.event import Json
from shared.messaging.answers import Misanswered, read_object, said

BATCH_LIMIT = 1000  # messages, the server's own limit
FEW = 16  # messages; from here on an atomic batch is quicker
TIMEOUT = 3.0  # seconds for one answer of the broker
SLOW_TIMEOUT = 15.0  # seconds for a whole batch one by one, an fsync a message
LOOK = 0.25  # seconds between looks at the connection while waiting
DUPLICATE_IN_BATCH = 10201  # err_code: a batch that holds one known message id is refused whole
NOT_ALLOWED = 10174  # err_code: the stream lacks `allow_atomic`, until the topology keeper has mended it
ONE_BY_ONE = (DUPLICATE_IN_BATCH, NOT_ALLOWED)


@dataclass(frozen=True, slots=True)
class Message:
    subject: str
    id: str  # Nats-Msg-Id
    body: bytes


class NoBatch(Exception):
    """The broker refused the batch whole, and takes its messages one by one: it knows one of their ids already, or the
    stream is not set up for batches."""


class Refusal(Unavailable):
    """The broker refused a batch for another reason; the message is its own."""


class Publisher:
    """Of one connection."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._jetstream = client.jetstream(publish_async_max_pending=BATCH_LIMIT)

    async def publish(self, stream: str, messages: Sequence[Message]) -> None:
        """Returns when all are stored durably and in order; ids the broker knows are not stored again.

        Raises one of BROKER_ERRORS; then nothing may be assumed.
        """
        if not self.client.is_connected:
            raise Unavailable("not connected to the broker")
        if len(messages) < FEW:
            await self.publish_one_by_one(stream, messages)
            return
        try:
            await self.publish_batch(stream, messages)
        except NoBatch:
            await self.publish_one_by_one(stream, messages)

    async def publish_batch(self, stream: str, messages: Sequence[Message]) -> None:
        """All or nothing. First and last message are requests, the rest plain publishes. Raises NoBatch as well."""
        batch = uuid7().hex
        last = len(messages)
        for number, message in enumerate(messages, start=1):
            headers = {
                "Nats-Msg-Id": message.id,
                "Nats-Expected-Stream": stream,
                "Nats-Batch-Id": batch,
                "Nats-Batch-Sequence": str(number),
            }
            if number == last:
                headers["Nats-Batch-Commit"] = "1"
            if number in (1, last):
                answer = await self.client.request(message.subject, message.body, timeout=TIMEOUT, headers=headers)
                if number == last:
                    _check_stored(answer.data, stream, batch, last)
                elif answer.data:  # the first is answered with nothing
                    _check(answer.data)
            else:
                async with asyncio.timeout(TIMEOUT):
                    await self.client.publish(message.subject, message.body, headers=headers)

    async def publish_one_by_one(self, stream: str, messages: Sequence[Message]) -> None:
        """Known ids are acknowledged as duplicates, the others are stored, in order.

        Every future has a limit: nats-py leaves one hanging for ever when the server answers with an error.
        """
        futures = []
        for message in messages:
            future = await self._jetstream.publish_async(
                message.subject,
                message.body,
                wait_stall=SLOW_TIMEOUT,
                stream=stream,
                headers={"Nats-Msg-Id": message.id},
            )
            future.add_done_callback(_seen)
            futures.append(future)
        pending = await self._wait(futures, TIMEOUT if len(messages) < FEW else SLOW_TIMEOUT)
        for future in pending:
            future.cancel()
        if pending:
            raise Unavailable(f"{len(pending)} of {len(messages)} messages were not acknowledged")
        for future in futures:
            if future.result().stream != stream:
                raise Misanswered("the broker's answer to a message: stored in another stream")

    async def _wait(self, futures: Collection[asyncio.Future[PubAck]], limit: float) -> set[asyncio.Future[PubAck]]:
        """Returns those not done in time. An ack that was on its way when the connection was lost never comes."""
        deadline = monotonic() + limit
        reconnects = self.client.stats["reconnects"]
        pending = set(futures)
        while pending and monotonic() < deadline:
            _, pending = await asyncio.wait(pending, timeout=LOOK)
            if not self.client.is_connected or self.client.stats["reconnects"] != reconnects:
                break
        return pending


def _seen(future: asyncio.Future[PubAck]) -> None:
    """One failure is told for all; the others are not reported as forgotten."""
    if not future.cancelled():
        future.exception()


def _check(answer: bytes) -> Json:
    """What the broker answered, when it is no error. Raises NoBatch, Refusal, Misanswered."""
    told = read_object(answer, "the broker's answer to a batch")
    if "error" not in told:
        return told
    error = told["error"]
    if not isinstance(error, dict):
        raise Misanswered("the broker's answer to a batch: an error of no kind")
    if error.get("err_code") in ONE_BY_ONE:
        raise NoBatch
    raise Refusal(f"{said(error.get('err_code'))}: {said(error.get('description'))}")


def _check_stored(answer: bytes, stream: str, batch: str, count: int) -> None:
    """Only an acknowledgement of this very batch says that it is stored."""
    told = _check(answer)
    if (told.get("stream"), told.get("batch"), told.get("count")) != (stream, batch, count):
        raise Misanswered("the broker's answer to a batch: another batch, or not all of it")


BROKER_ERRORS = (nats.errors.Error, APIError, OSError, TimeoutError, Unavailable)
"""What publishing and asking the broker may raise when it is away or the stream is missing."""
