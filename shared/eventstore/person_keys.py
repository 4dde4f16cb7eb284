"""The keys of personal fields: made at first use, kept encrypted under the department's master keys, and erased.

An instance holds the keys that it met lately in memory. It hears when one is dropped (`dropped_keys`); if it does not,
it may open a field for KEY_SECONDS more. Nothing is stored under an erased key (`append`), nor what an instance has
opened with a key that has been erased since.
"""

import asyncio
import os
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from time import monotonic
from typing import TypeVar

import asyncpg

from shared.contracts.errors import Away, ConcurrencyConflict
from shared.contracts.member import provider_of
from shared.contracts.person_key import PersonKey, new_key
from shared.contracts.sealing import KeyNotHere
from shared.eventstore import missing_keys
from shared.eventstore.database import Connection, Pool
from shared.eventstore.gathering import Gathering
from shared.eventstore.limits import (
    KEY_SECONDS,
    KEYS_AT_HAND,
    LOOKED_UP_AT_ONCE,
    MOST_NEEDED,
    NOTE_AFTER,
)
from shared.eventstore.master_keys import MasterKey, Masters
from shared.eventstore.person_key_statements import ADD, FIND, GIVE_AGAIN, GIVE_UP, GIVEN, GROW, OWN, TAKE, TAKE_BACK
from shared.eventstore.wake import Wake

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

Anew = Callable[[Connection, set[str]], Awaitable[None]]

READER = "reader"  # owner of the key that keys are given under
OPENED_BEFORE = "keys were erased since they opened what this was decided from"


@dataclass(frozen=True, slots=True)
class GivenKey:
    """`secret`: the content of a `PersonKey`; None when it was erased, or `is_lost` at its provider.

    `made_at`: None when nobody says so.
    """

    id: str
    owner: str
    secret: bytes | None = field(repr=False)
    made_at: datetime | None = None
    is_lost: bool = False


@dataclass(slots=True)
class _Own:
    key: PersonKey
    feeds: set[str]
    until: float


@dataclass(frozen=True, slots=True)
class _Wanted:
    owners: Mapping[str, set[str]]
    done: asyncio.Future[None]


@dataclass(frozen=True, slots=True)
class _Missed:
    feed: str
    since: float


@dataclass(slots=True)
class _Held:
    key: PersonKey | None  # None: erased
    until: float


class PersonKeys:
    """Those of one department, as one instance of it holds them. A `Sealing`."""

    def __init__(self, pool: Pool, member: str, masters: Masters) -> None:
        """`pool`: of its own, so that nobody who holds a connection waits here for one of the same pool."""
        self._pool = pool
        self.member = member
        self._masters = masters
        self._own: dict[str, _Own] = {}
        self._looking = Gathering(self._look_together, at_once=LOOKED_UP_AT_ONCE, workers=1)
        self._held: dict[tuple[str, str], _Held] = {}
        self._anew = 0.0  # what was looked up before is not believed
        self._dropped: dict[str, float] = {}  # owners: until when what was decided from their fields is not stored
        self._came = asyncio.Event()
        self.changed = Wake()  # set when there is something for readers
        self.asked: dict[str, Wake] = defaultdict(Wake)  # set when this provider is to be asked
        self._needed: dict[str, dict[str, _Missed]] = {}  # keys that were missed, by provider
        self.missed = asyncio.Event()  # somebody has missed a key

    async def make_ready(self, owners: Mapping[str, set[str]]) -> None:
        """Raises ConcurrencyConflict: one of them was erased meanwhile; load anew and decide again."""
        now = monotonic()
        since = max(now, self._anew + KEY_SECONDS)
        asked = [owner for owner in owners if (one := self._own.get(owner)) is None or one.until < since]
        if asked:
            wanted = _Wanted({owner: owners[owner] for owner in asked}, asyncio.get_running_loop().create_future())
            self._looking.add(wanted)
            await wanted.done
        self._require(owners)
        more = {o: f for o in sorted(owners) if (f := owners[o] - self._own[o].feeds)}
        if more:
            keys = [self._own[owner] for owner in more]
            await self._pool.fetch(GROW, [one.key.id for one in keys], [" ".join(sorted(f)) for f in more.values()])
            for one, feeds in zip(keys, more.values(), strict=True):
                one.feeds |= feeds
            self.changed.set()
            self._require(owners)

    def _require(self, owners: Iterable[str]) -> None:
        """Somebody else may have looked, and found a key erased, while we waited."""
        lately = [self._dropped.pop(owner, 0.0) for owner in owners]  # each is told once
        if any(until >= monotonic() for until in lately):
            raise ConcurrencyConflict(OPENED_BEFORE)
        if any(owner not in self._own for owner in owners):
            raise ConcurrencyConflict("a key was erased while others were looked up")

    async def _look_together(self, wanted: list[_Wanted]) -> None:
        """Look up the keys that several wait for at once, and make those that are missing."""
        owners = {owner: feeds for one in wanted for owner, feeds in one.owners.items()}
        try:
            erased = await self._look(sorted(owners))
            if missing := sorted(owner for owner in owners if owner not in self._own):
                erased |= await self._make({owner: owners[owner] for owner in missing})
        except Exception as error:  # noqa: BLE001 - told to who waits
            _answer(wanted, error)
            return
        _answer([one for one in wanted if not erased.isdisjoint(one.owners)], ConcurrencyConflict(OPENED_BEFORE))
        _answer(wanted, None)

    async def _look(self, owners: Sequence[str]) -> set[str]:
        """Returns owners of keys with which this instance has opened fields, and that are erased."""
        rows = await self._pool.fetch(OWN, owners)
        now, known = monotonic(), self._masters_for(rows)
        for row in rows:
            if row["sealed"] is not None:
                key = self._opened(self.member, row, known)
                _put(self._own, row["owner"], _Own(key, set(row["feeds"]), now + KEY_SECONDS))
                _put(self._held, (self.member, key.id), _Held(key, now + KEY_SECONDS))
        for owner in set(owners) - {row["owner"] for row in rows if row["sealed"] is not None}:
            self._own.pop(owner, None)
        erased: set[str] = set()
        for row in rows:
            held = self._held.get((self.member, row["id"]))
            if row["sealed"] is None and held is not None and held.key is not None:
                held.key = None
                erased.add(row["owner"])
        return erased

    async def _make(self, owners: Mapping[str, set[str]]) -> set[str]:
        """Another instance may be first: then its keys stand. Returns what `_look` returns."""
        keys = {owner: new_key() for owner in owners}
        master = self._masters()[0]
        sealed = [wrapped(one.id, one.content, master) for one in keys.values()]
        feeds = [" ".join(sorted(feeds)) for feeds in owners.values()]
        ids = [one.id for one in keys.values()]
        now = monotonic()
        rows = await self._pool.fetch(ADD, self.member, master.id, ids, list(owners), sealed, feeds)
        made = {row["id"] for row in rows}
        for owner, key in keys.items():
            if key.id in made:
                _put(self._own, owner, _Own(key, set(owners[owner]), now + KEY_SECONDS))
                _put(self._held, (self.member, key.id), _Held(key, now + KEY_SECONDS))
        if others := [owner for owner, key in keys.items() if key.id not in made]:
            return await self._look(others)
        return set()

    def doubt(self, owners: Iterable[str]) -> None:
        for owner in owners:
            if own := self._own.get(owner):
                own.until = 0.0

    def key_for(self, owner: str) -> PersonKey:
        return self._own[owner].key

    async def learn(self, ids: Iterable[str], provider: str | None = None) -> set[str]:
        now, of = monotonic(), provider or self.member
        since = max(now, self._anew + KEY_SECONDS)
        asked = {id for id in ids if (one := self._held.get((of, id))) is None or one.until < since}
        if not asked:
            return set()
        rows = await self._pool.fetch(FIND, of, sorted(asked))
        known = self._masters_for(rows)
        for row in rows:
            id = row["id"]
            key = None if row["sealed"] is None else self._opened(of, row, known)
            _put(self._held, (of, id), _Held(key, now + KEY_SECONDS))
            asked.discard(id)
        return asked

    def _opened(self, provider: str, row: asyncpg.Record, known: Sequence[MasterKey]) -> PersonKey:
        """The key of a row; an own one that is at hand already knows the keys of its fields. Raises Away."""
        held = self._held.get((provider, row["id"]))
        if provider == self.member and held is not None and held.key is not None:
            return held.key
        return PersonKey(row["id"], unwrapped(row["id"], row["sealed"], row["master"], known))

    def key(self, id: str, provider: str | None = None) -> PersonKey | None:
        try:
            return self._held[provider or self.member, id].key
        except KeyError:
            raise KeyNotHere(f"the key {id} of a personal field is not here") from None

    def dropped(self, provider: str, id: str, owner: str) -> None:
        """Open nothing with it from now on."""
        held = self._held.get((provider, id))
        if held is not None and held.key is not None:
            held.key = None
            if provider == self.member:
                _put(self._dropped, owner, monotonic() + KEY_SECONDS)
        own = self._own.get(owner)
        if own is not None and own.key.id == id:
            own.until = 0.0

    def look_anew(self) -> None:
        """Every key is looked up once more before it opens or seals anything."""
        self._anew = monotonic()

    def need(self, ids: Iterable[str], feed: str) -> None:
        provider = provider_of(feed)
        needed = self._needed.setdefault(provider, {})
        new = (id for id in ids if id not in needed)
        needed.update({id: _Missed(feed, monotonic()) for id in islice(new, max(0, MOST_NEEDED - len(needed)))})
        self.missed.set()
        self.asked[provider].set()

    async def note_missing(self, ids: Iterable[str], feed: str) -> None:
        self.need(ids, feed)
        await self._pool.execute(missing_keys.NOTE, provider_of(feed), sorted(ids), feed)

    async def to_ask_for(self, provider: str, *, with_given_up: bool) -> list[str]:
        """Keys of a provider that are missed, here or at another instance. For whom one is missed long is noted."""
        needed = self._needed.get(provider, {})
        if needed:
            missing = await self.learn(needed, provider)
            late = monotonic() - NOTE_AFTER
            for id, one in list(needed.items()):
                if id not in missing:
                    del needed[id]
                elif one.since <= late:
                    await self._pool.execute(missing_keys.NOTE, provider, [id], one.feed)
        rows = await self._pool.fetch(missing_keys.TO_ASK_FOR, provider, with_given_up, MOST_NEEDED)
        return list(dict.fromkeys([*needed, *(row["id"] for row in rows)]))[:MOST_NEEDED]

    async def more(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._came.wait(), seconds)

    async def take(self, provider: str, keys: Sequence[GivenKey], anew: Anew | None = None) -> None:
        """Keep what a provider gives or has erased. `anew` is told, in the same transaction, of feeds whose events were
        read without a key that comes after all."""
        newest = {one.id: one for one in keys}.values()
        master = self._masters()[0]
        sealed = [None if one.secret is None else wrapped(one.id, one.secret, master) for one in newest]
        columns = (
            [one.id for one in newest],
            [one.owner for one in newest],
            sealed,
            [one.made_at for one in newest],
            [one.is_lost for one in newest],
        )
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(TAKE, provider, master.id, *columns)
            feeds = await connection.fetch(missing_keys.CAME, provider, columns[0])
            if feeds and anew is not None:
                await anew(connection, {row["feed"] for row in feeds})
        for one in newest:
            self._held.pop((provider, one.id), None)
            self._needed.get(provider, {}).pop(one.id, None)
        came, self._came = self._came, asyncio.Event()
        came.set()

    async def take_back(self, key: GivenKey, feeds: Iterable[str]) -> None:
        """An own key that was lost with the database, from who had been given it."""
        assert key.secret is not None
        master = self._masters()[0]
        sealed = wrapped(key.id, key.secret, master)
        words = key.id, key.owner, sealed, master.id, sorted(feeds), key.made_at
        await self._pool.execute(TAKE_BACK, self.member, *words)

    async def give_again(self, came_back: Mapping[str, Iterable[str]]) -> None:
        """To readers of the feeds in which each of these own keys is needed."""
        feeds = [" ".join(sorted(feeds)) for feeds in came_back.values()]
        await self._pool.execute(GIVE_AGAIN, list(came_back), feeds)
        self.changed.set()

    async def give_up(self, ids: Iterable[str]) -> None:
        """Own keys that nobody has: what they sealed is read as erased."""
        await self._pool.execute(GIVE_UP, self.member, sorted(ids))
        await self.learn(ids)

    def remembered(self, ids: Iterable[str]) -> list[GivenKey]:
        """Own keys that this instance has sealed under lately, whatever the database holds; none that was erased."""
        owners = {one.key.id: owner for owner, one in self._own.items()}
        found = []
        for id in ids:
            held = self._held.get((self.member, id))
            if id in owners and held is not None and held.key is not None:
                found.append(GivenKey(id, owners[id], held.key.content))
        return found

    async def reader_secret(self) -> bytes:
        """32 bytes of our own, from which the key pair follows that others encrypt keys for."""
        await self.make_ready({READER: set()})
        return self.key_for(READER).content

    def _masters_for(self, rows: Sequence[asyncpg.Record]) -> Sequence[MasterKey]:
        """Read once for all of them, and not for keys that were erased."""
        return self._masters() if any(row["sealed"] is not None for row in rows) else ()

    async def given(self, provider: str, ids: Sequence[str]) -> list[GivenKey]:
        """Those of these keys that a provider gave and that are not erased. Raises Away."""
        rows = await self._pool.fetch(GIVEN, provider, ids)
        known = self._masters_for(rows)
        return [
            GivenKey(row["id"], row["owner"], unwrapped(row["id"], row["sealed"], row["master"], known), row["made_at"])
            for row in rows
        ]


def wrapped(id: str, secret: bytes, master: MasterKey) -> bytes:
    """A key as it is stored."""
    return master.sealed(secret, os.urandom(12), _bound(id))


def unwrapped(id: str, sealed: bytes, master: str, known: Sequence[MasterKey]) -> bytes:
    """Raises Away: none of the master keys opens it."""
    for one in known:
        if one.id == master and (secret := one.opened(sealed, _bound(id))) is not None:
            return secret
    raise Away(f"keys of persons are under master key {master}, which KEY_MASTER_FILE does not hold")


def _bound(id: str) -> bytes:
    """A key opens under its own id only."""
    return f"person key\n{id}".encode()


def _answer(wanted: Iterable[_Wanted], error: Exception | None) -> None:
    for one in wanted:
        if one.done.done():  # given up, or answered
            continue
        if error is None:
            one.done.set_result(None)
        else:
            one.done.set_exception(error)


def _put(held: dict[K, T], id: K, one: T) -> None:
    held.pop(id, None)
    while len(held) >= KEYS_AT_HAND:
        del held[next(iter(held))]
    held[id] = one
