"""Before a department numbers, publishes or answers: what do others know of its history?

The leader asks the broker's own streams and each neighbour, for a bounded time, longer where something was lost, of its
history or of the broker's store. Then numbering begins; what needs the broker waits until our streams there were read.
Who has not answered is asked again as long as this instance leads, and what they tell late is taken then.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from time import monotonic

import structlog
from nats.aio.client import Client

from shared.continuity import limits
from shared.continuity.lost_keys import LostKeys
from shared.continuity.neighbours import Neighbour
from shared.continuity.own_streams import OwnStream
from shared.continuity.recovery import Recovery
from shared.continuity.told import Told
from shared.contracts.member import MemberFeed
from shared.eventstore.database import Pool
from shared.eventstore.wake import Wake
from shared.messaging.answers import Misanswered
from shared.messaging.publisher import BROKER_ERRORS
from shared.messaging.rarely import Rarely

log = structlog.get_logger(__name__)


class Continuity:
    """One leadership's. `run` is a duty; the gates open as it goes."""

    def __init__(
        self,
        pool: Pool,
        feeds: Sequence[MemberFeed],
        neighbours: Sequence[Neighbour],
        recovery: Recovery,
        *,
        connected: asyncio.Event,
        client: Callable[[], Client],
        renew: Callable[[Client], Awaitable[None]],
        settled: Callable[[], Awaitable[None]],
        changed: Callable[[], None],
        lost_keys: LostKeys | None = None,
    ) -> None:
        """`renew` makes streams of an epoch that is over anew, `settled` lets every instance answer, `changed` is told
        when events were stored."""
        self._streams = [OwnStream(pool, feed) for feed in feeds]
        self._recovery = recovery
        self._connected = connected
        self._client = client
        self._renew = renew
        self._settled = settled
        self._changed = changed
        self._lost_keys = lost_keys
        self._unheard = {one.name: one for one in neighbours}
        self._broker_heard = False
        self._began = 0.0
        self._wake = Wake()
        self._rarely = Rarely()
        self.unproven: Mapping[str, int] = {}  # events that neighbours say are ours and nothing proves, by feed
        self.may_number = asyncio.Event()
        self.may_publish = asyncio.Event()

    def hear(self, member: str) -> None:
        """A neighbour is there: ask it, if it has not answered."""
        if member in self._unheard:
            self._wake.set()

    async def run(self) -> None:
        """Settle, then ask on until all have answered."""
        self._began = monotonic()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._connected.wait(), limits.CONNECT_WITHIN)
        await self._round(within=limits.GATHER_WITHIN if self._connected.is_set() else 0)
        await self._wait_for_neighbours()
        self.may_number.set()
        await self._connected.wait()
        while not self._broker_heard:
            await self._round()
            if not self._broker_heard:
                await asyncio.sleep(limits.BROKER_AGAIN)
        while not await self._renew_streams():  # noqa: ASYNC110 - the broker gives no signal
            await asyncio.sleep(limits.BROKER_AGAIN)
        self.may_publish.set()
        await self._settled()
        while self._unheard:
            await self._wake.wait(limits.ASK_AGAIN)
            await self._round()

    async def _wait_for_neighbours(self) -> None:
        """A broker that lost its store vouches for nothing, and who restores a department may restore others as well:
        then those that are away are given a moment to come back."""
        while self._may_wait(()) and any(one.is_lost for one in self._streams):
            await asyncio.sleep(limits.NEIGHBOURS_AGAIN)
            await self._round()

    def _may_wait(self, heard: Collection[str]) -> bool:
        """For those that have not answered. So too where something was lost: what one has may follow on what another
        has, and is stored again only if both are known."""
        return (
            not self.may_number.is_set()
            and monotonic() < self._began + limits.NEIGHBOURS_WITHIN
            and any(name not in heard for name in self._unheard)
        )

    async def _round(self, within: float = limits.GATHER_WITHIN) -> None:
        """Ask everybody who has not answered; take what they tell together."""
        if not within:
            return
        until = monotonic() + within
        while not await self._page(until - monotonic()) and monotonic() < until:
            pass

    async def _page(self, within: float) -> bool:
        """What they tell at once. False: there is more of it. Nobody counts as heard before all has been taken."""
        asked = [self._ask_neighbour(one) for one in self._unheard.values()]
        if not self._broker_heard:
            asked.append(self._ask_broker())
        told = Told()
        heard: list[str] = []
        tasks = [asyncio.create_task(one) for one in asked]
        try:
            done, _ = await asyncio.wait(tasks, timeout=within) if tasks else (set(), set())
        finally:
            for task in tasks:
                task.cancel()
        for task in done:
            name, answer = task.result()
            if answer is not None:
                heard.append(name)
                told.add(answer)
        if told.claims or told.ledgers:
            if self._may_wait(heard):
                await asyncio.sleep(limits.NEIGHBOURS_AGAIN)
                return False  # all are asked again
            await self._take(told)
        for name in heard:
            self._taken(name)
            if told.is_whole:
                self._unheard.pop(name, None)
                self._broker_heard |= name == ""
        return told.is_whole

    def _taken(self, name: str) -> None:
        for one in self._streams if name == "" else [self._unheard[name]]:
            one.taken()

    async def _take(self, told: Told) -> None:
        if unproven := told.unproven():
            self.unproven = {**self.unproven, **unproven}
            log.warning("neighbours tell events of ours that nothing proves", events=unproven)
        if self._lost_keys is not None and self._connected.is_set():
            await self._lost_keys.fetch(self._client(), told.claims)
        outcome = await self._recovery.take(told, is_numbering=self.may_number.is_set())
        if outcome is None:
            return
        if outcome.epoch is not None:
            log.error(
                "HISTORY WAS LOST: it goes on in a new epoch",
                epoch=outcome.epoch,
                recovered=outcome.recovered,
                lost=outcome.lost,
            )
        if outcome.recovered:
            self._changed()
        if self.may_publish.is_set():
            await self._renew_streams()

    async def _renew_streams(self) -> bool:
        try:
            await self._renew(self._client())
        except BROKER_ERRORS as error:  # later the topology keeper does it in its next round
            log.warning("streams not made anew yet", error=type(error).__name__)
            return False
        return True

    async def _ask_broker(self) -> tuple[str, Told | None]:
        told = Told()
        try:
            for stream in self._streams:
                claims, is_last = await stream.page(self._client())
                told.claims += claims
                told.is_whole &= is_last
        except BROKER_ERRORS as error:
            self._tell("our streams at the broker", error)
            return "", None
        return "", told

    async def _ask_neighbour(self, neighbour: Neighbour) -> tuple[str, Told | None]:
        try:
            return neighbour.name, await neighbour.told(self._client())
        except BROKER_ERRORS as error:
            self._tell(neighbour.name, error)
            return neighbour.name, None

    def _tell(self, who: str, error: BaseException) -> None:
        if times := self._rarely.times(f"{who} {type(error).__name__}"):
            tell = log.error if isinstance(error, Misanswered) else log.info
            tell("not known what they hold of our history", of=who, error=type(error).__name__, times=times)
