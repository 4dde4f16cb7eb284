"""What a witness holds of one neighbour in one era: its key, the heads it signed, the leaves they stand for, alarms."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.eventstore.database import Pool
from shared.eventstore.ledger_keys import LedgerKeys, Rotation, read_statement
from shared.eventstore.merkle import HASH_SIZE, Frontier
from shared.eventstore.signed_head import SignedHead

AlarmKind = Literal["key", "signature", "shrunk", "forked", "leaves"]
LONGEST_TOLD = 20_000  # characters

KEY = "select key from witnessed_keys where department = $1 and era = $2"
PIN = "insert into witnessed_keys (department, era, key) values ($1, $2, $3) on conflict do nothing"
STATEMENTS = "select statement from witnessed_statements where department = $1 and era = $2 order by nth"
STATE = """
insert into witnessed_statements (department, era, nth, statement, before, key)
select $1::text, $2::int, coalesce(max(nth), 0) + 1, $3::text, $4::text, $5::text
from witnessed_statements where department = $1 and era = $2
on conflict (department, era, statement) do nothing
"""
LAST = "select size, note, frontier from witnessed where department = $1 and era = $2 order by size desc limit 1"
UP_TO = """
select size, frontier from witnessed where department = $1 and era = $2 and size <= $3 order by size desc limit 1
"""
STORE = """
insert into witnessed (department, era, after, size, note, leaves, frontier) values ($1, $2, $3, $4, $5, $6, $7)
"""
RAISE = """
insert into witness_alarms (department, era, kind, size, told) values ($1, $2, $3, $4, $5)
on conflict do nothing returning true
"""
ALARMS = """
select department, kind, size, told, raised_at from witness_alarms
where department = $1 and era = $2 order by raised_at, kind, size limit 100
"""
STANDING = """
select department, kind, size, told, raised_at from witness_alarms a
where era = coalesce((select max(era) from witness_eras e where e.department = a.department), 1)
order by raised_at, kind, size limit 100
"""
LEAVES = """
select after, leaves from witnessed
where department = $1 and era = $2 and after < $4
  and after >= (select max(after) from witnessed where department = $1 and era = $2 and after <= $3)
order by after
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """The last head that was witnessed: the tree's frontier, and its statement (None: nothing yet)."""

    frontier: Frontier
    note: str | None

    @property
    def size(self) -> int:
        return self.frontier.size


@dataclass(frozen=True, slots=True)
class Alarm:
    """`size`: how much of the department's ledger was witnessed then; `told`: what it said."""

    department: str
    kind: AlarmKind
    size: int
    told: str
    raised_at: datetime


class WitnessStore:
    """Of one neighbour in one era. Every row names it, so whoever has not noticed a new era does no harm in it."""

    def __init__(self, pool: Pool, department: str, era: int) -> None:
        self.department = department
        self.era = era
        self._pool = pool

    async def key(self) -> str | None:
        """The verifier key its heads must be signed with, once one was seen."""
        key: str | None = await self._pool.fetchval(KEY, self.department, self.era)
        return key

    async def pin(self, key: str) -> str:
        """Hold to this key, unless another was first. Returns the one held to."""
        await self._pool.execute(PIN, self.department, self.era, key)
        return await self.key() or key

    async def keys(self, origin: str) -> LedgerKeys | None:
        """The pinned key, and those that followed it. None: no key was seen."""
        if (pinned := await self.key()) is None:
            return None
        rows = await self._pool.fetch(STATEMENTS, self.department, self.era)
        return LedgerKeys.beginning_with(pinned, origin).extended(row["statement"] for row in rows)

    async def learn(self, known: LedgerKeys, statements: Iterable[str]) -> LedgerKeys:
        """Keep the statements that go on from what is known. asyncpg.UniqueViolationError: another was first."""
        keys = known.extended(statements)
        for statement in keys.statements[len(known.statements) :]:
            told = read_statement(statement, keys.origin)
            followed = (told.before, told.key) if isinstance(told, Rotation) else (None, None)
            await self._pool.execute(STATE, self.department, self.era, statement, *followed)
        return keys

    async def seen(self) -> Seen:
        row = await self._pool.fetchrow(LAST, self.department, self.era)
        if row is None:
            return Seen(Frontier(), None)
        return Seen(Frontier(row["size"], _split(row["frontier"])), row["note"])

    async def frontier(self, size: int) -> Frontier:
        """Of the first `size` leaves, no more than were seen."""
        row = await self._pool.fetchrow(UP_TO, self.department, self.era, size)
        frontier = Frontier() if row is None else Frontier(row["size"], _split(row["frontier"]))
        frontier.extend(_split(await self.leaves(frontier.size, size)))
        return frontier

    async def store(self, after: int, head: SignedHead, leaves: Sequence[bytes], frontier: Frontier) -> None:
        """asyncpg.UniqueViolationError: another was first."""
        await self._pool.execute(
            STORE, self.department, self.era, after, head.size, head.note, b"".join(leaves), b"".join(frontier.hashes)
        )

    async def alarm(self, kind: AlarmKind, size: int, told: str) -> bool:
        """Keep an alarm. True: it is the first of its kind since `size` was witnessed."""
        told = told[:LONGEST_TOLD].replace("\x00", "\ufffd")  # the one character PostgreSQL cannot hold
        return bool(await self._pool.fetchval(RAISE, self.department, self.era, kind, size, told))

    async def alarms(self) -> list[Alarm]:
        """The first hundred, whether they stand or their era is over."""
        return [Alarm(**row) for row in await self._pool.fetch(ALARMS, self.department, self.era)]

    async def leaves(self, after: int, until: int) -> bytes:
        """The leaves held after the first `after`, up to number `until`; fewer where the witness holds no more."""
        rows = await self._pool.fetch(LEAVES, self.department, self.era, after, until)
        if not rows:
            return b""
        held = b"".join(row["leaves"] for row in rows)
        skip = after - rows[0]["after"]
        return bytes(held[skip * HASH_SIZE : (skip + until - after) * HASH_SIZE])


async def standing(pool: Pool) -> list[Alarm]:
    """The alarms of every neighbour's present era; the first hundred."""
    return [Alarm(**row) for row in await pool.fetch(STANDING)]


def _split(hashes: bytes) -> list[bytes]:
    return [hashes[at : at + HASH_SIZE] for at in range(0, len(hashes), HASH_SIZE)]
