"""Takes in one foreign feed, in order: nothing skipped, nothing applied twice, nothing past a hole.

`sequence <= checkpoint`: had it, skip. `sequence > checkpoint + 1`: a hole; what is missing is asked of the provider
and applied first. A checkpoint below the provider's head while nothing comes is a lost tail: the same cure. So one
mechanism serves a new department, a wiped broker, lost messages and expired retention.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from time import monotonic
from typing import TypeVar

import structlog
from nats.aio.client import Client

from shared.contracts import envelope
from shared.contracts.envelope import Received
from shared.contracts.errors import Poison
from shared.eventstore.database import Pool
from shared.eventstore.transient import is_transient
from shared.eventstore.wake import Wake
from shared.messaging import heads, intake
from shared.messaging.answers import Misanswered
from shared.messaging.batch_size import BatchSize
from shared.messaging.feed_trace import applied as applied_traced
from shared.messaging.handling import Handling
from shared.messaging.history import Page, ask_history
from shared.messaging.intake import Intake, Standing
from shared.messaging.prompt_subscriber import Batch
from shared.messaging.publisher import BROKER_ERRORS
from shared.messaging.rarely import Rarely

T = TypeVar("T")

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 1000  # events a transaction
TRIES = 40  # of a batch that meets other writers, before that is told; each conflict halves what goes at once
MOST_BYTES = 4 * 2**20  # of their messages
LONGEST_PAUSE = 60.0  # seconds between questions to a provider whose answers are of no use
USELESS = "its provider does not give the events that it announces"
WENT_BACK = "its provider announces fewer events than we hold: was it restored from an old backup?"


class Subscription:
    """One feed's intake. `receive` is the FastStream handler; `catch_up` asks the provider directly."""

    def __init__(
        self,
        feed: str,
        pool: Pool,
        handling: Handling,
        committed: Wake,
        client: Callable[[], Client],
        came: Callable[[Iterable[str]], None] = lambda _: None,
    ) -> None:
        """`committed` is woken by events of our own that it led to, `came` told of which types its events were."""
        self.feed = feed
        self._pool = pool
        self._intake = Intake(feed, pool, handling)
        self._committed = committed
        self._client = client
        self._came = came
        self._size = BatchSize(MOST_AT_ONCE)
        self._rarely = Rarely()
        self._useless = 0  # answers of no use, one after the other
        self._ask_after = 0.0
        self._turn = asyncio.Lock()  # one batch at a time, wherever it came from
        self._standing: Standing | None = None
        self._heard: tuple[int, int] | None = None  # the last head, and where we stood then
        self.trouble: str | None = None  # why it stands still, if it does; told by /health/ready

    @property
    def head(self) -> int | None:
        """How far the feed goes, as its provider last announced it; None before we heard."""
        return self._heard[0] if self._heard else None

    @property
    def checkpoint(self) -> int | None:
        """How far this feed is applied; None before the first look."""
        return self._standing.sequence if self._standing else None

    async def receive(self, batch: Batch) -> None:
        """Apply a batch, however long it takes; ack it only then. Cancelled when leadership ends."""
        received = readable(self.feed, batch.bodies, self._rarely)
        failures = 0
        while True:
            try:
                await self.take_in(received)
                await batch.ack()
            except Exception as error:  # noqa: BLE001 - told by _stand_still, and tried again for ever
                failures += 1
                self._stand_still(error)
                await asyncio.sleep(min(5.0, 0.05 * 2 ** min(failures, 8)) * random.uniform(0.5, 1))  # noqa: S311
            else:
                self.trouble = None
                return

    def _stand_still(self, error: Exception) -> None:
        """Nothing is acknowledged and nothing skipped: the feed waits, and says so."""
        self.trouble = type(error).__name__
        times = self._rarely.times(self.trouble)
        if not times:
            return
        if is_transient(error) or isinstance(error, BROKER_ERRORS):
            log.warning("subscription waits", feed=self.feed, error=self.trouble, times=times)
        else:
            is_known = isinstance(error, Poison)
            log.error(
                "subscription stands still", feed=self.feed, error=self.trouble, times=times, exc_info=not is_known
            )

    async def hear(self, head: int) -> None:
        """The provider's head. Still below the one before, and not moved since: a tail was lost, so ask for it.

        What stands in a head may be overtaken by the events that follow it, so it is held against where we stood when
        the head before it came. Raises what `catch_up` raises.
        """
        standing = await self._stand()
        before, self._heard = self._heard, (head, standing.sequence)
        if before is None:
            return
        if head < before[1]:
            if self.trouble != WENT_BACK:
                log.error("the provider went back", feed=self.feed, head=head, checkpoint=standing.sequence)
            self.trouble = WENT_BACK
        elif self.trouble == WENT_BACK:
            self.trouble = None
        if standing.sequence >= head:
            self._useful()
        is_behind = before[1] == standing.sequence < min(before[0], head)
        if is_behind and not self._turn.locked() and monotonic() >= self._ask_after:
            await self._ask_for_tail(standing.sequence, head)

    async def _ask_for_tail(self, after: int, head: int) -> None:
        """A provider whose answers are of no use is asked less and less often."""
        if self._useless == 0:
            log.warning("a tail was lost; asking for it", feed=self.feed, after=after, head=head)
        try:
            came = await self.catch_up()
            what = "no events came"
        except Misanswered as error:
            came, what = 0, str(error)
        if came:
            self._useful()
            return
        self._useless += 1
        self._ask_after = monotonic() + min(LONGEST_PAUSE, heads.EVERY * 2.0 ** min(self._useless, 8))
        self.trouble = USELESS
        if times := self._rarely.times(what):
            log.error("the provider's history is of no use", feed=self.feed, what=what, times=times)

    def _useful(self) -> None:
        """The provider gives what it announces."""
        self._useless, self._ask_after = 0, 0.0
        if self.trouble == USELESS:
            self.trouble = None

    async def catch_up(self, *, at_most: int | None = None) -> int:
        """Ask the provider for what lies between the checkpoint and the feed's present head, page by page.

        What comes after goes its usual way. `at_most` so many events, rounded up to a page. Returns how many came.
        Raises nats errors when the provider does not answer.
        """
        async with self._turn:
            return await again_if_moved(lambda: self._catch_up(at_most))

    async def _catch_up(self, at_most: int | None) -> int:
        """The next page is on its way while one is applied."""
        came = 0
        head: int | None = None
        begin = (await self._stand()).sequence
        page = await ask_history(self._client(), self.feed, begin)
        while page.events and (head is None or page.events[0].sequence <= head):
            if head is None:
                head = page.head if at_most is None else min(page.head, begin + at_most)
            last = page.events[-1].sequence
            following = asyncio.create_task(ask_history(self._client(), self.feed, last)) if last < head else None
            try:
                came += await self._take_page(page)
                if following is None:
                    break
                page = await following
            finally:
                if following is not None:
                    following.cancel()
        return came

    async def _take_page(self, page: Page) -> int:
        """Apply what of a page is new. A page that does not follow is the provider's fault, and loud."""
        standing = await self._stand()
        new = [message for message in page.events if message.sequence > standing.sequence]
        await self._apply(new)
        return len(new)

    async def take_in(self, received: Sequence[Received]) -> None:
        """Apply messages in feed order, skipping what was applied and filling holes first."""
        ordered = sorted(received, key=lambda r: r.sequence)
        async with self._turn:
            await again_if_moved(lambda: self._take_in(ordered))

    async def _take_in(self, ordered: Sequence[Received]) -> None:
        position = (await self._stand()).sequence
        ready: list[Received] = []
        for message in ordered:
            if message.sequence <= position + len(ready):
                continue
            if message.sequence > position + len(ready) + 1:
                await self._apply(ready)
                await self._fill(message.sequence)
                position, ready = (await self._stand()).sequence, []
                if message.sequence <= position:
                    continue
            ready.append(message)
        await self._apply(ready)

    async def _fill(self, before: int) -> None:
        """Fetch and apply until the checkpoint stands right before `before`."""
        while (position := (await self._stand()).sequence) < before - 1:
            log.info("filling a hole", feed=self.feed, after=position, before=before)
            page = await ask_history(self._client(), self.feed, position)
            if not page.events:
                raise Poison(f"{self.feed}: event {before} came, and its provider knows nothing after {position}")
            await self._apply(page.events)

    async def _stand(self) -> Standing:
        """Where we stand; kept in memory while we own the feed."""
        if self._standing is None:
            self._standing = await intake.look(self._pool, self.feed)
        return self._standing

    async def _apply(self, received: Sequence[Received]) -> None:
        at = 0
        while at < len(received):
            some = first_of(received[at : at + self._size.now], MOST_BYTES)
            try:
                await self._apply_some(some)
            except Exception as error:
                if intake.is_contention(error):
                    self._size.shrink()
                raise
            self._size.grow()
            at += len(some)

    async def _apply_some(self, received: Sequence[Received]) -> None:
        """One transaction. The messages follow the checkpoint without a gap."""
        standing = await self._stand()
        expected = range(standing.sequence + 1, standing.sequence + 1 + len(received))
        if [message.sequence for message in received] != list(expected):
            raise Poison(f"{self.feed}: a page that should follow {standing.sequence} does not")
        try:
            with applied_traced(self.feed, received) as received:
                applied = await self._intake.apply(standing, received)
        except BaseException:
            self._standing = None  # it may or may not have been committed
            raise
        self._standing = applied.standing
        if applied.decided:
            self._committed.set()
        self._came({message.type for message in received})
        log.debug("applied", feed=self.feed, events=len(received), checkpoint=expected[-1], decided=applied.decided)


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
