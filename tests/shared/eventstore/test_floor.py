"""The outbox's floor: it rises while backups run, and never past a row that is still to come."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.department.engine import Engine
from shared.eventstore import append
from shared.eventstore.aggregate import Context
from shared.eventstore.sequencer import Sequencer
from shared.eventstore.store import fold, prepare
from shared.eventstore.tasks import end
from tests import sample
from tests.sample import HARBOUR_SERVICE, SHIP, HarbourNoted, Note
from tests.until import until

LOG = "select stream, version from log order by position"


@pytest.fixture
async def harbour(database: DepartmentDatabase, tmp_path: Path) -> AsyncIterator[Engine]:
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path, started=False) as engine:
        yield engine


async def note(harbour: Engine, stream: str = "ship-1") -> None:
    await harbour.store.execute(stream, SHIP, Note("x"), Context())


async def go_on(harbour: Engine, times: int = 4) -> int:
    """Events come, are numbered, and the floor is raised. Returns it."""
    for _ in range(times):
        await note(harbour, "ship-busy")
        await harbour._sequencer.number()
        await harbour._sequencer.fence()
    return harbour._sequencer._floor.seq


@asynccontextmanager
async def slow_writer(harbour: Engine, database: DepartmentDatabase) -> AsyncIterator[asyncpg.Connection]:
    """A transaction that has stored an event of ship-slow, and is still open."""
    connection = await asyncpg.connect(database.app_url)
    try:
        await connection.execute("begin")
        new = fold("ship-slow", SHIP, ())
        await append.insert(connection, prepare(new, [HarbourNoted(text="x")], Context(), harbour.registry))
        yield connection
    finally:
        await connection.close()


async def test_it_rises_while_an_old_snapshot_is_open(harbour: Engine, database: DepartmentDatabase) -> None:
    backup = await asyncpg.connect(database.admin_url)
    try:
        async with backup.transaction(isolation="repeatable_read", readonly=True):
            await backup.fetchval("select count(*) from outbox")
            before = await go_on(harbour)
            assert await go_on(harbour, times=10) >= before + 9
    finally:
        await backup.close()


async def test_what_a_slow_transaction_wrote_is_numbered_though_others_went_on(
    harbour: Engine, database: DepartmentDatabase
) -> None:
    async with slow_writer(harbour, database) as slow:
        first = await slow.fetchval("select min(seq) from outbox")
        assert await go_on(harbour, times=8) <= first
        await slow.execute("commit")
        await note(harbour, "ship-slow")
        await harbour._sequencer.number()
    rows = [tuple(row) for row in await harbour.pool.fetch(LOG)]
    assert rows[-2:] == [("ship-slow", 1), ("ship-slow", 2)]
    assert await harbour.pool.fetchval("select not exists (select from outbox)")


async def test_it_goes_on_rising_once_a_slow_transaction_has_ended(
    harbour: Engine, database: DepartmentDatabase
) -> None:
    async with slow_writer(harbour, database) as slow:
        held = await go_on(harbour)
        await slow.execute("rollback")
    assert await go_on(harbour, times=8) > held + 3


async def test_a_transaction_that_has_an_id_and_no_row_yet_holds_it_down(
    harbour: Engine, database: DepartmentDatabase
) -> None:
    """It may have taken its `seq` already, whatever is seen of it."""
    connection = await asyncpg.connect(database.app_url)
    try:
        await connection.execute("begin")
        await connection.fetchval("select pg_current_xact_id()")
        next_seq = await connection.fetchval("select last_value + 1 from outbox_seq_seq")
        assert await go_on(harbour, times=8) <= next_seq
    finally:
        await connection.close()


async def test_rows_that_wait_for_their_number_hold_it_down(harbour: Engine) -> None:
    await go_on(harbour)
    await note(harbour, "ship-waiting")
    first = await harbour.pool.fetchval("select min(seq) from outbox")
    for _ in range(6):
        await harbour._sequencer.fence()
    assert harbour._sequencer._floor.seq == first


async def test_a_row_below_it_is_found_and_numbered_all_the_same(harbour: Engine) -> None:
    await note(harbour)
    harbour._sequencer._floor.seq = 10**9
    assert await harbour._sequencer.number() == 0
    await harbour._sequencer.look_below()
    assert await harbour._sequencer.number() == 1


async def test_a_new_leader_begins_at_the_bottom(harbour: Engine) -> None:
    sequencer = Sequencer(harbour.duty_pool, harbour.registry, lambda *_: None)
    sequencer._floor.seq = 10**9
    await note(harbour)
    running = asyncio.create_task(
        harbour._leadership.run(lambda: sequencer.run(harbour._committed, harbour._leadership))
    )
    try:
        await until(lambda: harbour.pool.fetchval("select exists (select from log)"), what="it is numbered")
    finally:
        await end(running)
