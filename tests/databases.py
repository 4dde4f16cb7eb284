"""Fresh databases for tests, cheaply: a database is emptied and used again rather than dropped.

Creating one writes 300 files (40 ms), and file systems such as ext4 slow down tenfold when that many are
deleted and made again within seconds.
"""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from deploy.embedded.department_database import (
    DepartmentDatabase,
    create_department_database,
    drop_department_database,
)

_DISCONNECT_OTHERS = """
select pg_terminate_backend(pid, 5000) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
"""
# 16384: the first oid that is not PostgreSQL's own
_IS_AS_NEW = """
select to_regnamespace('public') is not null
   and not exists (select from pg_class where oid >= 16384)
   and not exists (select from pg_proc where oid >= 16384)
   and not exists (select from pg_type where oid >= 16384)
   and not exists (select from pg_extension where oid >= 16384)
   and not exists (select from pg_namespace where oid >= 16384 and nspname !~ '^pg_(toast_)?temp_')
   and not exists (
       select from pg_db_role_setting left join pg_database d on d.oid = setdatabase
                                        left join pg_roles r on r.oid = setrole
       where datname = current_database() or rolname in (current_database(), current_database() || '_owner')
   )
"""


class Databases:
    """Databases of one server. `admin_url` logs in with the rights CREATEDB and CREATEROLE."""

    def __init__(self, admin_url: str) -> None:
        self._admin_url = admin_url
        self._idle: list[DepartmentDatabase] = []

    @asynccontextmanager
    async def fresh(self) -> AsyncIterator[DepartmentDatabase]:
        """An empty database with two roles of its own; taken back afterwards."""
        database = self._idle.pop() if self._idle else await self._create()
        try:
            yield database
        finally:
            if await _is_emptied(database):
                self._idle.append(database)
            else:
                await drop_department_database(self._admin_url, database.name)

    async def drop_all(self) -> None:
        """Leave the server as it was found."""
        while self._idle:
            await drop_department_database(self._admin_url, self._idle.pop().name)

    async def _create(self) -> DepartmentDatabase:
        name, owner_password, app_password = (secrets.token_hex(8) for _ in range(3))
        return await create_department_database(
            self._admin_url, f"test_{name}", owner_password=owner_password, app_password=app_password
        )


async def _is_emptied(database: DepartmentDatabase) -> bool:
    connection = await asyncpg.connect(database.admin_url)
    try:
        await connection.execute(_DISCONNECT_OTHERS)
        await connection.execute(f"drop owned by {database.owner}, {database.app} cascade")
        await connection.execute(f"grant connect, temporary on database {database.name} to {database.app}")
        return bool(await connection.fetchval(_IS_AS_NEW))
    finally:
        await connection.close()
