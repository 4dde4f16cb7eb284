"""Takes in one foreign feed, in order: nothing skipped, nothing applied twice, nothing past a hole.

`sequence <= checkpoint`: had it, skip, if it is the event that we hold. `sequence > checkpoint + 1`: a hole; what is
missing is asked of the provider and applied first. A checkpoint below the provider's head while nothing comes is a lost
tail: the same cure. So one mechanism serves a new department, a wiped broker, lost messages and expired retention.

An event also names the one before it. Where that is not the one at the checkpoint, or a head tells other epochs,
another event under our number, or fewer events than we hold, histories may have parted: see `alignment`.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from time import monotonic
from typing import TypeVar
from uuid import UUID

import structlog
from nats.aio.client import Client

from shared.contracts.envelope import Received
from shared.contracts.epochs import THE_FIRST, Epochs
from shared.contracts.errors import Away, Poison
from shared.contracts.sealing import KeyNotHere
from shared.eventstore.database import Pool
from shared.eventstore.transient import is_transient
from shared.eventstore.wake import Wake
from shared.messaging import heads, intake
from shared.messaging.alignment import Alignment
from shared.messaging.answers import Misanswered
from shared.messaging.batch_size import BatchSize
from shared.messaging.batches import again_if_moved, first_of, of_history, readable
from shared.messaging.divergence import COMING_BACK, HELD, UNNOTICED, Diverges, Held, follows, not_as_held
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
MOST_BYTES = 4 * 2**20  # of their messages
LONGEST_PAUSE = 60.0  # seconds between questions to a provider whose answers are of no use
USELESS = "its provider does not give the events that it announces"


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
        took_back: Callable[[], None] = lambda: None,
    ) -> None:
        """`committed` is woken by events of our own that it led to, `came` told of which types its events were.
        `took_back` is called when read models have become due to be built anew."""
        self.feed = feed
        self._pool = pool
        self._intake = Intake(feed, pool, handling)
        self._models = sorted(handling.models_of(feed))
        self._alignment = Alignment(feed, pool, handling, self._ask, took_back)
        self._committed = committed
        self._client = client
        self._came = came
        self._size = BatchSize(MOST_AT_ONCE)
        self._rarely = Rarely()
        self._useless = 0  # answers of no use, one after the other
        self._ask_after = 0.0
        self._turn = asyncio.Lock()  # one batch at a time, wherever it came from
        self._standing: Standing | None = None
        self._is_stale = True  # what we remember of it may be wrong
        self._heard: tuple[int, int] | None = None  # the last head, and where we stood then
        self._met: str | None = None  # what it met when it last stood still
        self._apart: str | None = None  # why its history and its provider's are not one

    @property
    def trouble(self) -> str | None:
        """The reason for which it stands still, if it does; told by /health/ready."""
        return self._apart or self._met

    @property
    def head(self) -> int | None:
        """How far the feed goes, as its provider last announced it; None before we heard."""
        return self._heard[0] if self._heard else None

    @property
    def checkpoint(self) -> int | None:
        """How far this feed is applied; None before the first look."""
        return self._standing.sequence if self._standing else None

    def forget(self) -> None:
        """Look anew where we stand: before we led, another one did, or the database was another, perhaps older."""
        self._heard, self._is_stale = None, True

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
                pause = min(5.0, 0.05 * 2 ** min(failures, 8)) * random.uniform(0.5, 1)  # noqa: S311
                await self._intake.pause(pause, error)
            else:
                self._met = None
                return

    def _stand_still(self, error: Exception) -> None:
        """Nothing is acknowledged and nothing skipped: the feed waits, and says so."""
        if isinstance(error, Diverges):
            self._part(error)
            return
        self._met = str(error) if isinstance(error, Held | KeyNotHere | Away) else type(error).__name__
        times = self._rarely.times(self._met)
        if not times:
            return
        if is_transient(error) or isinstance(error, BROKER_ERRORS):
            log.warning("subscription waits", feed=self.feed, error=self._met, times=times)
        else:
            is_known = isinstance(error, Poison)
            log.error("subscription stands still", feed=self.feed, error=self._met, times=times, exc_info=not is_known)

    def _part(self, error: Diverges) -> None:
        """Nothing is applied until the provider's history is the one that we hold, and somebody may have to help."""
        before, self._apart = self._apart, str(error)
        if before != self._apart and (times := self._rarely.times(self._apart)):
            log.error("histories diverge", feed=self.feed, why=self._apart, times=times)

    async def hear(self, head: int, id: UUID | None = None, epochs: Epochs = THE_FIRST) -> None:
        """The provider's head, the id of its last event, its epochs. Still below the head before, and not moved since:
        a tail was lost, so ask for it.

        What stands in a head may be overtaken by the events that follow it, so it is held against where we stood when
        the head before it came. Raises what `catch_up` raises.
        """
        standing = await self._stand()
        before, self._heard = self._heard, (head, standing.sequence)
        if not await self._is_aligned(head, id, epochs, before) or before is None:
            return
        standing = await self._stand()
        if standing.is_held:
            self._met = HELD
            return
        if standing.sequence >= head:
            self._useful()
        is_behind = before[1] == standing.sequence < min(before[0], head)
        if is_behind and not self._turn.locked() and monotonic() >= self._ask_after:
            await self._ask_for_tail(standing.sequence, head)

    async def _is_aligned(self, head: int, id: UUID | None, epochs: Epochs, before: tuple[int, int] | None) -> bool:
        """Whether the provider's history is the one that was taken in, as far as a head tells; if not, it is asked."""
        standing = await self._stand()
        is_another = head == standing.sequence and id not in (None, standing.id)
        has_fewer = before is not None and head < min(before[1], standing.sequence)
        if epochs == standing.epochs and not is_another and not has_fewer and not self._apart:
            return True
        try:
            if has_fewer and epochs == standing.epochs:
                self._part(Diverges(UNNOTICED))  # also if it does not answer
            await self._in_turn(self._verify)
        except Diverges as error:
            self._part(error)
            return False
        except Held as error:
            self._met = str(error)
            return False
        self._apart = None
        return True

    async def _verify(self) -> None:
        standing = await self._stand()
        await self._alignment.verify(standing, standing.sequence)

    async def _ask_for_tail(self, after: int, head: int) -> None:
        """A provider whose answers are of no use is asked less and less often."""
        if self._useless == 0:
            log.warning("a tail was lost; asking for it", feed=self.feed, after=after, head=head)
        try:
            came = await self.catch_up()
            what = "no events came"
        except Diverges as error:
            self._part(error)
            return
        except Misanswered as error:
            came, what = 0, str(error)
        if came:
            self._useful()
            return
        self._useless += 1
        self._ask_after = monotonic() + min(LONGEST_PAUSE, heads.EVERY * 2.0 ** min(self._useless, 8))
        self._met = USELESS
        if times := self._rarely.times(what):
            log.error("the provider's history is of no use", feed=self.feed, what=what, times=times)

    def _useful(self) -> None:
        """The provider gives what it announces."""
        self._useless, self._ask_after = 0, 0.0
        if self._met in (USELESS, HELD, COMING_BACK):
            self._met = None

    async def catch_up(self, *, at_most: int | None = None) -> int:
        """Ask the provider for what lies between the checkpoint and the feed's present head, page by page.

        What comes after goes its usual way. `at_most` so many events, rounded up to a page. Returns how many came.
        Raises nats errors when the provider does not answer.
        """
        return await self._in_turn(lambda: self._catch_up(at_most))

    async def _ask(self, after: int) -> Page:
        return await ask_history(self._client(), self.feed, after)

    async def _catch_up(self, at_most: int | None) -> int:
        """The next page is on its way while one is applied."""
        came = 0
        head: int | None = None
        begin = (await self._go()).sequence
        page = await self._ask(begin)
        while page.events and (head is None or page.events[0].sequence <= head):
            if head is None:
                head = page.head if at_most is None else min(page.head, begin + at_most)
            last = page.events[-1].sequence
            following = asyncio.create_task(self._ask(last)) if last < head else None
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
        standing = await self._go()
        await self._alignment.to(standing, page.epochs)
        new = [message for message in page.events if message.sequence > standing.sequence]
        if not follows(standing.id, new[:1]) and new:
            await self._alignment.verify(standing, standing.sequence)
        await self._apply(new)
        return len(new)

    async def take_in(self, received: Sequence[Received]) -> None:
        """Apply messages in feed order, skipping what was applied and filling holes first."""
        ordered = sorted(received, key=lambda r: r.sequence)
        await self._in_turn(lambda: self._take_in(ordered))

    async def _in_turn(self, work: Callable[[], Awaitable[T]]) -> T:
        """One piece of work at a time, begun again with a new look where we stand when that was moved."""

        async def attempt() -> T:
            try:
                return await work()
            except BaseException:  # whatever it was, what we remember may have led to it
                self._is_stale = True
                raise

        async with self._turn:
            return await again_if_moved(attempt)

    async def _take_in(self, ordered: Sequence[Received]) -> None:
        standing = await self._go()
        if any(message.epoch > standing.epochs.current for message in ordered):
            await self._alignment.to(standing, (await self._ask(standing.sequence)).epochs)
        position, last = standing.sequence, standing.id
        ready: list[Received] = []
        had = [message for message in of_history(ordered, self.feed, standing.epochs) if message.sequence <= position]
        if had and (other := await not_as_held(self._pool, self.feed, had)):
            await self._alignment.verify(standing, other.sequence)
        for message in of_history(ordered, self.feed, standing.epochs):
            if message.sequence <= position + len(ready):
                continue
            if message.sequence > position + len(ready) + 1 or message.previous not in (None, last):
                await self._apply(ready)
                await self._fill(message.sequence)
                standing = await self._stand()
                if message.sequence > standing.sequence and message.previous not in (None, standing.id):
                    await self._settle(standing)
                    standing = await self._stand()
                position, last, ready = standing.sequence, standing.id, []
                if message.sequence != position + 1 or message.previous not in (None, last):
                    continue
            ready.append(message)
            last = message.id
        await self._apply(ready)

    async def _settle(self, standing: Standing) -> None:
        """A message names another event before it than the one we hold: the provider's history decides."""
        page = await self._alignment.verify(standing, standing.sequence)
        if times := self._rarely.times("not of its history"):
            log.error("messages ignored that are not of the provider's history", feed=self.feed, messages=times)
        await self._apply(page.events)

    async def _fill(self, before: int) -> None:
        """Fetch and apply until the checkpoint stands right before `before`."""
        while (position := (await self._stand()).sequence) < before - 1:
            log.info("filling a hole", feed=self.feed, after=position, before=before)
            page = await self._ask(position)
            if not page.events:
                await self._alignment.to(await self._stand(), page.epochs)
                raise Poison(f"{self.feed}: event {before} came, and its provider knows nothing after {position}")
            await self._take_page(page)

    async def _stand(self) -> Standing:
        """Our standing; kept in memory while we own the feed and nothing fails, unless it is held."""
        if self._standing is None or self._is_stale or self._standing.is_held:
            self._standing = await intake.look(self._pool, self.feed, self._models)
            self._is_stale = False
        return self._standing

    async def _go(self) -> Standing:
        """Our standing, if anything may be applied. Raises Held."""
        standing = await self._stand()
        if standing.is_held:
            raise Held(HELD)
        return standing

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
        if standing.is_held:
            raise Held(HELD)
        if follows(standing.id, received) < len(received):
            raise Diverges(UNNOTICED)
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
