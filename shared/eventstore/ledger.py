"""The log as a Merkle tree: any root and any proof, from few rows.

The tree is never stored whole. `LedgerKeeper` keeps the nodes of every eighth level; the others are made from at most
255 hashes of the kept level below. So a root or proof over n events reads O(log n) rows: 255 for each factor of 256.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from shared.contracts.envelope import metadata_hash
from shared.contracts.errors import TongbanError
from shared.eventstore import merkle
from shared.eventstore.database import Pool
from shared.eventstore.epochs import shared_positions
from shared.eventstore.merkle import Frontier, Node

STEP = 8  # levels between kept ones
TILE = 2**STEP  # leaves beneath a node of the lowest kept level

# What lies beyond the kept nodes is a part of one tile: the tree is as long as its roots can be told from few rows.
SIZE = """
select least(
  (select coalesce(max(position), 0) from log),
  (select coalesce(max(index) + 1, 0) from ledger_nodes where level = 8) * 256 + 255
)
"""
# the limits make sure that the indexes are used, whatever the planner thinks of arrays
HASHES = """
select r.nth, n.hash
from unnest($1::smallint[], $2::bigint[], $3::bigint[]) with ordinality as r (level, first, after, nth)
cross join lateral (
  (select position - 1 as index, leaf as hash from log
   where r.level = 0 and position > r.first and position <= r.after order by position limit 256)
  union all
  (select index, hash from ledger_nodes
   where r.level > 0 and level = r.level and index >= r.first and index < r.after order by index limit 256)
) n
order by r.nth, n.index
"""
LEAVES = "select leaf from log where position > $1 and position <= $2 order by position"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Damaged(TongbanError):
    """Rows of the log or of the ledger are missing, though nobody may remove any: see `tongban verify`."""


def leaf_of(event: asyncpg.Record) -> bytes:
    """The leaf of a stored event, as the sequencer makes it."""
    return merkle.leaf_hash(entry_of(event))


def entry_of(event: asyncpg.Record) -> bytes:
    """The words whose hash is the leaf: one line each for id, type, schema, stream, version, microseconds since 1970,
    the hash of the metadata, and the data."""
    return entry(
        event["id"],
        event["type"],
        event["schema"],
        event["stream"],
        event["version"],
        event["recorded_at"],
        metadata_hash(event["metadata"]),
        event["data"],
    )


def entry(
    id: UUID, type: str, schema: int, stream: str, version: int, recorded_at: datetime, metadata_hash: str, data: str
) -> bytes:
    """As `entry_of`: all of it stands in an envelope as well."""
    microseconds = (recorded_at - _EPOCH) // _MICROSECOND
    parts = (str(id), type, str(schema), stream, str(version), str(microseconds), metadata_hash, data)
    return "\n".join(parts).encode()


class Ledger:
    """Of one department. Raises Damaged when the stored rows cannot be a tree."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def size(self) -> int:
        """How many events the tree has now: what the keeper has not come to yet is not in it."""
        size: int = await self.pool.fetchval(SIZE)
        return size

    async def epochs(self) -> list[int]:
        """Of each epoch after the first, how many leaves it shares with those before."""
        return await shared_positions(self.pool)

    async def frontier(self, size: int) -> Frontier:
        """0 <= size <= self.size()."""
        nodes = merkle.nodes_of((0, size))
        known = await self._hashes(nodes)
        return Frontier(size, [known[node] for node in nodes])

    async def root(self, size: int) -> bytes:
        """Of the first `size` events."""
        return (await self.frontier(size)).root

    async def inclusion(self, index: int, size: int) -> list[bytes]:
        """The path from a leaf to the root: 0 <= index < size <= self.size()."""
        return await self._path(merkle.inclusion_ranges(index, size))

    async def consistency(self, first: int, second: int) -> list[bytes]:
        """That the tree only grew: 0 < first <= second <= self.size()."""
        return await self._path(merkle.consistency_ranges(first, second))

    async def leaves(self, after: int, until: int) -> bytes:
        """The leaves after the first `after`, up to number `until`, 32 bytes each."""
        rows = await self.pool.fetch(LEAVES, after, until)
        if len(rows) != until - after:
            raise Damaged(f"of the log's positions {after + 1} to {until} there are {len(rows)}")
        return b"".join(row["leaf"] for row in rows)

    async def _path(self, ranges: Sequence[merkle.Range]) -> list[bytes]:
        known = await self._hashes([node for one in ranges for node in merkle.nodes_of(one)])
        return merkle.path(ranges, known.__getitem__)

    async def _hashes(self, nodes: Sequence[Node]) -> dict[Node, bytes]:
        """The hashes of any nodes, by one statement."""
        kept = [beneath(node) for node in nodes]
        levels, firsts, afters = zip(*kept, strict=True) if kept else ((), (), ())
        found: dict[int, list[bytes]] = {}
        for row in await self.pool.fetch(HASHES, levels, firsts, afters):
            found.setdefault(row["nth"], []).append(row["hash"])
        hashes = {}
        for nth, (node, (level, first, after)) in enumerate(zip(nodes, kept, strict=True), start=1):
            below = found.get(nth, [])
            if len(below) != after - first:
                raise Damaged(f"of level {level}, {first} to {after - 1} of the ledger there are {len(below)}")
            hashes[node] = merkle.perfect(below)
        return hashes


def beneath(node: Node) -> tuple[int, int, int]:
    """The kept nodes that a node is made of: their level, the first index and the one after the last."""
    level, index = node
    width = 1 << level % STEP
    return level - level % STEP, index * width, (index + 1) * width


def kept_of(completed: Iterable[tuple[Node, bytes]]) -> list[tuple[int, int, bytes]]:
    """Those of a growing tree's new nodes that are kept: level, index, hash."""
    return [(level, index, hash) for (level, index), hash in completed if level % STEP == 0]
