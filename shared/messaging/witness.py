"""The witness: holds a neighbour to the one history it has signed for.

Each head the neighbour announces is verified with the key pinned at first sight; the leaves since the last head are
asked of it page by page, and a page is kept only if, on top of all that was kept before, it comes to the root that the
neighbour signed. So 32 bytes an event suffice to name, later, the very event that was altered, whoever altered it.
A key that follows the pinned one by statements of both is taken without an alarm, and held to the same leaves.

What cannot be if a department keeps to one history raises an alarm that stays:
    key         its heads are signed with another key, or with one that was replaced or withdrawn before
    signature   a head is not signed, not by its key, or cannot be read
    shrunk      its ledger has become shorter
    forked      two roots for one size
    leaves      its leaves do not come to the root it signed: what went before was changed
Where that was honest after all, an operator begins a new era (`witness_eras`). A neighbour that has lost history says
so itself: its heads tell a later epoch, and the leaves that this shares with those before. Then a new era begins by
itself, under the same key, once what is said to be shared is what was witnessed.
"""

from collections.abc import Sequence

import asyncpg
import structlog
from nats.aio.client import Client

from shared.eventstore.database import Pool
from shared.eventstore.ledger_keys import CountsNoMore, LedgerKeys, id_of
from shared.eventstore.merkle import HASH_SIZE, Frontier
from shared.eventstore.signed_head import NotSigned, SignedHead, open_head, origin_of
from shared.eventstore.wake import Wake
from shared.messaging.answers import Misanswered
from shared.messaging.heads import Head
from shared.messaging.ledger_pages import Page, ask_page, read_statements
from shared.messaging.publisher import BROKER_ERRORS
from shared.messaging.rarely import Rarely
from shared.messaging.witness_eras import follow_epoch, present
from shared.messaging.witness_store import AlarmKind, Seen, WitnessStore

log = structlog.get_logger(__name__)

LOOK_AGAIN = 60.0  # seconds; a head wakes it
PAGES_A_HEAD = 16  # then the next head goes on: 256,000 events


class _Alarming(Exception):
    """What a neighbour told cannot be."""

    def __init__(self, kind: AlarmKind, told: str) -> None:
        super().__init__(kind)
        self.kind: AlarmKind = kind
        self.told = told


class _Keys:
    """What the heads of one neighbour are verified with, in one era."""

    def __init__(self, held: WitnessStore, known: LedgerKeys) -> None:
        self.known = known
        self._held = held

    def in_era(self, held: WitnessStore) -> "_Keys":
        return _Keys(held, LedgerKeys.beginning_with(self.known.present, self.known.origin))

    async def learn(self, statements: Sequence[str]) -> None:
        before, self.known = self.known, await self._held.learn(self.known, statements)
        if len(before.statements) < len(self.known.statements):
            log.warning("keys of a neighbour's ledger", department=self._held.department, key=id_of(self.known.present))

    def opened(self, note: str, key: str) -> SignedHead:
        """`key`: what it says to have signed the head with."""
        if key not in self.known.keys:
            raise _Alarming("key", f"{key}\n{note}")
        return self._opened(note)

    async def of_page(self, page: Page) -> SignedHead:
        """A key may have followed since the head was told."""
        await self.learn(page.statements)
        return self._opened(page.note)

    def _opened(self, note: str) -> SignedHead:
        try:
            return self.known.open(note)
        except CountsNoMore:
            raise _Alarming("key", note) from None
        except NotSigned:
            raise _Alarming("signature", note) from None


class Witness:
    """Of one neighbour; the leader's duty. One by one, so a neighbour that is slow keeps nobody else waiting."""

    def __init__(self, pool: Pool, department: str) -> None:
        self.department = department
        self._pool = pool
        self._origin = origin_of(department)
        self._head: Head | None = None
        self._wake = Wake()
        self._rarely = Rarely()

    def hear(self, head: Head) -> None:
        """The newest head counts; `run` sees to it."""
        self._head = head
        self._wake.set()

    async def run(self, client: Client) -> None:
        """Witness for ever. What is away now is asked again at the next head."""
        while True:
            await self._wake.wait(LOOK_AGAIN)
            head, self._head = self._head, None
            if head is None or "checkpoint" not in head.attributes:
                continue  # a department without a key
            try:
                why = head.epochs.later[-1].reason if head.epochs.later else ""
                note, key = str(head.attributes["checkpoint"]), str(head.attributes.get("key"))
                await self.witness(client, note, key, why, read_statements(head.attributes, self.department))
            except BROKER_ERRORS as error:
                what = type(error).__name__
                if times := self._rarely.times(what):
                    tell = log.error if isinstance(error, Misanswered) else log.info
                    tell("ledger not asked", department=self.department, error=what, times=times)
            except asyncpg.UniqueViolationError:
                log.info("witnessed by another", department=self.department)

    async def witness(self, client: Client, note: str, key: str, why: str = "", statements: Sequence[str] = ()) -> int:
        """Come as near to this head as PAGES_A_HEAD allow. Returns how many events are witnessed now. `why`: the
        neighbour's words for its present epoch; `statements`: what it states about its keys.

        Raises nats errors or Unavailable when the department does not answer.
        """
        held = await present(self._pool, self.department)  # to the end, whatever era begins meanwhile
        seen = await held.seen()
        try:
            keys = _Keys(held, await self._pinned(held, note, key))
            await keys.learn(statements)
            head = keys.opened(note, key)
            last = None if seen.note is None else keys.known.open(seen.note, whatever_became=True)
            if last is not None and last.shared != head.shared:
                if head.epoch < last.epoch:
                    return seen.size  # it was on its way for long
                if not await self._is_shared(client, held, head, last, keys):
                    return seen.size
                held = await follow_epoch(self._pool, held, head.epoch, keys.known.present, why)
                keys = keys.in_era(held)
                seen = await held.seen()
            return await self._follow(client, held, head, keys, seen)
        except _Alarming as alarming:
            size = (await held.seen()).size  # pages before it were good
            if await held.alarm(alarming.kind, size, alarming.told):
                log.error(  # noqa: TRY400 - where does not matter
                    "LEDGER ALARM", department=self.department, era=held.era, kind=alarming.kind, witnessed=size
                )
            return size

    async def _pinned(self, held: WitnessStore, note: str, key: str) -> LedgerKeys:
        if (known := await held.keys(self._origin)) is not None:
            return known
        try:
            open_head(note, key, self._origin)  # a key that has not signed is not held to
        except NotSigned:
            raise _Alarming("signature", note) from None
        if key.partition("+")[0] != self._origin:
            raise _Alarming("signature", f"{key}\n{note}")
        return LedgerKeys.beginning_with(await held.pin(key), self._origin)

    async def _is_shared(
        self, client: Client, held: WitnessStore, head: SignedHead, last: SignedHead, keys: _Keys
    ) -> bool:
        """Whether a later epoch shares what it says with what was witnessed. False: it cannot be told yet."""
        shared = head.shared_since(last.epoch)
        if shared is None:  # the same epoch, begun elsewhere
            raise _Alarming("forked", head.note)
        size = min(shared, last.size)
        page = await ask_page(client, self.department, size, size)
        came = await keys.of_page(page)
        if came.size < size or came.shared != head.shared:
            return False
        if came.root != (await held.frontier(size)).root:
            raise _Alarming("forked", head.note)
        return True

    async def _follow(self, client: Client, held: WitnessStore, head: SignedHead, keys: _Keys, seen: Seen) -> int:
        """From what was seen to this head."""
        if head.size <= seen.size:
            await self._compare(client, head, keys, seen)
            return seen.size
        for _ in range(PAGES_A_HEAD):
            page = await ask_page(client, self.department, seen.size, head.size)
            came = await keys.of_page(page)
            if came.shared != head.shared:
                break  # a later epoch has begun: the next head tells it
            if came.size <= seen.size:  # less than was announced: is what we hold still there?
                _check_unchanged(came, seen)
                break
            seen = await _add(held, came, page, seen)
            if seen.size >= head.size:
                break
        if seen.size == head.size:
            _check_unchanged(head, seen)
        return seen.size

    async def _compare(self, client: Client, head: SignedHead, keys: _Keys, seen: Seen) -> None:
        """A head that brings nothing new. A shorter one may only have been on its way for long, so ask."""
        if head.size < seen.size:
            page = await ask_page(client, self.department, seen.size, seen.size)
            came = await keys.of_page(page)
            if came.shared != head.shared:
                return  # as above
            head = came
        _check_unchanged(head, seen)


async def _add(held: WitnessStore, head: SignedHead, page: Page, seen: Seen) -> Seen:
    """Keep a page that comes to its root."""
    frontier = Frontier(seen.size, list(seen.frontier.hashes))
    if not _are_hashes(page.leaves, head.size - seen.size):
        raise _Alarming("leaves", head.note)
    frontier.extend(page.leaves)
    if frontier.root != head.root:
        raise _Alarming("leaves", head.note)
    await held.store(seen.size, head, page.leaves, frontier)
    return Seen(frontier, head.note)


def _are_hashes(leaves: Sequence[bytes], count: int) -> bool:
    return len(leaves) == count and all(len(leaf) == HASH_SIZE for leaf in leaves)


def _check_unchanged(head: SignedHead, seen: Seen) -> None:
    """A head of what was seen, not of less and not of something else."""
    if head.size < seen.size:
        raise _Alarming("shrunk", head.note)
    if head.size == seen.size and head.root != seen.frontier.root:
        raise _Alarming("forked", head.note)
