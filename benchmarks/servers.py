"""PostgreSQL and NATS of this run: embedded, with a disk behind them, synced as in production."""

import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from deploy.embedded.department_database import DepartmentDatabase
from deploy.embedded.nats import Nats
from deploy.embedded.ports import free_port
from deploy.embedded.postgres import Postgres

# When a transaction was committed, told by the server itself: what commit -> visible is measured with.
_SETTINGS = {"track_commit_timestamp": "on", "max_wal_size": "4GB", "shared_buffers": "256MB"}


@dataclass(frozen=True)
class Servers:
    """One of each, and a directory for what the departments need on disk."""

    postgres: Postgres
    nats: Nats
    directory: Path

    async def department(self) -> DepartmentDatabase:
        """A fresh database."""
        return await self.postgres.create_department(f"bench_{secrets.token_hex(4)}")

    @asynccontextmanager
    async def slow_commits(self, microseconds: int) -> AsyncIterator[None]:
        """Every commit of the server waits this long, as on a disk with slow syncs."""
        await self._set_commit_delay(microseconds)
        try:
            yield
        finally:
            await self._set_commit_delay(0)

    async def _set_commit_delay(self, microseconds: int) -> None:
        connection = await asyncpg.connect(self.postgres.url())
        try:
            await connection.execute(f"alter system set commit_delay = {microseconds}")
            await connection.execute(f"alter system set commit_siblings = {0 if microseconds else 5}")
            await connection.execute("select pg_reload_conf()")
        finally:
            await connection.close()


@asynccontextmanager
async def running_servers() -> AsyncIterator[Servers]:
    """Stopped and removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="tongban-bench-") as name:
        directory = Path(name)
        postgres = Postgres(directory / "postgres", free_port(), settings=_SETTINGS)
        nats = Nats(directory / "nats", free_port(), sync_interval="always")
        await postgres.start()
        try:
            await nats.start()
            try:
                yield Servers(postgres, nats, directory)
            finally:
                await nats.stop()
        finally:
            await postgres.stop()
