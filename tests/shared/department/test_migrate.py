"""The migration job: lays the schema as the owner, ends, and tells what was wrong by its exit code and one line."""

import asyncio
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import asyncpg
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts.errors import Misconfigured
from shared.eventstore import database as of_store
from shared.eventstore.database import MIGRATION_LOCK, NotLaid, connect_pool, migrate, require_schema
from tests.until import until

ROOT = Path(__file__).parents[3]


async def run(environment: Mapping[str, str], *arguments: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shared.department.migrate", *arguments,
        cwd=ROOT, env={"DEPARTMENT": "library", **environment}, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


def urls(database: DepartmentDatabase) -> dict[str, str]:
    return {"DATABASE_URL": database.app_url, "DATABASE_OWNER_URL": database.owner_url}


async def test_the_job_lays_the_schema_and_ends(database: DepartmentDatabase) -> None:
    code, out, err = await run(urls(database))
    assert (code, err) == (0, "")
    assert "0001_" in out
    pool = await connect_pool(database.app_url, name="test")
    await require_schema(pool)
    await pool.close()


async def test_two_jobs_at_once_take_turns(database: DepartmentDatabase) -> None:
    first, second = await asyncio.gather(run(urls(database)), run(urls(database)))
    assert (first[0], second[0]) == (0, 0)
    assert sum("schema migrated" in out for _, out, _ in (first, second)) == 1


async def test_a_job_without_the_owners_login_says_so(database: DepartmentDatabase) -> None:
    code, _, err = await run({"DATABASE_URL": database.app_url})
    assert (code, err) == (2, "the schema of library cannot be laid: DATABASE_OWNER_URL is missing.\n")


async def test_a_job_without_a_database_says_so() -> None:
    nowhere = "postgresql://library:x@127.0.0.1:9/library"
    code, _, err = await run({"DATABASE_URL": nowhere, "DATABASE_OWNER_URL": nowhere})
    assert (code, err) == (
        4,
        "the schema of library cannot be laid: its database does not answer (ConnectionRefusedError)\n",
    )


async def test_a_job_with_the_wrong_login_fails_in_one_line(database: DepartmentDatabase) -> None:
    code, _, err = await run({"DATABASE_URL": database.app_url, "DATABASE_OWNER_URL": database.app_url})
    assert code == 1
    assert err.startswith("the schema of library cannot be laid: InsufficientPrivilegeError")
    assert err.count("\n") == 1


async def test_a_failed_migration_is_named_and_leaves_nothing(
    database: DepartmentDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(database.owner_url, database.app)
    broken = {**of_store._migrations(), "9999_broken.sql": "create table half (); select 1 / 0;"}
    monkeypatch.setattr(of_store, "_migrations", lambda: broken)
    with pytest.raises(NotLaid, match=r"^9999_broken\.sql failed \(DivisionByZeroError, SQLSTATE 22012\)$"):
        await migrate(database.owner_url, database.app)
    owner = await asyncpg.connect(database.owner_url)
    assert await owner.fetchval("select to_regclass('half')") is None
    await owner.close()


async def test_a_table_in_use_by_an_older_neighbour_is_not_waited_for_long(
    database: DepartmentDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(database.owner_url, database.app)
    altering = {**of_store._migrations(), "9999_alters.sql": "alter table events add column later text"}
    monkeypatch.setattr(of_store, "_migrations", lambda: altering)
    monkeypatch.setattr(of_store, "TABLE_WITHIN_MS", 100)
    neighbour = await asyncpg.connect(database.app_url)
    async with neighbour.transaction():
        await neighbour.execute("select from events")
        with pytest.raises(NotLaid, match=r"^9999_alters\.sql waited"):
            await migrate(database.owner_url, database.app)
    await neighbour.close()


async def test_a_schema_of_a_newer_release_is_left_as_it_is(
    database: DepartmentDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = {**of_store._migrations(), "9999_newer.sql": "create table newer ()"}
    with monkeypatch.context() as later:
        later.setattr(of_store, "_migrations", lambda: newer)
        await migrate(database.owner_url, database.app)
    code, out, err = await run(urls(database))
    assert (code, err) == (0, "")
    assert "a newer release has laid the schema" in out
    assert "9999_newer.sql" in out


async def test_a_department_refuses_a_schema_that_lacks_a_migration(
    database: DepartmentDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(database.owner_url, database.app)
    wanted = {**of_store._migrations(), "9999_wanted.sql": ""}
    monkeypatch.setattr(of_store, "_migrations", lambda: wanted)
    pool = await connect_pool(database.app_url, name="test")
    with pytest.raises(Misconfigured, match=r"lacks 9999_wanted\.sql: run `python -m shared\.department\.migrate`"):
        await require_schema(pool)
    await pool.close()


async def test_a_job_waits_for_another_that_lays_the_schema(database: DepartmentDatabase) -> None:
    other = await asyncpg.connect(database.owner_url)
    await other.execute("select pg_advisory_lock($1)", MIGRATION_LOCK)
    job = asyncio.create_task(run(urls(database)))
    waits = "select exists (select from pg_locks where locktype = 'advisory' and not granted)"

    async def waiting() -> bool:
        return bool(await other.fetchval(waits))

    await until(waiting, timeout=60, what="the job waits")
    await other.close()
    assert (await job)[0] == 0


async def lay(database: DepartmentDatabase, monkeypatch: pytest.MonkeyPatch, **later: str) -> None:
    """Migrations of a release that has these as well."""
    with monkeypatch.context() as of_release:
        migrations = {**of_store._migrations(), **{f"{name.removeprefix('m')}.sql": sql for name, sql in later.items()}}
        of_release.setattr(of_store, "_migrations", lambda: migrations)
        await migrate(database.owner_url, database.app)


async def test_a_schema_that_is_not_for_this_release_is_refused(
    database: DepartmentDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    adds, takes = "create table wide ()", "-- oldest: 9998_adds.sql\nalter table inbox drop column type"
    await lay(database, monkeypatch, m9998_adds=adds)
    await lay(database, monkeypatch, m9998_adds=adds, m9999_takes=takes)
    code, _, err = await run(urls(database))
    assert code == 1
    assert "has laid 9999_takes.sql, which is for releases that have 9998_adds.sql" in err
    pool = await connect_pool(database.app_url, name="test")
    with pytest.raises(Misconfigured, match="start one of those"):
        await require_schema(pool)
    await pool.close()
    await lay(database, monkeypatch, m9998_adds=adds)  # the release before runs on it


async def test_what_takes_away_is_not_laid_in_the_release_that_adds(
    database: DepartmentDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(database.owner_url, database.app)
    both = {"m9998_adds": "create table wide ()", "m9999_takes": "-- oldest: 9998_adds.sql\ndrop table drafts"}
    with pytest.raises(NotLaid, match=r"9999_takes\.sql follows 9998_adds\.sql: install the release that has"):
        await lay(database, monkeypatch, **both)


TAKES_AWAY = re.compile(r"\b(drop (table|column|function)|rename|alter column \w+ (type|set not null)|set not null)\b")


@pytest.mark.parametrize("name", sorted(of_store._migrations()))
def test_a_migration_only_adds_or_says_for_whom(name: str) -> None:
    """From 0.2 on the release before runs on what this one lays."""
    statements = of_store._migrations()[name]
    if name > "0013" and of_store.oldest_of(statements) is None:
        assert not TAKES_AWAY.search(statements), "begin it with `-- oldest: <the migration of the release before>`"


async def test_leave_to_go_back_is_given_by_the_job(database: DepartmentDatabase) -> None:
    await migrate(database.owner_url, database.app)
    code, out, _ = await run(urls(database), "--roll-back")
    assert (code, "an older release may take these back" in out) == (0, True)
    owner = await asyncpg.connect(database.owner_url)
    assert await owner.fetchval("select count(*) from roll_backs where used_at is null") == 1
    await owner.close()
    application = await asyncpg.connect(database.app_url)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await application.execute("insert into roll_backs (keeps) values ('')")
    await application.close()


async def test_a_word_that_the_job_does_not_know_is_told(database: DepartmentDatabase) -> None:
    code, _, err = await run(urls(database), "--rollback")
    assert (code, "it does not know --rollback, only --roll-back" in err) == (2, True)
