"""A PostgreSQL with a streaming standby, both on the loopback address."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

import asyncpg

from deploy.backup import programs
from deploy.backup.recover import copy_passwords
from deploy.embedded.account import unprivileged_account
from deploy.embedded.department_database import DepartmentDatabase
from deploy.embedded.ports import free_ports
from deploy.embedded.postgres import Postgres
from tests.until import until

IN_STEP = "select count(*) = 1 from pg_stat_replication where state = 'streaming' and sync_state = $1"
FOLLOW = ("alter system set synchronous_standby_names = '*'", "select pg_reload_conf()")
EVERY_WRITE = {"max_slot_wal_keep_size": "1GB"}


class Pair:
    """`database`: of one department, by an address that names both servers."""

    def __init__(
        self,
        directory: Path,
        *,
        settings: Mapping[str, str] = MappingProxyType({}),
        primary: Postgres | None = None,
    ) -> None:
        """`primary`: one that is there already."""
        both = {**EVERY_WRITE, **settings}
        ports = free_ports(2)
        self.primary = primary or Postgres(directory / "primary", ports[0], settings=both)
        self.standby = Postgres(directory / "standby", ports[1], settings=both)
        self.ports = [self.primary.port, self.standby.port]
        self.database: DepartmentDatabase

    async def start(self, department: str, *, synchronous: bool) -> None:
        await self.primary.start()
        self.database = await self.primary.create_department(department)
        await self.stand_by(synchronous=synchronous)

    async def stand_by(self, *, synchronous: bool) -> None:
        """Give the primary a new standby; whatever the standby's home held goes."""
        shutil.rmtree(self.standby.home, ignore_errors=True)
        copy_passwords(self.primary.home, self.standby.home)
        login = f"postgresql://postgres@127.0.0.1:{self.primary.port}/postgres"
        password = urlsplit(self.primary.url()).password or ""
        options = ("--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync")
        cluster = self.standby.home / "cluster"
        await programs.run("pg_basebackup", "--dbname", login, "--pgdata", cluster, *options, password=password)
        _give_away(cluster)
        await self.standby.start()
        connection = await asyncpg.connect(self.primary.url())
        try:
            for statement in FOLLOW if synchronous else ():
                await connection.execute(statement)
            state = "sync" if synchronous else "async"
            await until(lambda: connection.fetchval(IN_STEP, state), what="the standby is in step")
        finally:
            await connection.close()

    async def stop(self) -> None:
        await self.standby.stop()
        await self.primary.stop()

    async def promote(self) -> None:
        """Does the same as `pg_ctl promote`."""
        connection = await asyncpg.connect(self.standby.url())
        try:
            assert await connection.fetchval("select pg_promote(true, 60)")
        finally:
            await connection.close()

    def swap(self) -> None:
        """The promoted one is the primary from now on."""
        self.primary, self.standby = self.standby, self.primary

    async def part(self) -> None:
        """The standby hears no more of its primary."""
        connection = await asyncpg.connect(self.standby.url())
        try:
            await connection.execute("alter system set primary_conninfo = ''")
            await connection.execute("select pg_reload_conf()")
            alone = "select not exists (select from pg_stat_wal_receiver)"
            await until(lambda: connection.fetchval(alone), what="nothing is received")
        finally:
            await connection.close()

    def url(self, one: str) -> str:
        """The same login, at whichever server may be written to."""
        parts = urlsplit(one)
        login = parts.netloc.rpartition("@")[0]
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        return f"postgresql://{login}@{hosts}{parts.path}?target_session_attrs=read-write"


def _give_away(cluster: Path) -> None:
    account = unprivileged_account()
    for path in (cluster, *cluster.rglob("*")):
        if account is not None:
            os.chown(path, account.uid, account.gid)
