"""Takes in one foreign feed: one transaction a batch, nothing skipped, nothing applied twice.

    inbox + read models + reactions' events + checkpoint, then commit, then ack

`sequence <= checkpoint`: had it, skip. `sequence > checkpoint + 1`: a hole; what is missing is asked of the provider
and applied first; nothing is ever applied past a hole. The checkpoint moves by compare-and-set, so of two owners one
stops.
"""

import asyncio
import random
from collections.abc import Callable, Sequence

import asyncpg
import structlog
from nats.aio.client import Client

from shared.contracts import envelope
from shared.contracts.envelope import Received
from shared.contracts.errors import Poison, TongbanError
from shared.contracts.registry import Registry
from shared.eventstore import read_model
from shared.eventstore.database import Connection, Pool
from shared.eventstore.read_model import ReadModel
from shared.eventstore.wake import Wake
from shared.messaging import reacting
from shared.messaging.history import ask_history
from shared.messaging.prompt_subscriber import Batch
from shared.messaging.publisher import BROKER_ERRORS
from shared.messaging.reaction import Reaction

log = structlog.get_logger(__name__)

READ_CHECKPOINT = "select sequence from checkpoints where feed = $1"
LAY_CHECKPOINT = "insert into checkpoints (feed) values ($1) on conflict do nothing"
MOVE_CHECKPOINT = "update checkpoints set sequence = $3 where feed = $1 and sequence = $2"
COPY_IN = """
insert into inbox (feed, sequence, event)
select $1, sequence, event::json from unnest($2::bigint[], $3::text[]) as new (sequence, event)
"""
MOST_AT_ONCE = 1000  # events a transaction


class CheckpointMoved(TongbanError):
    """Another owner applied this feed meanwhile; read the checkpoint anew."""


class Subscription:
    """One feed's intake. `receive` is the FastStream handler; `catch_up` asks the provider directly."""

    def __init__(
        self,
        feed: str,
        pool: Pool,
        registry: Registry,
        models: Sequence[ReadModel],
        reactions: Sequence[Reaction],
        committed: Wake,
        client: Callable[[], Client],
    ) -> None:
        self.feed = feed
        self._pool = pool
        self._registry = registry
        self._models = models
        self._reactions = reactions
        self._committed = committed
        self._client = client
        self._turn = asyncio.Lock()  # one batch at a time, wherever it came from
        self._checkpoint: int | None = None
        self.trouble: str | None = None  # why it stands still, if it does; told by /health/ready

    @property
    def checkpoint(self) -> int | None:
        """How far this feed is applied; None before the first look."""
        return self._checkpoint

    async def receive(self, batch: Batch) -> None:
        """Apply a batch, however long it takes; ack it only then. Cancelled when leadership ends."""
        bodies = batch.bodies
        failures = 0
        while True:
            try:
                await self.take_in([envelope.parse(body) for body in bodies])
                await batch.ack()
            except (asyncpg.UniqueViolationError, CheckpointMoved):
                self._checkpoint = None  # a writer was first, or another owner: same batch, new look
                failures += 1
                await asyncio.sleep(random.uniform(0, 0.02))  # noqa: S311 - jitter
            except Exception as error:  # noqa: BLE001 - told by _stand_still, and tried again for ever
                failures += 1
                self._checkpoint = None
                self._stand_still(error)
                await asyncio.sleep(min(5.0, 0.05 * 2 ** min(failures, 8)) * random.uniform(0.5, 1))  # noqa: S311
            else:
                self.trouble = None
                return

    def _stand_still(self, error: Exception) -> None:
        """Nothing is acknowledged and nothing skipped: the feed waits, and says so."""
        self.trouble = type(error).__name__
        if isinstance(error, (*BROKER_ERRORS, asyncpg.PostgresError, asyncpg.InterfaceError)):
            log.warning("subscription waits", feed=self.feed, error=self.trouble)
        else:
            log.error(
                "subscription stands still",
                feed=self.feed,
                error=self.trouble,
                exc_info=not isinstance(error, Poison),
            )

    async def catch_up(self) -> int:
        """Ask the provider for what lies between the checkpoint and the feed's present head, page by page.

        What comes after goes its usual way. Returns how many events came. Raises nats errors when the provider does
        not answer.
        """
        came = 0
        head: int | None = None
        while True:
            async with self._turn:
                page = await ask_history(self._client(), self.feed, await self._position())
                head = page.head if head is None else head
                await self._apply(page.events)
                came += len(page.events)
                if not page.events or await self._position() >= head:
                    return came

    async def take_in(self, received: Sequence[Received]) -> None:
        """Apply messages in feed order, skipping what was applied and filling holes first."""
        async with self._turn:
            position = await self._position()
            ready: list[Received] = []
            for message in sorted(self._own(received), key=lambda r: r.sequence):
                if message.sequence <= position + len(ready):
                    continue
                if message.sequence > position + len(ready) + 1:
                    await self._apply(ready)
                    await self._fill(message.sequence)
                    position, ready = await self._position(), []
                    if message.sequence <= position:
                        continue
                ready.append(message)
            await self._apply(ready)

    def _own(self, received: Sequence[Received]) -> list[Received]:
        """Without what is no event of this feed; it has no place here, whoever sent it."""
        own = [message for message in received if message.feed == self.feed]
        if len(own) < len(received):
            log.error("messages of another feed ignored", feed=self.feed, messages=len(received) - len(own))
        return own

    async def _fill(self, before: int) -> None:
        """Fetch and apply until the checkpoint stands right before `before`."""
        while (position := await self._position()) < before - 1:
            log.info("filling a hole", feed=self.feed, after=position, before=before)
            page = await ask_history(self._client(), self.feed, position)
            if not page.events:
                raise Poison(f"{self.feed}: event {before} came, and its provider knows nothing after {position}")
            await self._apply(page.events)

    async def _position(self) -> int:
        """The checkpoint; kept in memory while we own the feed."""
        if self._checkpoint is None:
            await self._pool.execute(LAY_CHECKPOINT, self.feed)
            self._checkpoint = await self._pool.fetchval(READ_CHECKPOINT, self.feed)
        assert self._checkpoint is not None
        return self._checkpoint

    async def _apply(self, received: Sequence[Received]) -> None:
        for start in range(0, len(received), MOST_AT_ONCE):
            await self._apply_some(received[start : start + MOST_AT_ONCE])

    async def _apply_some(self, received: Sequence[Received]) -> None:
        """One transaction. The messages follow the checkpoint without a gap."""
        before = await self._position()
        expected = range(before + 1, before + 1 + len(received))
        if [message.sequence for message in received] != list(expected):
            raise Poison(f"{self.feed}: a page that should follow {before} does not")
        events = [envelope.decode(message, self._registry) for message in received]
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                COPY_IN, self.feed, list(expected), [message.body.decode() for message in received]
            )
            await read_model.group(self._models, events).run(connection)
            decided = await reacting.run(connection, self._reactions, events, self._registry, self._models)
            await self._move(connection, before, expected[-1])
        self._checkpoint = expected[-1]
        if decided:
            self._committed.set()
        log.debug("applied", feed=self.feed, events=len(received), checkpoint=self._checkpoint, decided=decided)

    async def _move(self, connection: Connection, before: int, after: int) -> None:
        moved = await connection.execute(MOVE_CHECKPOINT, self.feed, before, after)
        if moved != "UPDATE 1":
            raise CheckpointMoved(self.feed)
