"""kill -9 while events are taken back, and while a read model is built anew because of them: nothing is half done.

A lock in the database holds the process at a stage; there it is killed, and the next one ends where an undisturbed one
would have.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from deploy.embedded.nats import Nats
from shared.continuity import limits
from shared.eventstore.building import BUILD_LOCK
from shared.eventstore.differences import differences
from tests.databases import Databases
from tests.sample import SHIPS
from tests.shared.continuity.port import Port, port
from tests.until import until

OLD = [f"old{n}" for n in range(10)]
LOST = [f"lost{n}" for n in range(5)]
NEW = [f"new{n}" for n in range(8)]
TAKING_BACK = {
    "nothing is done": ("select from checkpoints where feed = 'local.harbour.ships' for update", "%set epoch = $4%"),
    "events leave the inbox": ("lock table phantoms in share mode", "%take_back(%"),
    "read models are marked": ("lock table rebuilds_due in share mode", "%insert into rebuilds_due%"),
    "builds are given up": ("lock table read_model_builds in share mode", "%delete from read_model_builds%"),
}
BUILDING = {
    "the build begins": "lock table read_model_builds in share mode",
    "it is filled": "lock table inbox in access exclusive mode",
    "it takes the place": "lock table read.sample_ships in access share mode",
}
WAITS = """
select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
  and query like $1 and application_name like $2)
"""
OTHERS = "select count(*) from pg_stat_activity where datname = current_database() and application_name like 'customs%'"


@pytest.fixture
async def diverged(
    databases: Databases, own_nats: Nats, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Port]:
    """Customs, which is stopped, holds five events under numbers that harbour has given to others since."""
    monkeypatch.setattr(limits, "ASK_AGAIN", 0.3)
    async with databases.fresh() as one, databases.fresh() as other, port(own_nats, (one, other), tmp_path) as made:
        await made.arrive(*OLD)
        await made.all_is_known(10, 10)
        await made.loses(lambda: made.arrive(*LOST), (15, 15))
        await made.stop_customs()
        await made.nats.stop()
        made.nats.wipe()
        await made.nats.restart()
        await made.start_harbour()
        await made.arrive(*NEW)
        await made.published(18)
        yield made


@asynccontextmanager
async def customs_runs(two: Port) -> AsyncIterator[asyncio.subprocess.Process]:
    database = two.customs_database
    words = (database.app_url, database.owner_url, two.nats.url(), str(two.path / "sharing.yaml"))
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.continuity.killed", *words), stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


@asynccontextmanager
async def connected(two: Port) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(two.customs_database.admin_url)
    try:
        yield connection
    finally:
        await connection.close()


async def killed_where(child: asyncio.subprocess.Process, looking: asyncpg.Connection, query: str, who: str) -> None:
    await until(lambda: looking.fetchval(WAITS, query, who), timeout=120, what="it waits where it is to be killed")
    child.kill()
    await child.wait()


async def all_is_one(two: Port) -> None:
    """What an undisturbed customs comes to."""
    async with connected(two) as looking:
        await until(lambda: _is_none(looking), what="nothing of the killed process is left")
    await two.start_customs()

    async def is_one() -> bool:
        due = await two.customs.pool.fetchval("select count(*) from rebuilds_due")
        trouble = [one.trouble for one in two.customs.subscriptions.values() if one.trouble]
        return not due and not trouble and await two.held() == await two.history()

    await until(is_one, timeout=120, what="customs holds harbour's history")
    assert len(await two.history()) == 23
    rows = await two.customs.pool.fetch("select again_at is not null as again from phantoms")
    assert [row["again"] for row in rows] == [True] * 5, "each was taken back once, and came again"
    assert await differences(two.customs_database.app_url, SHIPS, two.customs.registry) == []


async def _is_none(looking: asyncpg.Connection) -> bool:
    return bool(await looking.fetchval(OTHERS) == 0)


@pytest.mark.parametrize("stage", TAKING_BACK)
async def test_killed_while_events_are_taken_back(diverged: Port, stage: str) -> None:
    lock, query = TAKING_BACK[stage]
    async with connected(diverged) as holding, connected(diverged) as looking:
        async with holding.transaction(), customs_runs(diverged) as child:
            await holding.execute(lock)
            await killed_where(child, looking, query, "customs%")
        assert await looking.fetchval("select count(*) from phantoms") == 0, "it was one transaction"
    await all_is_one(diverged)


@pytest.mark.parametrize("stage", BUILDING)
async def test_killed_while_a_read_model_is_built_anew(diverged: Port, stage: str) -> None:
    async with connected(diverged) as holding, connected(diverged) as looking, customs_runs(diverged) as child:
        await holding.execute("select pg_advisory_lock($1, hashtext($2))", BUILD_LOCK, SHIPS.name)
        due = "select exists (select from rebuilds_due)"
        await until(lambda: looking.fetchval(due), timeout=120, what="it is to be built anew")
        async with holding.transaction():
            await holding.execute(BUILDING[stage])
            await holding.execute("select pg_advisory_unlock($1, hashtext($2))", BUILD_LOCK, SHIPS.name)
            await killed_where(child, looking, "%", f"build of {SHIPS.name}")
    await all_is_one(diverged)


async def test_killed_when_the_new_build_stands(diverged: Port) -> None:
    async with connected(diverged) as holding, connected(diverged) as looking, customs_runs(diverged) as child:
        await holding.execute("select pg_advisory_lock($1, hashtext($2))", BUILD_LOCK, SHIPS.name)
        due = "select exists (select from rebuilds_due)"
        await until(lambda: looking.fetchval(due), timeout=120, what="it is to be built anew")
        async with holding.transaction():
            await holding.execute("lock table rebuilds_due in share mode")
            await holding.execute("select pg_advisory_unlock($1, hashtext($2))", BUILD_LOCK, SHIPS.name)
            await killed_where(child, looking, "%delete from rebuilds_due%", "customs%")
    await all_is_one(diverged)
