"""Brings what was taken in of a feed in line with its provider's epochs, or says why that cannot be.

A later epoch means: ask the provider's history from the point on that its epochs name, and compare ids. If all that is
held is there, the epoch is adopted; else what is beyond the last common event is taken back. Without a later epoch a
provider with another history has not noticed: nothing is applied until it has, and it finds out by asking us.
A provider may say what it likes: no more happens than that events become phantoms, and that not often.
"""

from collections.abc import Callable
from dataclasses import replace
from time import monotonic

from shared.contracts.epochs import Epochs
from shared.eventstore.database import Pool
from shared.messaging.divergence import (
    COMING_BACK,
    FORGOT,
    ID,
    TOO_OFTEN,
    UNNOTICED,
    Ask,
    Diverges,
    Held,
    Realigned,
    compare,
    is_shorter,
    may_be_shared,
)
from shared.messaging.handling import Handling
from shared.messaging.history import Page
from shared.messaging.intake import Standing
from shared.messaging.taking_back import adopt, take_back

AT_ONCE = 10  # epochs that are adopted one after the other; then
EVERY = 60.0  # seconds, one
COMES_BACK_WITHIN = 6.0  # seconds without a further event; a provider numbers what it recovered within one


class Alignment:
    """Of one feed. What is called here is called within the feed's turn."""

    def __init__(self, feed: str, pool: Pool, handling: Handling, ask: Ask, took_back: Callable[[], None]) -> None:
        self._feed = feed
        self._pool = pool
        self._handling = handling
        self._ask = ask
        self._took_back = took_back
        self._left, self._since = float(AT_ONCE), monotonic()
        self._short: tuple[int, float] | None = None  # head of a history that has fewer events than we, and since when

    async def to(self, standing: Standing, told: Epochs) -> None:
        """Returns when they are those that were adopted. Raises Realigned once all is in line, Diverges, Held."""
        if told == standing.epochs:
            return
        if is_shorter(told, standing.epochs):
            raise Diverges(FORGOT)
        shared = may_be_shared(standing.epochs, told, self._feed)
        last = standing.sequence
        if shared is not None and shared < standing.sequence:
            common = await compare(self._ask, self._pool, self._feed, told, shared, standing.sequence)
            last = common.sequence
            if last < standing.sequence and not common.is_parted:
                self._wait_for_more(common.head)
        self._spend()
        self._short = None
        if last == standing.sequence:
            await adopt(self._pool, self._feed, standing, told)
        else:
            await take_back(self._pool, self._feed, standing, told, last, self._handling)
            self._took_back()
        raise Realigned(self._feed)

    async def verify(self, standing: Standing, sequence: int) -> Page:
        """The provider's history after an event that we hold, if it has that event.

        Raises Diverges when it has another or none, and what `to` raises.
        """
        page = await self._ask(max(0, sequence - 1))
        await self.to(standing, page.epochs)
        if sequence == 0:
            return page
        held = standing.id if sequence == standing.sequence else await self._pool.fetchval(ID, self._feed, sequence)
        if not page.events or page.events[0].id != held:
            raise Diverges(UNNOTICED)
        return replace(page, events=page.events[1:])

    def _wait_for_more(self, head: int) -> None:
        """Events that the provider recovered may still be on their way into its log."""
        if self._short is None or head > self._short[0]:
            self._short = head, monotonic()
        if monotonic() - self._short[1] < COMES_BACK_WITHIN:
            raise Held(COMING_BACK)

    def _spend(self) -> None:
        now = monotonic()
        self._left, self._since = min(AT_ONCE, self._left + (now - self._since) / EVERY), now
        if self._left < 1:
            raise Diverges(TOO_OFTEN)
        self._left -= 1
