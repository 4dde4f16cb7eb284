"""The topology keeper: are my streams and durables there as they should be, and do they hold what I published?

Runs with the leader, every few seconds and after each reconnection. Missing: created. Other than declared: changed; a
durable that cannot be changed is made anew, its subscriber's checkpoint makes that safe; a stream that cannot is made
anew only when all it holds is in the log. Behind: the relay is set back and publishes again; subscribers skip what they
have. So the broker's store may be wiped at any time. Begun in an epoch of the history that is over: made anew, from the
point of divergence on, so that no number of that epoch is read there again. What it cannot mend it tells once, and as
long as it stands.
"""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import structlog
from nats.aio.client import Client
from nats.js.errors import APIError, NotFoundError

from shared.contracts.epochs import THE_FIRST, Epochs
from shared.contracts.member import KeyFeed, Member, MemberFeed
from shared.eventstore.trouble import Trouble, again
from shared.messaging.durables import Durables, told
from shared.messaging.holdings import Holding, all_logged, held
from shared.messaging.jetstream_api import Answer, ask
from shared.messaging.publisher import BROKER_ERRORS
from shared.messaging.relay import FeedRelay
from shared.messaging.topology_config import (
    Begun,
    Config,
    begun_of,
    consumer_wanted,
    differences,
    most_bytes,
    stream_wanted,
)

log = structlog.get_logger(__name__)

EVERY = 2.0  # seconds
MOST_COMPARED = 5_000  # messages of a stream that are held against the log before it may be made anew
_OF_A_MEMBER = re.compile(r"[a-z][a-z0-9]*-[a-z][a-z0-9]*", re.ASCII)

Subscribers = Callable[[MemberFeed], Sequence[Member]]
"""Who is given a feed now."""


class TopologyKeeper:
    """Keeps the streams of one member's feeds, with a durable consumer for each entitled subscriber."""

    def __init__(self, relays: Mapping[str, FeedRelay], subscribers: Subscribers, replicas: int = 1) -> None:
        self._relays = relays
        self._subscribers = subscribers
        self._replicas = replicas
        self._found: dict[str, str] = {}  # what this round could not mend, by what it is about
        self._told: dict[str, str] = {}
        self._as_it_is: dict[str, Config] = {}  # configurations that the server makes of ours
        self._durables = Durables()
        self.trouble: Trouble | None = None  # why a round did not end well, if it did not

    @property
    def findings(self) -> Mapping[str, str]:
        """What stands on the road and cannot be mended from here, by stream or durable."""
        return dict(self._told)

    async def run(self, client: Client) -> None:
        """Keep for ever. `reconnects` of the client is looked at often: after one, the store may be another."""
        while True:
            try:
                await self.keep(client)
            except BROKER_ERRORS as error:
                self.trouble = again(self.trouble, type(error).__name__)
                log.warning("topology keeper waits for the broker", error=str(error) or type(error).__name__)
            seen = client.stats["reconnects"]
            for _ in range(int(EVERY / 0.1)):
                await asyncio.sleep(0.1)
                if client.stats["reconnects"] != seen:
                    break

    async def keep(self, client: Client) -> None:
        """One round."""
        self._found = {}
        account = await ask(client, "INFO")
        most = most_bytes(account, len(self._relays), self._replicas)
        epochs = await self._epochs()
        for relay in self._relays.values():
            await self._keep_stream(client, relay, most, epochs)
            await self._keep_consumers(client, relay.feed)
        await self._look_for_others(client)
        self._tell()

    async def renew(self, client: Client) -> None:
        """Make the streams anew that began in an epoch that is over."""
        most = most_bytes(await ask(client, "INFO"), len(self._relays), self._replicas)
        epochs = await self._epochs()
        for relay in self._relays.values():
            async with relay.paused():
                with suppress(NotFoundError):
                    there = await ask(client, f"STREAM.INFO.{relay.feed.jetstream}")
                    await self._renewed(client, relay, there, most, epochs)

    async def _epochs(self) -> Epochs:
        """Of the history, which all feeds are part of: asked once a round. One that begins meanwhile has a round of its
        own, see `renew`; what a round made of the one before is mended in the next."""
        relays = list(self._relays.values())
        return await relays[0].epochs() if relays else THE_FIRST

    async def _renewed(self, client: Client, relay: FeedRelay, there: Answer, most: int, epochs: Epochs) -> Answer:
        """Should we be killed after it was deleted, it is made from its first event on."""
        feed, begun = relay.feed, begun_of(there["config"])
        shared = epochs.shared_since(feed.full_name, begun.epoch)
        if shared is None:
            return there
        log.warning("the stream is made anew: its epoch is over", stream=feed.jetstream, after=shared)
        await relay.set_back(shared)
        await ask(client, f"STREAM.DELETE.{feed.jetstream}")
        wanted = stream_wanted(feed, self._replicas, most, Begun(epochs.current, shared))
        return await ask(client, f"STREAM.CREATE.{feed.jetstream}", wanted)

    async def _keep_stream(self, client: Client, relay: FeedRelay, most: int, epochs: Epochs) -> None:
        """While the relay is paused: what it published into a new stream would hide that all before is missing."""
        feed = relay.feed
        async with relay.paused():
            try:
                there = await ask(client, f"STREAM.INFO.{feed.jetstream}")
            except NotFoundError:
                begun = Begun(epochs.current)
                is_behind = await _declare(client, relay, stream_wanted(feed, self._replicas, most, begun))
                after = Holding()
            else:
                there = await self._renewed(client, relay, there, most, epochs)
                begun = begun_of(there["config"])
                await self._mend_stream(client, relay, there, stream_wanted(feed, self._replicas, most, begun))
                after = await held(client, feed, relay.is_logged)
                after = replace(after, sequence=max(after.sequence, begun.after))
                is_behind = await relay.set_back(after.sequence)
        if after.junk:
            self._find(feed.jetstream, f"{after.junk} messages at its end are no events of the log")
        if is_behind:
            log.warning("the broker lost events; publishing them again", feed=feed.full_name, after=after.sequence)

    async def _mend_stream(self, client: Client, relay: FeedRelay, there: Answer, wanted: Config) -> None:
        name = relay.feed.jetstream
        wrong = differences(there["config"], wanted)
        if not wrong or there["config"] == self._as_it_is.get(name):
            return
        try:
            made = await ask(client, f"STREAM.UPDATE.{name}", wanted)
        except APIError as refusal:
            if await self._holds_nothing_else(client, relay, there["state"]):
                log.warning("the stream is made anew", stream=name, wrong=told(wrong))
                await ask(client, f"STREAM.DELETE.{name}")
                await _declare(client, relay, wanted)
            else:
                self._find(name, f"{told(wrong)}: {refusal.description}")
        else:
            log.warning("the stream is as declared again", stream=name, wrong=told(wrong))
            self._as_it_is[name] = made["config"]  # should something of it still differ, the server wants it so

    async def _holds_nothing_else(self, client: Client, relay: FeedRelay, state: Answer) -> bool:
        first, last, messages = (int(state[key]) for key in ("first_seq", "last_seq", "messages"))
        if messages > MOST_COMPARED:
            return False
        return await all_logged(client, relay.feed, relay.is_logged, first, last)

    async def _keep_consumers(self, client: Client, feed: MemberFeed) -> None:
        wanted = {one.dashed: consumer_wanted(feed, one) for one in self._subscribers(feed) if one != feed.member}
        for name in await self._durables.keep(client, feed.jetstream, wanted):
            if _OF_A_MEMBER.fullmatch(name):
                await self._durables.end(client, feed.jetstream, name)
            else:
                self._find(f"{feed.jetstream}.{name}", "a consumer of nobody who is given the feed")

    async def _look_for_others(self, client: Client) -> None:
        relays = self._relays.values()
        known = {relay.feed.jetstream for relay in relays} | {KeyFeed(relay.feed.member).jetstream for relay in relays}
        by_prefix = {f"{relay.feed.member.dashed}-": relay for relay in relays}
        for prefix, relay in by_prefix.items():
            for name in (await ask(client, "STREAM.NAMES")).get("streams") or []:
                if not name.startswith(prefix) or name in known:
                    continue
                feed = f"{relay.feed.member.department}.{name.removeprefix(prefix)}"
                if not await relay.is_fed(feed):  # else a newer release has that feed, and keeps its stream
                    self._find(name, "a stream of none of our feeds")

    def _find(self, what: str, why: str) -> None:
        before = self._found.get(what)
        self._found[what] = f"{before}; {why}" if before else why

    def _tell(self) -> None:
        """Once in the log; to whoever asks as long as it stands."""
        for what, why in self._found.items():
            if self._told.get(what) != why:
                log.error("not as it should be on the road, and not mended", what=what, why=why)
        for what in self._told.keys() - self._found.keys():
            log.info("as it should be on the road again", what=what)
        self._told = self._found
        self.trouble = again(self.trouble, f"not mended: {', '.join(sorted(self._found))}") if self._found else None


async def _declare(client: Client, relay: FeedRelay, wanted: Config) -> bool:
    """Set back first: should we be killed before the stream is there, everything is published all the same."""
    is_behind = await relay.set_back(0)
    await ask(client, f"STREAM.CREATE.{relay.feed.jetstream}", wanted)
    log.info("stream declared", feed=relay.feed.full_name)
    return is_behind
