"""Do all departments hold the same? decided = logged = in the broker = in every subscriber's inbox = applied.

Each feed is compared with its provider's books by count, by its dense numbers and by digests of the event ids in their
order. Subscribers are read first, then the broker, then the provider: what is under way meanwhile shows as behind,
never as ahead.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

from pydantic import BaseModel, Field

from deploy.books import (
    PART,
    Given,
    InBroker,
    Party,
    Published,
    Run,
    Unreachable,
    digests_of_inbox,
    digests_of_log,
    first_other,
    read_broker,
    read_given,
    read_published,
)
from deploy.reach import Reached
from shared.contracts.member import MemberFeed
from shared.contracts.sharing import Catalogue
from shared.messaging.handling import Handling

LOOK = 0.2  # seconds between looks while waiting, or as long as the last look took

T = TypeVar("T")


class Taken(BaseModel):
    """One feed at one subscriber; None is unknown."""

    subscriber: str
    inbox: int | None = None
    applied: int | None = None
    acknowledged: int | None = None  # of who reads at the broker and has no database here
    differences: list[str] = Field(default_factory=list)
    remarks: list[str] = Field(default_factory=list)  # told, and no difference


class FeedAccount(BaseModel):
    """One feed at its provider, in the broker and at its subscribers; None is unknown."""

    feed: str
    decided: int | None = None
    logged: int | None = None
    published: int | None = None
    in_broker: int | None = None  # messages
    differences: list[str] = Field(default_factory=list)
    remarks: list[str] = Field(default_factory=list)
    subscribers: list[Taken] = Field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.differences and not any(taken.differences for taken in self.subscribers)


def party(reached: Reached) -> Party:
    """What is needed of a department that an operator's tool has found."""
    registry = reached.registry
    listens_to = Handling(registry, reached.read_models, reached.service.reactions).listens_to
    return Party(reached.name, reached.database_url, reached.nats_url, registry, listens_to)


async def until_clean(
    parties: Sequence[Party], catalogue: Catalogue, seconds: float, progress: Callable[[Sequence[FeedAccount]], None]
) -> list[FeedAccount]:
    """Compare until nothing differs or the time is over. Returns the last look, which compared the digests too: between
    it and the look before, an event may have set out, and then it is not the last."""
    deadline = time.monotonic() + seconds
    while True:
        began = time.monotonic()
        accounts = await compare(parties, catalogue, digests=False)
        is_over = time.monotonic() > deadline
        if is_over or all(account.is_clean for account in accounts):
            accounts = await compare(parties, catalogue)
            if is_over or all(account.is_clean for account in accounts):
                return accounts
        progress(accounts)
        await asyncio.sleep(max(LOOK, time.monotonic() - began))


async def compare(parties: Sequence[Party], catalogue: Catalogue, *, digests: bool = True) -> list[FeedAccount]:
    """One look at all feeds these departments publish, in the order they publish them."""
    known = {party.member: party for party in parties}
    strangers = {
        feed.full_name: [one for one in catalogue.subscribers(feed) if str(one) not in known]
        for party in parties
        for feed in party.registry.own_feeds
    }
    given = await _of_each(parties, read_given)
    broker = await _of_each(parties, partial(read_broker, readers=strangers))
    published = await _of_each(parties, read_published)
    accounts = []
    for provider in parties:
        for own_feed in provider.registry.own_feeds:
            feed = own_feed.full_name
            account = FeedAccount(feed=feed)
            own = _of_feed(published[provider.member], feed, account.differences)
            stored = _of_feed(broker[provider.member], feed, account.differences)
            _provider(account, own, stored)
            for name in map(str, catalogue.subscribers(feed)):
                taken = Taken(subscriber=name)
                if name not in known:
                    _of_a_stranger(taken, stored)
                elif feed not in known[name].listens_to:
                    continue  # it may, and has no use for it
                else:
                    theirs = _of_feed(given[name], feed, taken.differences)
                    _subscriber(taken, own, theirs)
                    if digests and own and theirs:
                        last = min(own.logged.last, theirs.inbox.last)
                        await _digests(taken, provider, known[name], own_feed, last, _mends(own, theirs))
                account.subscribers.append(taken)
            accounts.append(account)
    return accounts


async def _of_each(
    parties: Sequence[Party], read: Callable[[Party], Awaitable[dict[str, T]]]
) -> dict[str, dict[str, T] | Unreachable]:
    async def one(party: Party) -> dict[str, T] | Unreachable:
        try:
            return await read(party)
        except Unreachable as reason:
            return reason

    return dict(
        zip((party.member for party in parties), await asyncio.gather(*(one(party) for party in parties)), strict=True)
    )


def _of_feed(books: dict[str, T] | Unreachable, feed: str, differences: list[str]) -> T | None:
    if isinstance(books, Unreachable):
        differences.append(str(books))
        return None
    return books[feed]


def _provider(account: FeedAccount, own: Published | None, broker: InBroker | None) -> None:
    if own is not None:
        account.decided, account.logged, account.published = own.decided, own.logged.events, own.published
        _gap(own.logged, "log", account.differences)
        if own.waiting:
            account.differences.append(f"{own.waiting} wait in the outbox")
        _count(own.decided - own.waiting, own.logged.events, "in the log", account.differences)
        _count(own.logged.last, own.published, "published", account.differences)
    if broker is not None:
        account.in_broker = broker.messages
        if broker.after:
            account.remarks.append(f"the broker's stream begins after event {broker.after}: a later epoch's")
        if own is not None:
            held = broker.after + broker.messages
            _count(own.logged.last, min(held, own.logged.last), "in the broker", account.differences)
            if broker.last != own.logged.last and held >= own.logged.last:
                account.differences.append(f"the broker's last message is event {broker.last}")
            if held > own.logged.last:
                account.remarks.append(f"{held - own.logged.last} more than once in the broker")


def _of_a_stranger(taken: Taken, stored: InBroker | None) -> None:
    """Of an integrator, or a department whose database is not known here: what it acknowledged to the broker. That is
    its own affair, and no difference."""
    acknowledged = stored.acknowledged.get(taken.subscriber) if stored else None
    if stored is None or acknowledged is None:
        taken.remarks.append("not known how far it came: it has no durable at the broker, or that was not asked")
    else:
        taken.acknowledged = acknowledged
        waiting = max(0, stored.last - acknowledged)
        behind = f", {waiting:,} not yet" if waiting else ""
        taken.remarks.append(f"acknowledged up to {taken.acknowledged:,} of {stored.last:,}{behind}")


def _subscriber(taken: Taken, own: Published | None, theirs: Given | None) -> None:
    if theirs is None:
        return
    taken.inbox, taken.applied = theirs.inbox.events, theirs.checkpoint - theirs.parked - theirs.dropped
    _gap(theirs.inbox, "inbox", taken.differences)
    if own is not None:
        _count(own.logged.last, theirs.inbox.last, "in the inbox", taken.differences)
    _count(theirs.inbox.last, theirs.checkpoint, "applied", taken.differences)
    if own is not None and theirs.epoch != own.epoch:
        taken.remarks.append(f"in epoch {theirs.epoch}, its provider in {own.epoch}: the next head mends it")
    if theirs.rebuilding:
        taken.differences.append(f"phantoms are built out of {', '.join(theirs.rebuilding)}, by itself")
    if theirs.parked:
        taken.differences.append(f"{theirs.parked} parked")
    if theirs.dropped:
        taken.remarks.append(f"{theirs.dropped} dropped by an operator")


def _mends(own: Published, theirs: Given) -> str:
    """The step that makes the two histories one again."""
    if own.epoch > theirs.epoch:
        return "it mends itself: its provider tells a later epoch"
    return "start the provider anew with broker and subscriber running: it asks them, and a new epoch mends it"


async def _digests(taken: Taken, provider: Party, subscriber: Party, feed: MemberFeed, last: int, mends: str) -> None:
    try:
        there, here = await asyncio.gather(
            digests_of_log(provider, feed, last), digests_of_inbox(subscriber, feed.full_name, last)
        )
    except Unreachable as reason:
        taken.differences.append(str(reason))
        return
    others = [part for part in sorted(there.keys() | here.keys()) if there.get(part) != here.get(part)]
    ranges = [(part * PART + 1, min((part + 1) * PART, last)) for part in others]
    taken.differences += [f"other events than the provider's from {first} to {end}" for first, end in ranges]
    try:
        at = await first_other(provider, subscriber, feed, *ranges[0]) if ranges else None
    except Unreachable as reason:
        taken.differences.append(str(reason))
        return
    if at is not None:
        taken.remarks.append(f"the histories diverge at event {at}; {mends}")


def _gap(run: Run, where: str, differences: list[str]) -> None:
    if run.events != run.last:
        differences.append(f"numbers missing in the {where}: {run.events} events, the last is {run.last}")


def _count(should: int, are: int, where: str, differences: list[str]) -> None:
    if are != should:
        differences.append(f"{abs(should - are)} {'not yet' if are < should else 'too many'} {where}")
