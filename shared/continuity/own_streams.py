"""Reads our own streams at the broker, from the last event that is in the log on, a page at a time.

Only our own login publishes there, so an envelope of our own feed is ours. What is none is junk, and passed over.
"""

import asyncio
import base64

from nats.aio.client import Client
from nats.js.errors import NotFoundError

from shared.continuity import limits, own_log
from shared.continuity.claims import Claim, read_claim
from shared.contracts.member import MemberFeed
from shared.eventstore.database import Pool
from shared.messaging.jetstream_api import ask


class OwnStream:
    """Of one feed; one leadership's. Broken off, it goes on where it was."""

    def __init__(self, pool: Pool, feed: MemberFeed) -> None:
        self._pool = pool
        self._feed = feed
        self.is_lost = False  # there was one, and the broker has none
        self._forget()

    def _forget(self) -> None:
        self._last = 0  # of the stream
        self._at: int | None = None  # the next message to look at, on the way back
        self._lowest: int | None = None  # message that is not in the log
        self._junk = 0
        self._next: int | None = None  # message to begin with; None: not yet known where the log ends
        self._after_page = 0

    async def page(self, client: Client) -> tuple[list[Claim], bool]:
        """Events that are not in the log, in their order, and whether these are the last. The same again until
        `taken`. Raises BROKER_ERRORS."""
        try:
            state = (await ask(client, f"STREAM.INFO.{self._feed.jetstream}"))["state"]
        except NotFoundError:
            self._forget()
            self.is_lost = await own_log.is_published(self._pool, self._feed.local_name)
            return [], True
        self.is_lost = False
        first, last = max(1, int(state["first_seq"])), int(state["last_seq"])
        if last < self._last:  # another store
            self._forget()
        self._last = last
        if self._next is None:
            self._next = await self._divergence(client, first)
        return await self._from(client, self._next)

    def taken(self) -> None:
        """What `page` told is stored."""
        if self._next is not None:
            self._next = max(self._next, self._after_page)

    async def _divergence(self, client: Client, first: int) -> int:
        """Back from the end to the last message that is in the log."""
        at, step = (self._last, 1) if self._at is None else (self._at, limits.AT_ONCE)
        while at >= first and self._junk < limits.MOST_JUNK:
            numbers = range(at, max(first, at - step + 1) - 1, -1)
            claims = await self._claims(client, numbers)
            unknown = {id(one) for one in await own_log.not_logged(self._pool, [one for one in claims if one])}
            for number, claim in zip(numbers, claims, strict=True):
                if claim is None:
                    self._junk += self._lowest is None
                elif id(claim) in unknown:
                    self._lowest = number
                else:
                    return number + 1
            self._at = at = at - len(numbers)
            step = limits.AT_ONCE
        return self._last + 1 if self._lowest is None else self._lowest

    async def _from(self, client: Client, number: int) -> tuple[list[Claim], bool]:
        found: list[Claim] = []
        size = 0
        while number <= self._last and len(found) < limits.TAKEN_EVENTS and size < limits.TAKEN_BYTES:
            numbers = range(number, min(self._last, number + min(limits.AT_ONCE, limits.TAKEN_EVENTS) - 1) + 1)
            claims = [one for one in await self._claims(client, numbers) if one is not None]
            found += await own_log.not_logged(self._pool, claims)
            size += sum(len(one.body) for one in claims)
            number = numbers[-1] + 1
        self._after_page = number
        return found, number > self._last

    async def _claims(self, client: Client, numbers: range) -> list[Claim | None]:
        return list(await asyncio.gather(*(self._claim(client, number) for number in numbers)))

    async def _claim(self, client: Client, number: int) -> Claim | None:
        try:
            message = (await ask(client, f"STREAM.MSG.GET.{self._feed.jetstream}", {"seq": number}))["message"]
        except NotFoundError:
            return None
        return read_claim(base64.b64decode(message.get("data") or ""), self._feed, is_trusted=True)
