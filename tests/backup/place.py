"""A stopped stack's data directory with a PostgreSQL of its own, and departments' databases that hold events."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

import asyncpg

from deploy import known_stack
from deploy.backup.archive import WalArchive
from deploy.backup.keys import Identities, Recipients, identities_of, needed_recipients
from deploy.backup.make import make
from deploy.backup.restore import restore
from deploy.backup.servers import Server, embedded
from deploy.backup.store import Backup
from deploy.embedded.department_database import DepartmentDatabase
from deploy.embedded.ports import free_port
from deploy.embedded.postgres import Postgres
from deploy.known_stack import KnownStack
from deploy.names import PLACES
from deploy.runner import stack_file
from deploy.runner.stack_file import StackRecord
from shared.eventstore.database import connect_pool
from shared.eventstore.ledger_keeper import LedgerKeeper
from shared.eventstore.sequencer import NUMBER
from tests.department import running
from tests.until import until

ADD = """
with added as (
  insert into events (stream, version, id, type, schema, data, metadata, recorded_at)
  select 'note-' || gen_random_uuid(), 1, gen_random_uuid(), $2, 1,
         json_build_object('text', 'number ' || n), '{"actor": "citizen:1"}', clock_timestamp()
  from generate_series(1, $1::int) n returning stream, version, recorded_at
)
insert into outbox (stream, version) select stream, version from added order by recorded_at
"""
RECEIVED = "select restart_lsn >= pg_current_wal_flush_lsn() from pg_replication_slots where active"


class Place:
    """`data_dir`: what a person names; `to`: where backups go."""

    def __init__(self, data_dir: Path, names: Sequence[str]) -> None:
        self.data_dir = data_dir
        self.to = data_dir.with_name("backups")
        data_dir.mkdir(mode=0o700)
        self.recipients = needed_recipients(data_dir, None, lambda _: None)
        self.identities = identities_of(data_dir, None)
        self.port = free_port()
        ports = {**dict.fromkeys(PLACES, 9), "postgres": self.port}
        stack_file.keep(data_dir, StackRecord(ports, tuple(names)))
        self.postgres = Postgres(data_dir / "postgres", self.port)
        self.databases: dict[str, DepartmentDatabase] = {}

    @property
    def stack(self) -> KnownStack:
        return known_stack.find(self.data_dir, {})

    @property
    def server(self) -> Server:
        return embedded(self.stack, self.data_dir)

    async def begin(self) -> None:
        await self.postgres.start()
        for name in self.stack.departments:
            self.databases[name] = await self.postgres.create_department(name)
            service = import_module(f"services.{name}.service").SERVICE
            async with running(service, self.databases[name], key_known=False):
                pass  # lays the schema and the read models

    async def back_up(self) -> Backup:
        return await make(self.server, self.to, self.recipients, tell=lambda _: None)

    async def put_back(self, backup: Backup, identities: Identities) -> None:
        """All of it, to the end of its archive."""
        names = list(backup.manifest.departments)
        await restore(self.server, names, backup, identities, None, tell=lambda _: None)

    def archive(self, recipients: Recipients | None = None) -> WalArchive:
        return WalArchive(Server(self.postgres.url(), ()), self.to, recipients or self.recipients)

    async def received(self) -> None:
        """All that the server holds is in the archive."""
        connection = await asyncpg.connect(self.postgres.url())
        try:
            await until(lambda: connection.fetchval(RECEIVED), what="all is archived")
        finally:
            await connection.close()

    async def add(self, name: str, events: int) -> None:
        """Store, number and enter into the ledger."""
        async with await connect_pool(self.databases[name].app_url, name="test", max_size=2) as pool:
            await pool.execute(ADD, events, f"{name}.Noted")
            await pool.fetch(NUMBER, 10_000, [f"{name}.Noted"], ["notes"], 0, None)
            await LedgerKeeper(pool).keep()

    async def events(self, name: str) -> int:
        connection = await asyncpg.connect(self.databases[name].app_url)
        try:
            count: int = await connection.fetchval("select count(*) from log")
            return count
        finally:
            await connection.close()


@asynccontextmanager
async def placed(directory: Path, *names: str) -> AsyncIterator[Place]:
    place = Place(directory / "stack", names)
    await place.begin()
    try:
        yield place
    finally:
        await place.postgres.stop()
