"""Keeps the ledger's nodes as the log grows: the leader's duty, beside the path of commands.

It follows the log by position: an event costs the reading of its leaf and one node hash, every 256th a row. After a
restart it reads the kept nodes of its frontier and goes on, without starting over.
"""

import asyncio

import asyncpg
import structlog

from shared.eventstore.database import Pool
from shared.eventstore.ledger import STEP, TILE, Damaged, Ledger, kept_of
from shared.eventstore.merkle import Frontier

log = structlog.get_logger(__name__)

AT_ONCE = 4096  # leaves
EVERY = 1.0  # seconds
KEPT = "select coalesce(max(index) + 1, 0) from ledger_nodes where level = $1"
FOLLOWING = "select position, leaf from log where position > $1 order by position limit $2"
KEEP = """
insert into ledger_nodes (level, index, hash)
select level, index, hash from unnest($1::smallint[], $2::bigint[], $3::bytea[]) as n (level, index, hash)
"""


class LedgerKeeper:
    """Runs under the department's leadership; the primary key of `ledger_nodes` fences off one that lost it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._frontier: Frontier | None = None  # None: look where we stand

    async def keep(self) -> int:
        """Take in what was numbered since, at most AT_ONCE events. Returns how many. Raises Damaged."""
        if self._frontier is None:
            self._frontier = await self._resume()
        frontier, self._frontier = self._frontier, None  # looked up anew unless all goes well
        rows = await self._pool.fetch(FOLLOWING, frontier.size, AT_ONCE)
        if rows and rows[-1]["position"] != frontier.size + len(rows):
            raise Damaged(f"positions are missing in the log after {frontier.size}")
        if kept := kept_of(frontier.extend(row["leaf"] for row in rows)):
            levels, indexes, hashes = zip(*kept, strict=True)
            await self._pool.execute(KEEP, levels, indexes, hashes)
        self._frontier = frontier
        return len(rows)

    async def _resume(self) -> Frontier:
        """From the last kept node on: what came after it is less than a tile for each leader that was."""
        return await Ledger(self._pool).frontier(await self._pool.fetchval(KEPT, STEP) * TILE)

    async def run(self) -> None:
        """Keep for ever."""
        while True:
            try:
                if await self.keep() == AT_ONCE:
                    continue
            except asyncpg.UniqueViolationError:
                log.info("ledger kept by another")
            except Damaged as damage:
                log.error("the ledger cannot be kept", error=str(damage))  # noqa: TRY400 - where does not matter
            await asyncio.sleep(EVERY)
