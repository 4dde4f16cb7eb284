"""Requests, duties and commands do not wait for each other, and nobody waits for ever."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.department.engine import Engine
from shared.eventstore import database as store_database
from shared.eventstore.aggregate import Context
from shared.eventstore.database import NoConnection, connect_pool
from shared.eventstore.transient import AWAY
from tests import sample
from tests.sample import HARBOUR_SERVICE, SHIP, Arrive
from tests.until import until


@pytest.fixture
async def harbour(database: DepartmentDatabase, tmp_path: Path) -> AsyncIterator[Engine]:
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path) as engine:
        yield engine


async def test_requests_that_hold_every_connection_hold_up_no_command(harbour: Engine) -> None:
    async with AsyncExitStack() as held:
        for _ in range(harbour.pool.get_max_size()):
            await held.enter_async_context(harbour.pool.acquire())
        await harbour.store.execute("ship-1", SHIP, Arrive(5), Context())
        await until(lambda: harbour.duty_pool.fetchval("select position from log"), what="the leader numbers, too")


async def test_who_gets_no_connection_is_told_so(database: DepartmentDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_database, "ACQUIRE_WITHIN", 0.01)
    async with await connect_pool(database.app_url, name="test", min_size=1, max_size=1) as pool:
        async with pool.acquire():
            with pytest.raises(NoConnection) as refused:
                await pool.fetchval("select 1")
        assert isinstance(refused.value, AWAY)
        assert await pool.fetchval("select 1") == 1


async def test_a_command_that_gets_no_connection_is_not_lost(harbour: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_database, "ACQUIRE_WITHIN", 0.01)
    pool = harbour.store._commands
    async with AsyncExitStack() as held:
        for _ in range(pool.get_max_size()):
            await held.enter_async_context(pool.acquire(timeout=10))
        with pytest.raises(NoConnection):
            await harbour.store.execute("ship-1", SHIP, Arrive(5), Context())
    assert (await harbour.store.execute("ship-1", SHIP, Arrive(5), Context())).version == 1


async def test_the_server_shows_whose_a_session_is(harbour: Engine) -> None:
    await harbour.store.execute("ship-1", SHIP, Arrive(5), Context())
    rows = await harbour.pool.fetch(
        "select distinct application_name from pg_stat_activity where datname = current_database()"
    )
    assert {"harbour", "harbour duties", "harbour commands", "harbour leader"} <= {row[0] for row in rows}
