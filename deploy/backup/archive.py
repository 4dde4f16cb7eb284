"""The archive of a server's write-ahead log, as it is written: PostgreSQL's own receiver, kept alive.

It streams, so what a crash takes is what the server had not sent yet: less than a second of it, instead of the rest of
a segment. It is the same for a server here, in a container or elsewhere, and needs nothing of the server but a login.

The server keeps for the receiver's slot what it has not got, up to `max_slot_wal_keep_size`; beyond that it gives the
archive up rather than its own disk, and a new backup begins it again.
"""

import asyncio
from pathlib import Path

import asyncpg

from deploy.backup import programs, wal
from deploy.backup.make import identified
from deploy.backup.servers import Server
from deploy.backup.store import SystemFolder
from deploy.embedded.errors import ServerFailed
from deploy.embedded.process import ServerProcess
from deploy.private_file import make_private
from deploy.runner.errors import StackError
from shared.eventstore.archive import SLOT

READY_WITHIN = 30.0  # seconds
CAUGHT_UP_WITHIN = 5.0  # seconds that the end of a stack waits for the last events to be archived
ASK_EVERY = "1"  # seconds between reports to the server

TIMELINE = "select substr(pg_walfile_name(pg_current_wal_flush_lsn()), 1, 8)"
END = "select pg_current_wal_flush_lsn()::text"
SLOT_STATE = "select active, wal_status from pg_replication_slots where slot_name = $1"
IS_ACTIVE = "select exists (select from pg_replication_slots where slot_name = $1 and active)"
HAS_ALL = "select restart_lsn >= $2::text::pg_lsn from pg_replication_slots where slot_name = $1"


class WalArchive:
    """Startable, as a server is. `gaps` tells what a start found to be lost."""

    def __init__(self, server: Server, to: Path) -> None:
        self._server = server
        self._to = to.resolve()
        self._process: ServerProcess | None = None
        self.gaps: list[str] = []

    async def start(self) -> None:
        """Returns when it receives. ServerFailed: the server does not answer, or its history is another one."""
        try:
            system, _ = await identified(self._server)
            connection = await asyncpg.connect(self._server.url, timeout=10)
            try:
                folder = await self._prepare(connection, SystemFolder(self._to / system))
                self._process = self._receiver(folder)
                await self._process.start(
                    prepare=lambda: None, is_ready=lambda: _is_active(connection), timeout=READY_WITHIN
                )
            finally:
                connection.terminate()
        except (StackError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise ServerFailed(f"the archive of the write-ahead log cannot be kept: {error}") from None

    async def stop(self) -> None:
        """When all that the server holds is archived, or cannot be."""
        if self._process is None:
            return
        if self._process.is_running:
            await self._catch_up()
        await self._process.stop()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.is_running

    @property
    def pid(self) -> int:
        if self._process is None:
            raise ServerFailed("the archive is not running")
        return self._process.pid

    async def _prepare(self, connection: asyncpg.Connection, system: SystemFolder) -> Path:
        """A folder for each timeline: another one begins where a restored or promoted server goes on."""
        timeline: str = await connection.fetchval(TIMELINE)
        folder: Path = system.wal / timeline
        make_private(folder)
        slot = await connection.fetchrow(SLOT_STATE, SLOT)
        if slot is not None and slot["wal_status"] in {"lost", "unreserved"} and not slot["active"]:
            await connection.execute("select pg_drop_replication_slot($1)", SLOT)
            slot = None
            self._tell_gap(folder, "the server had to give up what the archive had not got")
        if slot is None:
            await connection.execute("select pg_create_physical_replication_slot($1, true)", SLOT)
            self._begin(folder, wal.segment_at(int(timeline, 16), await connection.fetchval(END)))
        return folder

    def _begin(self, folder: Path, now: wal.Segment) -> None:
        """A new slot has nothing from before. Segments that follow on it without a gap stay in use; others are put
        aside, or the receiver would ask for what the server has not got any more."""
        held = [one for file in folder.iterdir() if (one := wal.segment(file.name)) is not None]
        if held and max(held).number > now.number:
            raise ServerFailed(
                f"the archive in {folder} is ahead of the server, which was put back without `tongban restore`: "
                "move this folder away, then make a new backup"
            )
        if held and max(held).number < now.number - 1:
            self._tell_gap(folder, "its slot at the server was gone")
            folder.rename(folder.with_name(f"{folder.name}-until-{max(held).name}"))
            folder.mkdir(mode=0o700)

    def _tell_gap(self, folder: Path, why: str) -> None:
        self.gaps.append(f"the archive in {folder} has a gap ({why}): make a new backup")

    def _receiver(self, folder: Path) -> ServerProcess:
        where = ("--dbname", self._server.url_without_password, "--directory", str(folder))
        options = ("--slot", SLOT, "--synchronous", "--no-loop", "--status-interval", ASK_EVERY)
        return ServerProcess(
            [programs.program("pg_receivewal"), *where, *options],
            home=folder.parent,
            directory=folder,
            environment=programs.environment(self._server.password),
        )

    async def _catch_up(self) -> None:
        try:
            async with asyncio.timeout(CAUGHT_UP_WITHIN):
                connection = await asyncpg.connect(self._server.url)
                try:
                    end = await connection.fetchval(END)
                    while not await connection.fetchval(HAS_ALL, SLOT, end):  # noqa: ASYNC110 - no signal
                        await asyncio.sleep(0.01)
                finally:
                    connection.terminate()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):  # TimeoutError is an OSError
            return


async def _is_active(connection: asyncpg.Connection) -> bool:
    found: bool = await connection.fetchval(IS_ACTIVE, SLOT)
    return found
