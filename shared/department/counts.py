"""How often something was done within a time, counted in a table that cannot grow beyond its bound.

Keys are keyed hashes. Where strangers choose what is counted, a key is cut to `bits`: then there are 2^bits rows at
most, however many names are tried. Two names may share a row; whoever limits by it leaves another way in.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from shared.eventstore.database import Pool

BITS = 17  # 131,072 rows a kind

COUNT = """
insert into counts (kind, key, count, until)
select kind, key, 1, until from unnest($1::text[], $2::bytea[], $3::timestamptz[]) as asked (kind, key, until)
order by kind, key
on conflict (kind, key) do update set
  count = case when counts.until <= $4 then 1 else counts.count + 1 end,
  until = case when counts.until <= $4 then excluded.until else counts.until end
returning kind, count, until
"""
GIVE_BACK = """
update counts set count = counts.count - 1
from (select kind, key from unnest($1::text[], $2::bytea[]) as asked (kind, key) order by kind, key) as asked
where counts.kind = asked.kind and counts.key = asked.key and counts.until > $3 and counts.count > 0
"""
SO_FAR = "select count, until from counts where kind = $1 and key = $2 and until > $3"
FORGET = "delete from counts where kind = $1 and key = $2"


@dataclass(frozen=True, slots=True)
class Limit:
    """`most` within `within`, from the first one on."""

    kind: str
    most: int
    within: timedelta
    bits: int | None = BITS  # None: one row for each; only where not just anybody can make one


@dataclass(frozen=True, slots=True)
class Counted:
    """This time included, where it was counted."""

    limit: Limit
    count: int
    until: datetime

    @property
    def is_over(self) -> bool:
        return self.count > self.limit.most

    def seconds_left(self, now: datetime) -> float:
        return max(1.0, (self.until - now).total_seconds())


Of = tuple[Limit, str]
"""A limit, and whom it is counted for."""


class Counts:
    """`secret` keys the hashes; it may change: then everything counts from nothing."""

    def __init__(self, pool: Pool, secret: bytes) -> None:
        self._pool = pool
        self._secret = secret

    async def count(self, now: datetime, *counted: Of) -> list[Counted]:
        """Count once more for each of them, of different kinds, in one step; told in their order."""
        limits = [limit for limit, _ in counted]
        ends = [now + limit.within for limit in limits]
        rows = await self._pool.fetch(COUNT, [one.kind for one in limits], self._keys(counted), ends, now)
        found = {row["kind"]: row for row in rows}
        return [Counted(one, found[one.kind]["count"], found[one.kind]["until"]) for one in limits]

    async def so_far(self, now: datetime, limit: Limit, whom: str) -> Counted | None:
        """What was counted, this time not included. None: nothing."""
        row = await self._pool.fetchrow(SO_FAR, limit.kind, self._key(limit, whom), now)
        return Counted(limit, row["count"], row["until"]) if row else None

    async def give_back(self, now: datetime, *counted: Of) -> None:
        """What was counted did not have to be."""
        await self._pool.execute(GIVE_BACK, [limit.kind for limit, _ in counted], self._keys(counted), now)

    async def forget(self, limit: Limit, whom: str) -> None:
        """Count from nothing."""
        await self._pool.execute(FORGET, limit.kind, self._key(limit, whom))

    def _keys(self, counted: Sequence[Of]) -> list[bytes]:
        return [self._key(limit, whom) for limit, whom in counted]

    def _key(self, limit: Limit, whom: str) -> bytes:
        digest = hmac.digest(self._secret, f"count {limit.kind}\n{whom}".encode(), sha256)
        if limit.bits is None:
            return digest[:16]
        return (int.from_bytes(digest[:4], "big") >> (32 - limit.bits)).to_bytes(4, "big")
