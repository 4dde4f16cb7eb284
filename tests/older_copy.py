"""A department's database replaced by an older copy of itself, as when a backup is restored."""

import asyncpg

from deploy.embedded.department_database import DepartmentDatabase, with_database

_END = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1"


async def take(database: DepartmentDatabase) -> None:
    """Keep a copy of it as it is now."""
    await _run(
        database,
        f"drop database if exists {database.name}_old",
        f"create database {database.name}_old template {database.name} owner {database.owner}",
    )


async def put_back(database: DepartmentDatabase) -> None:
    """The copy takes its place."""
    await _run(
        database,
        f"drop database {database.name} with (force)",
        f"alter database {database.name}_old rename to {database.name}",
        f"revoke all on database {database.name} from public",
        f"grant connect, temporary on database {database.name} to {database.app}",
        f"grant create on database {database.name} to {database.app}",
    )


async def _run(database: DepartmentDatabase, *statements: str) -> None:
    connection = await asyncpg.connect(with_database(database.admin_url, "postgres"))
    try:
        await connection.execute("set statement_timeout = '30s'")
        await connection.fetch(_END, database.name)
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
