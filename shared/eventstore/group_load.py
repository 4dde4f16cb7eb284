"""Group load: streams asked for at the same moment are read by one statement."""

import asyncio

import asyncpg

from shared.eventstore.database import Pool
from shared.eventstore.gathering import Gathering

LOAD = """
select e.stream, e.version, e.id, e.type, e.schema, e.data, e.metadata, e.recorded_at
from unnest($1::text[]) as wanted (stream)
cross join lateral (
  select * from events where events.stream = wanted.stream order by events.version offset 0
) e
"""
"""`offset 0` and `lateral` make one index scan a stream of it, whatever the planner believes about the table."""

GROUP_LIMIT = 200  # streams a statement
READERS = 2


class _Waiting:
    __slots__ = ("rows", "stream")

    def __init__(self, stream: str) -> None:
        self.stream = stream
        self.rows: asyncio.Future[list[asyncpg.Record]] = asyncio.get_running_loop().create_future()


class GroupLoad:
    """`load` from any number of tasks at once."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._loads = Gathering(self._read, at_once=GROUP_LIMIT, workers=READERS)

    async def load(self, stream: str) -> list[asyncpg.Record]:
        """The stream's rows in order; none for an unknown stream. Raises what the database raises."""
        waiting = _Waiting(stream)
        self._loads.add(waiting)
        return await waiting.rows

    async def _read(self, group: list[_Waiting]) -> None:
        found: dict[str, list[asyncpg.Record]] = {waiting.stream: [] for waiting in group}
        try:
            for row in await self._pool.fetch(LOAD, list(found)):
                found[row["stream"]].append(row)
        except Exception as error:  # noqa: BLE001 - handed to those who asked
            for waiting in group:
                if not waiting.rows.done():
                    waiting.rows.set_exception(error)
        else:
            for waiting in group:
                if not waiting.rows.done():  # else its asker went away
                    waiting.rows.set_result(found[waiting.stream])
