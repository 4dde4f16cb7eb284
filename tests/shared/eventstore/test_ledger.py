"""The ledger kept as the log grows: every root and proof right, few rows, nothing started over."""

from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any, cast

import asyncpg
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts.registry import Registry
from shared.eventstore import merkle
from shared.eventstore.database import Pool, connect_pool, migrate
from shared.eventstore.ledger import TILE, Damaged, Ledger, leaf_of
from shared.eventstore.ledger_keeper import AT_ONCE, LedgerKeeper
from shared.eventstore.merkle import Frontier
from shared.eventstore.sequencer import Sequencer
from tests.sample import CONTRACTS, HarbourNoted

ADD = """
insert into log (position, stream, version, leaf)
select n, 's-' || n, 1, sha256(convert_to(n::text, 'UTF8'))
from generate_series((select coalesce(max(position), 0) + 1 from log), $1::bigint) n
"""


class CountingPool:
    """Lets everything through to the pool and counts the rows that come back."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.rows = 0

    async def fetch(self, *arguments: Any) -> list[asyncpg.Record]:
        rows = await self._pool.fetch(*arguments)
        self.rows += len(rows)
        return rows

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)


@pytest.fixture
async def pool(database: DepartmentDatabase) -> AsyncIterator[Pool]:
    await migrate(database.owner_url, database.app)
    async with await connect_pool(database.app_url, name="ledger") as pool:
        yield pool


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many node hashes were made: its length."""
    made: list[int] = []
    hash = merkle.node_hash

    def counting(left: bytes, right: bytes) -> bytes:
        made.append(1)
        return hash(left, right)

    monkeypatch.setattr(merkle, "node_hash", counting)
    return made


def leaves(size: int) -> list[bytes]:
    return [sha256(b"%d" % position).digest() for position in range(1, size + 1)]


def root(size: int) -> bytes:
    frontier = Frontier()
    frontier.extend(leaves(size))
    return frontier.root


async def keep(keeper: LedgerKeeper) -> int:
    """Everything there is."""
    kept = 0
    while more := await keeper.keep():
        kept += more
    return kept


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 5000])
async def test_root_and_proofs_of_every_kind_of_size(pool: Pool, size: int) -> None:
    await pool.execute(ADD, size)
    assert await keep(LedgerKeeper(pool)) == size
    ledger = Ledger(pool)
    assert await ledger.size() == size
    assert await ledger.root(size) == root(size)
    for first in {1, 2, 255, 256, 300, size // 2, size - 1, size} & set(range(1, size + 1)):
        assert await ledger.root(first) == root(first)
        proof = await ledger.consistency(first, size)
        assert merkle.verify_consistency(first, size, proof, root(first), root(size))
        leaf = await ledger.leaves(first - 1, first)
        path = await ledger.inclusion(first - 1, size)
        assert merkle.verify_inclusion(leaf, first - 1, size, path, root(size))


async def test_a_tree_with_three_kept_levels(pool: Pool) -> None:
    """66,000 leaves: the node over the first 65,536 is kept too."""
    size = 66_000
    await pool.execute(ADD, size)
    await keep(LedgerKeeper(pool))
    kept = await pool.fetch("select level, count(*) as nodes from ledger_nodes group by level order by level")
    assert [tuple(row) for row in kept] == [(8, size // TILE), (16, 1)]
    assert await pool.fetchval("select hash from ledger_nodes where level = 16") == root(65_536)

    counting = CountingPool(pool)
    ledger = Ledger(cast("Pool", counting))
    assert await ledger.root(size) == root(size)
    for index in (0, 40_000, size - 1):
        path = await ledger.inclusion(index, size)
        assert merkle.verify_inclusion(leaves(size)[index], index, size, path, root(size))
    proof = await ledger.consistency(777, size)
    assert merkle.verify_consistency(777, size, proof, root(777), root(size))
    assert counting.rows <= 5 * 3 * 255, "one root and four proofs, each from at most 255 rows a kept level"


async def test_growing_costs_a_row_and_a_hash_an_event(pool: Pool, hashed: list[int]) -> None:
    await pool.execute(ADD, 20_000)
    counting = CountingPool(pool)
    keeper = LedgerKeeper(cast("Pool", counting))
    await keep(keeper)
    assert counting.rows == 20_000
    assert len(hashed) < 20_000
    before = counting.rows, len(hashed)
    await pool.execute(ADD, 20_010)
    await keep(keeper)
    assert counting.rows - before[0] == 10
    assert len(hashed) - before[1] <= 20


async def test_after_a_restart_nothing_is_started_over(pool: Pool, hashed: list[int]) -> None:
    await pool.execute(ADD, 70_000)
    await keep(LedgerKeeper(pool))
    await pool.execute(ADD, 70_010)
    hashed.clear()
    counting = CountingPool(pool)
    await keep(LedgerKeeper(cast("Pool", counting)))
    assert counting.rows <= 3 * 255 + 10, "the frontier's kept nodes, the last tile's leaves and what is new"
    assert len(hashed) <= counting.rows
    assert await Ledger(pool).root(70_010) == root(70_010)


async def test_what_the_keeper_has_not_come_to_is_not_in_the_tree_yet(pool: Pool) -> None:
    await pool.execute(ADD, 3 * AT_ONCE)
    ledger, keeper = Ledger(pool), LedgerKeeper(pool)
    assert await ledger.size() == TILE - 1
    await keeper.keep()
    assert await ledger.size() == AT_ONCE + TILE - 1
    assert await ledger.root(AT_ONCE + 10) == root(AT_ONCE + 10)


async def test_of_two_keepers_one_starts_anew(pool: Pool) -> None:
    await pool.execute(ADD, 300)
    one, other = LedgerKeeper(pool), LedgerKeeper(pool)
    for keeper in (one, other):
        await keeper.keep()
        await pool.execute(ADD, 400)
    await pool.execute(ADD, 600)
    await one.keep()
    with pytest.raises(asyncpg.UniqueViolationError):
        await other.keep()
    await keep(other)
    assert await Ledger(pool).root(600) == root(600)


async def test_kept_nodes_cannot_be_changed_not_even_by_the_owner(pool: Pool, database: DepartmentDatabase) -> None:
    await pool.execute(ADD, TILE)
    await keep(LedgerKeeper(pool))
    connection = await asyncpg.connect(database.owner_url)
    for table in ("ledger_nodes", "witness_eras", "witnessed_keys", "witnessed", "witness_alarms"):
        for statement in (f"delete from {table}", f"truncate {table} cascade"):
            with pytest.raises(asyncpg.RestrictViolationError):
                await connection.execute(statement)
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await pool.execute(statement)
    with pytest.raises(asyncpg.RestrictViolationError):
        await connection.execute("update ledger_nodes set hash = sha256('')")
    await connection.close()


async def test_missing_rows_are_noticed(pool: Pool, database: DepartmentDatabase) -> None:
    await pool.execute(ADD, 600)
    await keep(LedgerKeeper(pool))
    connection = await asyncpg.connect(database.admin_url)
    await connection.execute("set session_replication_role = replica")
    await connection.execute("delete from log where position = 590")
    await connection.execute("delete from ledger_nodes where index = 0")
    await connection.close()
    ledger = Ledger(pool)
    for size in (300, 600):
        with pytest.raises(Damaged):
            await ledger.root(size)
    with pytest.raises(Damaged):
        await ledger.leaves(580, 600)
    await pool.execute("insert into log (position, stream, version, leaf) values (602, 's', 1, sha256(''))")
    with pytest.raises(Damaged):
        await LedgerKeeper(pool).keep()


async def test_a_leaf_is_made_again_from_the_stored_bytes(pool: Pool) -> None:
    """Two ways to the same hash: the sequencer's SQL, and ours, which trusts no function of the database."""
    await pool.execute(
        """
        insert into events (stream, version, id, type, schema, data, metadata, recorded_at)
        select '船-' || n, n, gen_random_uuid(), 'harbour.HarbourNoted', 1,
               ('{"text": "汉字 ' || n || '\\u0041"}')::json, '{ }'::json,
               timestamptz '1931-01-01 00:00:00.000001+08' + n * interval '7 years 3.999999 seconds'
        from generate_series(1, 40) n
        """
    )
    await pool.execute("insert into outbox (stream, version) select stream, version from events")
    await Sequencer(pool, Registry("harbour", CONTRACTS, (HarbourNoted,)), lambda *_: None).number()
    rows = await pool.fetch("select * from events e join log l using (stream, version)")
    assert len(rows) == 40
    assert all(leaf_of(row) == row["leaf"] for row in rows)
