"""A FastStream batch subscriber that reads promptly: the first message at once, with whatever else has arrived.

FastStream's own batch pull waits until a batch is full or its time-out ends, so a lone event comes late. This one keeps
a pull request open on an inbox of its own, tops it up when half is used, and hands over what is there. Handlers,
middleware and AsyncAPI stay FastStream's; only subscribing and reading are replaced.
"""

import asyncio
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic

import nats.errors
import structlog
from faststream._internal.broker.registrator import Registrator
from faststream._internal.endpoint.subscriber.call_item import CallsCollection
from faststream.middlewares import AckPolicy
from faststream.nats import JStream, NatsBroker, PullSub
from faststream.nats.message import NatsBatchMessage
from faststream.nats.subscriber.config import NatsSubscriberConfig, NatsSubscriberSpecificationConfig
from faststream.nats.subscriber.specification import NatsSubscriberSpecification
from faststream.nats.subscriber.usecases import BatchPullStreamSubscriber
from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema

from shared.contracts.envelope import CloudEvent
from shared.contracts.errors import Unavailable
from shared.eventstore.tasks import end, to_the_end
from shared.eventstore.trouble import Trouble, again

log = structlog.get_logger(__name__)

BATCH = 1000  # messages asked for and handed over at most
BATCH_BYTES = 4 * 2**20  # asked for and handed over, about; at least twice the broker's largest message
HEADERS = 256  # bytes of subject, reply and headers, rather too many
TOO_LARGE_FOR_THE_REST = "Message Size Exceeds MaxBytes"  # how a request ends whose bytes are used up
EXPIRES = 5.0  # seconds a pull request stays open, a dead reader's too: what is delivered to it comes late
LOOK = 0.5  # seconds between looks at a silent road: did the connection come anew, has a request run out?


@dataclass(frozen=True, slots=True)
class Batch:
    """What a handler gets. `ack` acknowledges all of it by its last message (the consumer's policy is ALL)."""

    messages: list[Msg]

    @property
    def bodies(self) -> list[bytes]:
        return [message.data for message in self.messages]

    async def ack(self) -> None:
        await self.messages[-1].ack()

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """How AsyncAPI shows it."""
        return handler.generate_schema(list[CloudEvent])


async def as_batch(message: NatsBatchMessage) -> Batch:
    """FastStream's decoder for these subscribers: the messages as they are."""
    return Batch(message.raw_message)


class PromptSubscriber(BatchPullStreamSubscriber):
    """Reads the durable consumer `durable` of `stream`; both are declared by their provider's topology keeper, in an
    account of its own that is asked through `api`."""

    api: str

    trouble: Trouble | None = None  # why the broker gives it nothing, if it does not

    @property
    def is_reading(self) -> bool:
        """Whether somebody takes in what comes."""
        return any(not task.done() for task in self.tasks)

    async def _create_subscription(self) -> None:
        if self.subscription:
            return
        self._arrived: list[Msg] = []
        self._something = asyncio.Event()
        self._arrived_bytes = 0
        self._outstanding = 0  # messages asked for and not yet come
        self._outstanding_bytes = 0
        self._until = 0.0  # when the last request has surely ended
        self._refusals = 0
        self._inbox = self.connection.new_inbox()
        self._reconnects = self.connection.stats["reconnects"]
        self.subscription = await self.connection.subscribe(self._inbox, cb=self._take_in)  # type: ignore[assignment]
        self.add_task(self._consume_pull, restart_on_failure=False)

    async def run(self) -> None:
        """Read until cancelled. Raises whatever ends the reading, once it has stopped whole: a reader half stopped
        would not start again."""
        await self.start()
        try:
            reading = list(self.tasks)
            await asyncio.wait(reading, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await to_the_end(self.stop())
        for task in reading:
            if task.done() and not task.cancelled():
                task.result()
        raise Unavailable("the reader was stopped")

    async def stop(self) -> None:
        """At once: a batch under way is rolled back and comes again. FastStream would wait for a handler's end,
        and ours does not end while the database or the provider is away."""
        self.running = False
        await end(*self.tasks)
        await super().stop()

    async def _take_in(self, message: Msg) -> None:
        """Every message on our inbox: an event, or the end of a request.

        An event bears its own subject, not the inbox's, and the server serves open requests by turns, so only their sum
        is known.
        """
        if message.subject != self._inbox:
            size = len(message.data) + HEADERS
            self._arrived.append(message)
            self._arrived_bytes += size
            self._outstanding -= 1
            self._outstanding_bytes -= size
            self._refusals, self.trouble = 0, None
            if self._outstanding == BATCH // 2 or self._outstanding_bytes < BATCH_BYTES // 2:
                await self._ask()
        elif (status := (message.headers or {}).get("Status")) != "100":  # a heartbeat
            self._ended(status, message.headers or {})
        self._something.set()

    def _ended(self, status: str | None, headers: Mapping[str, str]) -> None:
        """404, 408, 409 and 503 end a request. The first two tell how much it still had to give, and so does a 409 when
        the next message is larger than what is left of it."""
        self._outstanding = max(0, self._outstanding - _number(headers.get("Nats-Pending-Messages"), BATCH))
        left = _number(headers.get("Nats-Pending-Bytes"), BATCH_BYTES)
        self._outstanding_bytes = max(0, self._outstanding_bytes - left)
        if status in ("404", "408") or headers.get("Description", "").startswith(TOO_LARGE_FOR_THE_REST):
            self.trouble = None
        else:
            self._refusals += 1
            self.trouble = again(self.trouble, f"refused with {status}")

    async def _ask(self) -> None:
        """Keep enough asked for: a full batch when nothing is, a top-up when half is used, and one batch in hand; by
        messages as by bytes. A request whose last byte is used just so ends without a word; by then another is open.
        """
        now = monotonic()
        if self._reconnects != self.connection.stats["reconnects"] or self._until < now:
            self._reconnects = self.connection.stats["reconnects"]
            self._outstanding = self._outstanding_bytes = 0  # the old connection's requests are gone with it
        if len(self._arrived) > BATCH or self._arrived_bytes > BATCH_BYTES:
            return
        wanted = BATCH - max(0, self._outstanding)
        wanted_bytes = BATCH_BYTES - max(0, self._outstanding_bytes)
        if wanted < BATCH // 2 and wanted_bytes <= BATCH_BYTES // 2:
            return
        wanted = max(wanted, BATCH // 2)  # large messages use up the bytes first, small ones their number
        wanted_bytes = max(wanted_bytes, BATCH_BYTES // 2)
        self._outstanding = max(0, self._outstanding) + wanted
        self._outstanding_bytes = max(0, self._outstanding_bytes) + wanted_bytes
        self._until = now + EXPIRES + 1
        await self.connection.publish(
            f"{self.api}.CONSUMER.MSG.NEXT.{self.stream.name}.{self.config.durable_name}",
            json.dumps({"batch": wanted, "max_bytes": wanted_bytes, "expires": int(EXPIRES * 1e9)}).encode(),
            reply=self._inbox,
        )

    async def _consume_pull(self) -> None:
        """Endless: hand over what has arrived, else wait for something to arrive."""
        while self.running:
            try:
                if self._refusals and not self._outstanding and not self._arrived:
                    # No responders, or the consumer is gone: the keeper has to mend the road before we ask again.
                    await asyncio.sleep(min(0.5, 0.02 * 2 ** min(self._refusals, 5)) * random.uniform(0.5, 1))  # noqa: S311
                await self._ask()
                if not self._arrived:
                    self._something.clear()
                    try:
                        async with asyncio.timeout(LOOK):
                            await self._something.wait()
                    except TimeoutError:
                        continue
                if self._arrived:
                    messages, self._arrived, self._arrived_bytes = self._arrived, [], 0
                    await self.consume(messages)
            except (nats.errors.Error, OSError) as error:
                log.warning("subscription waits for the broker", stream=self.stream.name, error=type(error).__name__)
                await asyncio.sleep(LOOK)


def _number(header: str | None, otherwise: int) -> int:
    return int(header) if header is not None and header.isascii() and header.isdigit() else otherwise


def add_prompt_subscriber(
    broker: NatsBroker,
    *,
    subject: str,
    api: str,
    stream: str,
    durable: str,
    title: str,
    description: str,
    is_told: bool = True,
) -> PromptSubscriber:
    """What `broker.subscriber(...)` does, for this class: FastStream's factory cannot be told which class to make.

    `is_told`: it stands in the AsyncAPI document."""
    config = NatsSubscriberConfig(
        subject=subject,
        sub_config=ConsumerConfig(durable_name=durable),
        no_reply=True,
        _outer_config=broker.config,  # type: ignore[arg-type]  # as FastStream itself passes it
        _ack_policy=AckPolicy.MANUAL,
    )
    calls: CallsCollection[list[Msg]] = CallsCollection()
    specification = NatsSubscriberSpecification(
        _outer_config=broker.config,  # type: ignore[arg-type]
        calls=calls,
        specification_config=NatsSubscriberSpecificationConfig(
            subject=subject, queue=durable, title_=title, description_=description, include_in_schema=is_told
        ),
    )
    subscriber = PromptSubscriber(
        config,
        specification,
        calls,
        stream=JStream(stream, declare=False),
        pull_sub=PullSub(batch_size=BATCH, batch=True),
    )
    subscriber.api = api
    Registrator.subscriber(broker, subscriber)
    subscriber.add_call(parser_=None, decoder_=as_batch, dependencies_=())
    return subscriber
