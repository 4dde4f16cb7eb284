"""`tongban rebuild` on a department's database, the department stopped; no stack runs."""

import asyncio
import signal
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.certificates.read_models.citizens import CITIZENS
from services.certificates.service import SERVICE
from shared.contracts.identity import CitizenRegistered
from shared.eventstore.rebuild import only_builder
from tests.databases import Databases
from tests.department import key_master_file, running
from tests.deploy.terminal import TONGBAN, tongban
from tests.until import until

CITIZEN_COUNT = 60


@pytest.fixture(scope="module")
async def certificates(databases: Databases) -> AsyncIterator[DepartmentDatabase]:
    """A department that was told of some citizens."""
    async with databases.fresh() as database:
        async with running(SERVICE, database) as department:
            for number in range(CITIZEN_COUNT):
                citizen = uuid4()
                registered = CitizenRegistered(
                    citizen=citizen, name="张三", phone=f"1380000{number:04}", registered_at=datetime.now(UTC)
                )
                await department.give(f"account-{citizen}", registered)
        yield database


@pytest.fixture(autouse=True)
def reached_by_environment(certificates: DepartmentDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CERTIFICATES_DATABASE_URL", certificates.app_url)
    monkeypatch.setenv("CERTIFICATES_KEY_MASTER_FILE", str(key_master_file()))


async def fetchval(database: DepartmentDatabase, query: str) -> object:
    connection = await asyncpg.connect(database.app_url, server_settings={"search_path": "public, read"})
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_rebuilt_it_serves_from_new_tables(certificates: DepartmentDatabase) -> None:
    build = "select build from read_models where name = 'citizens'"
    before = await fetchval(certificates, build)
    code, output, errors = await tongban("rebuild", "certificates", "citizens")
    assert (code, output) == (0, "")
    assert "citizens is rebuilt and serves" in errors
    assert await fetchval(certificates, build) != before
    assert await fetchval(certificates, "select count(*) from citizens") == CITIZEN_COUNT


async def test_a_check_of_all_and_then_of_what_was_changed_by_hand(certificates: DepartmentDatabase) -> None:
    code, output, errors = await tongban("rebuild", "certificates", "--all", "--check")
    assert (code, output) == (0, "")
    assert "citizens is as a build from scratch" in errors
    assert "to_issue is as a build from scratch" in errors
    changed = await fetchval(
        certificates,
        f"update {CITIZENS.schema}.citizens set phone = '1'"
        " where citizen = (select min(citizen::text)::uuid from citizens)"
        " returning citizen",
    )
    code, output, errors = await tongban("rebuild", "certificates", "citizens", "--check")
    assert (code, output) == (1, f'citizens {{"citizen" : "{changed}"}} differs: phone\n')
    assert "citizens differs from a build from scratch" in errors
    assert (await tongban("rebuild", "certificates", "citizens"))[0] == 0
    assert (await tongban("rebuild", "certificates", "citizens", "--check"))[0] == 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
async def test_stopped_half_way_the_next_run_goes_on(certificates: DepartmentDatabase, how: signal.Signals) -> None:
    process = await asyncio.create_subprocess_exec(
        *(TONGBAN, "rebuild", "certificates", "citizens", "--fresh", "--rate", "3"), stdout=PIPE, stderr=PIPE
    )
    reached = "select coalesce(max(reached), 0) > 1 from read_model_cursors"
    await until(lambda: fetchval(certificates, reached), timeout=30, what="it is under way")
    process.send_signal(how)
    _, errors = await process.communicate()
    if how == signal.SIGINT:
        assert (process.returncode, errors.decode().strip()) == (130, "stopped; the same command goes on from here")
    await until(lambda: fetchval(certificates, NOBODY_BUILDS), what="its connection is gone")
    code, _, told = await tongban("rebuild", "certificates", "citizens")
    assert code == 0
    assert "going on with a build that was left half done" in told
    assert await fetchval(certificates, "select count(*) from citizens") == CITIZEN_COUNT


NOBODY_BUILDS = "select not exists (select from pg_stat_activity where application_name like 'build of%')"


async def test_while_one_runs_another_is_refused_in_plain_words(certificates: DepartmentDatabase) -> None:
    async with only_builder(certificates.app_url, CITIZENS):
        code, output, errors = await tongban("rebuild", "certificates", "citizens")
    assert (code, output, errors) == (1, "", "tongban: another process builds citizens right now\n")


async def test_what_does_not_exist_is_told() -> None:
    code, _, errors = await tongban("rebuild", "certificates", "weather")
    assert code == 1
    assert "certificates has no read model weather; it has " in errors
    assert ", citizens, " in errors
    code, _, errors = await tongban("rebuild", "certificates")
    assert code == 2
    assert "name a read model, or say --all" in errors


async def test_a_database_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CERTIFICATES_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    monkeypatch.setenv("CERTIFICATES_KEY_MASTER_FILE", str(key_master_file()))
    code, _, errors = await tongban("rebuild", "certificates", "citizens")
    assert (code, errors) == (1, "tongban: the database of certificates gave up (ConnectionRefusedError): try again\n")
