"""Group load: streams asked for at the same moment are read by one statement; what is long is read on apart.

A group takes the beginning of each stream, or what comes after its snapshot, so that a long one never keeps the others
waiting: its rest comes page by page, a few streams at a time.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import asyncpg

from shared.contracts.registry import LARGEST_EVENT
from shared.eventstore.database import Connection, Pool
from shared.eventstore.gathering import Gathering
from shared.eventstore.limits import LOAD_BYTES, LOAD_EVENTS, LOAD_STREAMS, LONG_AT_ONCE, LONG_EVENTS
from shared.eventstore.snapshots import NO_CODE

LOAD = """
select nth, snapshot, stream, version, id, type, schema, data, metadata, recorded_at, bytes
from (
  select w.nth, s.version as snapshot, e.*,
         sum(octet_length(e.data::text)) over (order by w.nth, e.version rows unbounded preceding) as bytes,
         row_number() over (order by w.nth, e.version) as place
  from unnest($1::text[], $2::text[]) with ordinality as w (stream, code, nth)
  left join lateral (
    select version from snapshots where snapshots.stream = w.stream and snapshots.code = w.code offset 0
  ) s on true
  cross join lateral (
    select * from events where events.stream = w.stream and events.version >= coalesce(s.version, 1)
    order by events.version limit $3
  ) e
) page
where bytes <= $4 or place = 1
order by place
"""
"""`lateral` with a limit or offset makes one index scan a stream of it, whatever the planner believes."""

REST = """
select stream, version, id, type, schema, data, metadata, recorded_at, bytes
from (
  select e.*, sum(octet_length(e.data::text)) over (order by e.version rows unbounded preceding) as bytes
  from (select * from events where stream = $1 and version > $2 order by version limit $3) e
) page
where bytes <= $4 or version = $2 + 1
order by version
"""
READERS = 2


@dataclass(frozen=True, slots=True)
class Beginning:
    """A stream's first rows; or those from `snapshot` on, a version. `is_cut`: there may be more."""

    rows: Sequence[asyncpg.Record]
    snapshot: int = 0
    is_cut: bool = False


class _Waiting:
    __slots__ = ("beginning", "code", "stream")

    def __init__(self, stream: str, code: str) -> None:
        self.stream = stream
        self.code = code
        self.beginning: asyncio.Future[Beginning] = asyncio.get_running_loop().create_future()

    def answer(self, beginning: Beginning) -> None:
        if not self.beginning.done():  # else its asker went away
            self.beginning.set_result(beginning)


class GroupLoad:
    """`load` from any number of tasks at once."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._loads = Gathering(self._read, at_once=LOAD_STREAMS, workers=READERS)
        self._long = asyncio.Semaphore(LONG_AT_ONCE)

    async def load(self, stream: str, code: str = NO_CODE) -> Beginning:
        """Nothing for an unknown stream. With a `code` from its snapshot on, if it has one. Raises what the database
        raises."""
        waiting = _Waiting(stream, code)
        self._loads.add(waiting)
        return await waiting.beginning

    async def rest(self, stream: str, after: int) -> AsyncIterator[list[asyncpg.Record]]:
        """What follows a version, page by page."""
        while True:
            async with self._long:
                rows, is_last = await page_of(self._pool, stream, after)
            if rows:
                yield rows
                after = rows[-1]["version"]
            if is_last:
                return

    async def _read(self, group: list[_Waiting]) -> None:
        try:
            while group:
                group = await self._read_some(group)
        except Exception as error:  # noqa: BLE001 - handed to those who asked
            for waiting in group:
                if not waiting.beginning.done():
                    waiting.beginning.set_exception(error)

    async def _read_some(self, group: list[_Waiting]) -> list[_Waiting]:
        """Returns those that there was no room for."""
        beginnings, read = await beginnings_of(
            self._pool, [waiting.stream for waiting in group], [waiting.code for waiting in group]
        )
        for waiting, beginning in zip(group, beginnings, strict=False):
            waiting.answer(beginning)
        return group[read:]


async def beginnings_of(
    connection: Connection | Pool, streams: Sequence[str], codes: Sequence[str]
) -> tuple[list[Beginning], int]:
    """By one statement, the beginnings of as many streams as there is room for, at least one; and how many they are."""
    rows = await connection.fetch(LOAD, streams, codes, LOAD_EVENTS, LOAD_BYTES)
    by_stream: list[list[asyncpg.Record]] = [[] for _ in streams]
    for row in rows:
        by_stream[row["nth"] - 1].append(row)
    read = rows[-1]["nth"] if may_be_cut(rows) else len(streams)
    beginnings = [
        Beginning(found, found[0]["snapshot"] or 0 if found else 0, len(found) == LOAD_EVENTS)
        for found in by_stream[:read]
    ]
    if read < len(streams) or may_be_cut(rows):
        last = beginnings[-1]
        beginnings[-1] = Beginning(last.rows, last.snapshot, is_cut=True)
    return beginnings, read


async def page_of(connection: Connection | Pool, stream: str, after: int) -> tuple[list[asyncpg.Record], bool]:
    """A page of what follows a version, and whether it is the last."""
    rows = await connection.fetch(REST, stream, after, LONG_EVENTS, LOAD_BYTES)
    return rows, len(rows) < LONG_EVENTS and not may_be_cut(rows)


async def rest_of(connection: Connection, stream: str, after: int) -> AsyncIterator[list[asyncpg.Record]]:
    """What follows a version, page by page, within a transaction of the caller's."""
    is_last = False
    while not is_last:
        rows, is_last = await page_of(connection, stream, after)
        if rows:
            yield rows
            after = rows[-1]["version"]


def may_be_cut(rows: Sequence[asyncpg.Record]) -> bool:
    """Whether the next event may have been too much."""
    return bool(rows) and rows[-1]["bytes"] + LARGEST_EVENT > LOAD_BYTES
