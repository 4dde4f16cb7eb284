"""The keys of personal fields: made at first use, kept encrypted under the department's master keys, and erased.

An instance holds the keys that it met lately in memory. It hears when one is dropped (`dropped_keys`); if it does not,
it may open a field for KEY_SECONDS more. It seals by what stood in the database SEAL_SECONDS ago at most, for what is
sealed under an erased key is lost; and it stores nothing that it has opened with a key that has been erased since.
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
from shared.eventstore.limits import KEY_SECONDS, KEYS_AT_HAND, MOST_NEEDED, NOTE_AFTER, SEAL_SECONDS, SKEW_SECONDS
from shared.eventstore.master_keys import MasterKey, Masters
from shared.eventstore.wake import Wake

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

Anew = Callable[[Connection, set[str]], Awaitable[None]]

READER = "reader"  # owner of the key that keys are given under
OPENED_BEFORE = "keys were erased since they opened what this was decided from"

OWN = """
select id, owner, sealed, master, feeds from person_keys
where owner = any($1) and is_own and (in_use or sealed is null)
"""
# Made after whatever was erased of the same owner, also by the clock that is held against the time of an erasure.
ADD = f"""
with made as (
  insert into person_keys (id, provider, is_own, in_use, owner, sealed, master, feeds, made_at)
  select id, $1, true, true, owner, sealed, $2, string_to_array(feeds, ' '), greatest(clock_timestamp(), (
    select max(erased_at) + interval '{2 * SKEW_SECONDS} seconds' from person_keys k
    where k.owner = new.owner and is_own
  ))
  from unnest($3::text[], $4::text[], $5::bytea[], $6::text[]) as new (id, owner, sealed, feeds)
  on conflict (owner) where in_use do nothing
  returning id, feeds
)
insert into key_outbox (key) select id from made where feeds <> '{{}}'
"""  # noqa: S608 - our own
GROW = """
with grown as (
  update person_keys k
  set feeds = array(select distinct feed from unnest(k.feeds || string_to_array(new.feeds, ' ')) as all_of (feed))
  from unnest($1::text[], $2::text[]) as new (id, feeds)
  where k.id = new.id and k.is_own and k.sealed is not null
  returning k.id
)
insert into key_outbox (key) select id from grown
"""
# Of events that came back: how far their keys had been given was lost with the database as well.
GIVE_AGAIN = """
with grown as (
  update person_keys k
  set feeds = array(select distinct feed from unnest(k.feeds || string_to_array(new.feeds, ' ')) as all_of (feed))
  from unnest($1::text[], $2::text[]) as new (id, feeds)
  where k.id = new.id and k.is_own and not k.feeds @> string_to_array(new.feeds, ' ')
  returning k.id
)
insert into key_outbox (key) select id from grown
"""
FIND = "select id, sealed, master from person_keys where provider = $1 and id = any($2)"
GIVEN = """
select id, owner, sealed, master, made_at from person_keys
where provider = $1 and id = any($2) and sealed is not null and not is_own
"""
# What was erased stays so, and no provider speaks for another's key. What its provider has lost stays with who has it.
TAKE = """
with taken as (
insert into person_keys as k (provider, id, is_own, owner, sealed, master, erased_at, made_at, is_given_up)
select $1, id, false, owner, sealed, case when sealed is not null then $2 end,
  case when sealed is null then clock_timestamp() end, coalesce(made_at, clock_timestamp()), is_lost
from unnest($3::text[], $4::text[], $5::bytea[], $6::timestamptz[], $7::bool[])
  as new (id, owner, sealed, made_at, is_lost)
on conflict (provider, id) do update
set sealed = excluded.sealed, master = excluded.master, erased_at = excluded.erased_at,
  made_at = least(k.made_at, excluded.made_at), is_given_up = excluded.is_given_up,
  owner = case when k.is_given_up then excluded.owner else k.owner end
where (k.is_given_up or (k.sealed is not null and not excluded.is_given_up)) and not k.is_own
returning id, owner, sealed
)
select count(pg_notify('keys_dropped', concat_ws(' ', $1, id, owner))) from taken where sealed is null
"""
TAKE_BACK = """
insert into person_keys (provider, id, is_own, owner, sealed, master, feeds, made_at)
values ($1, $2, true, $3, $4, $5, $6::text[], coalesce($7, clock_timestamp()))
on conflict do nothing
"""
GIVE_UP = """
insert into person_keys (provider, id, is_own, owner, sealed, master, erased_at, is_given_up)
select $1, id, true, '', null, null, clock_timestamp(), true from unnest($2::text[]) as lost (id)
on conflict do nothing
"""


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
        since = max(now, self._anew + SEAL_SECONDS)
        asked = [owner for owner in owners if (one := self._own.get(owner)) is None or one.until < since]
        if asked:
            await self._look(asked)
        if missing := sorted(owner for owner in asked if owner not in self._own):
            await self._make({owner: owners[owner] for owner in missing})
            await self._look(missing)
        self._require(owners)
        more = {o: f for o in sorted(owners) if (f := owners[o] - self._own[o].feeds)}
        if more:
            keys = [self._own[owner] for owner in more]
            await self._pool.execute(GROW, [one.key.id for one in keys], [" ".join(sorted(f)) for f in more.values()])
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

    async def _look(self, owners: list[str]) -> None:
        rows = await self._pool.fetch(OWN, owners)
        now, known = monotonic(), self._masters_for(rows)
        for row in rows:
            if row["sealed"] is not None:
                key = PersonKey(row["id"], unwrapped(row["id"], row["sealed"], row["master"], known))
                _put(self._own, row["owner"], _Own(key, set(row["feeds"]), now + SEAL_SECONDS))
                _put(self._held, (self.member, key.id), _Held(key, now + KEY_SECONDS))
        for owner in set(owners) - {row["owner"] for row in rows if row["sealed"] is not None}:
            self._own.pop(owner, None)
        erased = [self._held.get((self.member, row["id"])) for row in rows if row["sealed"] is None]
        if stale := [one for one in erased if one is not None and one.key is not None]:
            for one in stale:
                one.key = None
            raise ConcurrencyConflict(OPENED_BEFORE)

    async def _make(self, owners: Mapping[str, set[str]]) -> None:
        """Another instance may be first: then its keys stand."""
        keys = [new_key() for _ in owners]
        master = self._masters()[0]
        sealed = [wrapped(one.id, one.content, master) for one in keys]
        feeds = [" ".join(sorted(feeds)) for feeds in owners.values()]
        await self._pool.execute(ADD, self.member, master.id, [one.id for one in keys], list(owners), sealed, feeds)

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
            id, sealed = row["id"], row["sealed"]
            key = None if sealed is None else PersonKey(id, unwrapped(id, sealed, row["master"], known))
            _put(self._held, (of, id), _Held(key, now + KEY_SECONDS))
            asked.discard(id)
        return asked

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


def _put(held: dict[K, T], id: K, one: T) -> None:
    held.pop(id, None)
    while len(held) >= KEYS_AT_HAND:
        del held[next(iter(held))]
    held[id] = one
