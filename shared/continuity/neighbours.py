"""Compares a neighbour's knowledge of our history with our log, a page at a time. Its answers are a stranger's: only
what leads to a head that we have signed, or bears our stamp, counts as ours; the rest as said."""

from collections.abc import Sequence
from dataclasses import replace

import structlog
from nats.aio.client import Client

from shared.continuity import limits, own_log
from shared.continuity.claims import Claim
from shared.continuity.known import FeedPage, ask_feed, ask_ledger
from shared.continuity.limits import MOST_LEAVES
from shared.continuity.told import Leaves, Told
from shared.contracts.member import MemberFeed
from shared.eventstore.database import Pool
from shared.eventstore.ledger import Ledger
from shared.eventstore.ledger_keys import LedgerKeys
from shared.eventstore.ledger_signer import LedgerSigner
from shared.eventstore.signed_head import NotSigned, SignedHead
from shared.messaging.answers import Misanswered
from shared.messaging.ledger_pages import PAGE_LEAVES
from shared.messaging.stamps import Stamps

log = structlog.get_logger(__name__)


class Neighbour:
    """One that may know of us: `feeds` of ours are given to it."""

    def __init__(
        self,
        name: str,
        member: str,
        feeds: Sequence[MemberFeed],
        pool: Pool,
        signer: LedgerSigner | None,
        stamps: Stamps,
    ) -> None:
        self.name = name
        self._member = member
        self._feeds = feeds
        self._pool = pool
        self._ledger = Ledger(pool)
        self._signer = signer
        self._stamps = stamps
        self._up_to: dict[str, int] = {}  # what was taken of each feed
        self._page: dict[str, int] = {}  # and what will have been, once the page is taken
        self._ledgers: list[Leaves] | None = None  # None: not asked
        self._earlier: list[Leaves] = []
        self._eras: list[int] = []  # not asked

    async def told(self, client: Client) -> Told:
        """Events and leaves that it knows and the log does not hold; of the events a page, the same again until
        `taken`. Raises BROKER_ERRORS, Misanswered among them."""
        told = Told()
        for feed in self._feeds:
            claims, is_last = await self._claims(client, feed)
            told.claims += claims
            told.is_whole &= is_last
        if self._signer is None:
            return told
        keys = await self._signer.keys(self._pool)
        if self._ledgers is None:
            page = await ask_ledger(client, self.name, self._member, await self._ledger.size())
            keys = await self._signer.learned(self._pool, page.statements)
            head = None if page.note is None else _opened(page.note, keys)
            if page.note is not None and head is None:
                log.warning("a neighbour holds heads that none of our keys has signed", witness=self.name)
            self._eras = [] if head is None else sorted(page.eras, reverse=True)[1:]
            found = [] if head is None else await self._leaves(client, head)
            self._ledgers = found if head is None else found + await self._before_epochs(client, head, keys)
        told.ledgers += self._ledgers
        told.earlier += self._earlier
        while self._eras and told.unproven():
            before = await ask_ledger(client, self.name, self._member, 0, self._eras[0])
            if (head := _opened(before.note or "", keys)) is not None:
                leaves = await self._leaves(client, head, self._eras[0])
                self._earlier += leaves
                told.earlier += leaves
            self._eras = self._eras[1:]
        return told

    def taken(self) -> None:
        """What `told` told is stored."""
        self._up_to |= self._page

    async def _leaves(self, client: Client, head: SignedHead, era: int | None = None) -> list[Leaves]:
        """Leaves that differ from ours, or lie beyond them."""
        after, back = await self._ledger.size(), PAGE_LEAVES
        after = min(after, head.size)
        while True:
            leaves = await self._after(client, after, head, era)
            frontier = await self._ledger.frontier(after)
            frontier.extend(leaves)
            if frontier.root == head.root:
                break
            if after == 0:
                raise Misanswered(f"ledger known to {self.name}: leaves that do not come to its head")
            after, back = max(0, after - back), back * 2
        ours = await own_log.leaves(self._pool, after, head.size)
        same = next((nth for nth, pair in enumerate(zip(ours, leaves, strict=False)) if pair[0] != pair[1]), len(ours))
        if same >= len(leaves):
            return []
        if era is None and await self._is_altered(ours[same:], leaves[same:]):
            log.error(
                "HISTORY WAS ALTERED, not lost: the log is not what was witnessed, see `tongban verify`",
                witness=self.name,
                after=after + same,
            )
            return []
        return [Leaves(after + same, tuple(leaves[same:]), head.shared)]

    async def _before_epochs(self, client: Client, head: SignedHead, keys: LedgerKeys) -> list[Leaves]:
        """The same of eras that are over because a later epoch began: a neighbour that was away then may have followed
        before we asked it what it had witnessed."""
        found: list[Leaves] = []
        size = await self._ledger.size()
        for era in self._eras:
            page = await ask_ledger(client, self.name, self._member, size, era)
            then = _opened(page.note or "", keys)
            shared = None if then is None else head.shared_since(then.epoch)
            if then is None or shared is None:
                continue
            if then.size - shared > await own_log.many_named(self._pool, then.epoch, then.size):
                found += [one for one in await self._leaves(client, then, era) if one.after >= shared]
        return found

    async def _is_altered(self, ours: Sequence[bytes], theirs: Sequence[bytes]) -> bool:
        """A log that lost its end goes on with other events. Where the same ones follow, something before them was
        changed: no epoch makes that good, and the witness raises its alarm."""
        both = set(ours) & set(theirs)
        return bool(both - await own_log.named_leaves(self._pool, both))

    async def _after(self, client: Client, after: int, head: SignedHead, era: int | None) -> list[bytes]:
        if head.size - after > MOST_LEAVES:
            raise Misanswered(f"ledger known to {self.name}: more leaves than are asked for")
        leaves: list[bytes] = []
        while after + len(leaves) < head.size:
            page = await ask_ledger(client, self.name, self._member, after + len(leaves), era)
            if not page.leaves:
                raise Misanswered(f"ledger known to {self.name}: fewer leaves than in its head")
            leaves += page.leaves
        return leaves[: head.size - after]

    async def _claims(self, client: Client, feed: MemberFeed) -> tuple[list[Claim], bool]:
        """Those that the log does not hold, and whether these are the last."""
        name = feed.full_name
        if (after := self._up_to.get(name)) is None:
            page = await self._first_page(client, feed)
        else:
            page = await ask_feed(client, self.name, feed, after)
        claims: list[Claim] = []
        size = 0
        while page.claims:
            claims += map(self._examined, await own_log.not_logged(self._pool, page.claims))
            size += sum(len(one.body) for one in page.claims)
            self._page[name] = after = page.claims[-1].sequence
            if after >= page.head or len(claims) >= limits.TAKEN_EVENTS or size >= limits.TAKEN_BYTES:
                break
            page = await ask_feed(client, self.name, feed, after)
        return claims, not page.claims or page.claims[-1].sequence >= page.head

    def _examined(self, claim: Claim) -> Claim:
        """Trusted, if it bears our stamp."""
        if claim.stamp is None or claim.leaf is None:
            return claim
        number = (claim.feed.full_name, claim.sequence, claim.epoch)
        return replace(claim, is_trusted=self._stamps.is_ours(claim.stamp, claim.leaf, *number))

    async def _first_page(self, client: Client, feed: MemberFeed) -> FeedPage:
        """Beginning with the last event that both hold, or the first that it holds."""
        after, back = await own_log.head(self._pool, feed.local_name), 1
        page = await ask_feed(client, self.name, feed, max(0, after - 1))
        if page.head < after:
            after = page.head
            page = await ask_feed(client, self.name, feed, max(0, after - 1))
        while after > 0 and page.claims and await own_log.not_logged(self._pool, page.claims[:1]):
            after, back = max(0, after - back), back * 10
            page = await ask_feed(client, self.name, feed, max(0, after - 1))
        return page


def _opened(note: str, keys: LedgerKeys) -> SignedHead | None:
    """None: a head that we have not signed, or with a key that counted no more."""
    try:
        return keys.open(note)
    except NotSigned:
        return None
