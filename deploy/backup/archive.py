"""The archive of a server's write-ahead log, as it is written: PostgreSQL's own receiver, kept alive, and what encrypts
each segment that it has finished.

It streams, so what a crash takes is what the server had not sent yet: less than a second of it, instead of the rest of
a segment. It is the same for a server here, in a container or elsewhere, and needs nothing of the server but a login.

The server keeps for the receiver's slot what it has not got, up to `max_slot_wal_keep_size`; beyond that it gives the
archive up rather than its own disk, and a new backup begins it again. When a segment cannot be encrypted or stored, the
receiver is ended: rather does the server keep what is written than the spool, in plain.
"""

import asyncio
from contextlib import suppress
from pathlib import Path

import asyncpg

from deploy.backup import programs, wal
from deploy.backup.keys import Recipients
from deploy.backup.make import identified
from deploy.backup.servers import Server
from deploy.backup.spool import Spool
from deploy.backup.store import SystemFolder
from deploy.embedded.errors import ServerFailed
from deploy.embedded.process import ServerProcess
from deploy.private_file import make_private
from deploy.runner.errors import StackError
from shared.eventstore.archive import SLOT
from shared.eventstore.tasks import end

READY_WITHIN = 30.0  # seconds
CAUGHT_UP_WITHIN = 5.0  # seconds that the end of a stack waits for the last events to be archived
ASK_EVERY = "1"  # seconds between reports to the server
SEAL_EVERY = 0.5  # seconds between looks for finished segments

TIMELINE = "select substr(pg_walfile_name(pg_current_wal_flush_lsn()), 1, 8)"
END = "select pg_current_wal_flush_lsn()::text"
SLOT_STATE = "select active, wal_status from pg_replication_slots where slot_name = $1"
IS_ACTIVE = "select exists (select from pg_replication_slots where slot_name = $1 and active)"
HAS_ALL = "select restart_lsn >= $2::text::pg_lsn from pg_replication_slots where slot_name = $1"


class WalArchive:
    """Startable, as a server is. `gaps` tells what a start found to be lost."""

    def __init__(self, server: Server, to: Path, recipients: Recipients) -> None:
        self._server = server
        self._to = to.resolve()
        self._recipients = recipients
        self._process: ServerProcess | None = None
        self._sealing: asyncio.Task[None] | None = None
        self._timeline = ""
        self.gaps: list[str] = []

    async def start(self) -> None:
        """Returns when it receives. ServerFailed: the server does not answer, its history is another one, or what was
        received cannot be stored."""
        await self._end_sealing()
        try:
            name, _ = await identified(self._server)
            system = SystemFolder(self._to / name)
            connection = await asyncpg.connect(self._server.url, timeout=10)
            try:
                self._spool = Spool(system.spool, system.wal, self._recipients)
                self._timeline = await connection.fetchval(TIMELINE)
                await self._prepare(connection, system)
                if self._process is not None:
                    self._process.kill()
                self._process = self._receiver(system.spool / self._timeline)
                await self._process.start(
                    prepare=lambda: self._spool.seal_left(self._timeline),
                    is_ready=lambda: _is_active(connection),
                    timeout=READY_WITHIN,
                )
            finally:
                connection.terminate()
        except (StackError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise ServerFailed(f"the archive of the write-ahead log cannot be kept: {error}") from None
        self._sealing = asyncio.create_task(self._seal(self._process), name="encrypt the archive")

    async def stop(self) -> None:
        """When all that the server holds is archived and encrypted, or cannot be."""
        if self._process is None:
            return
        if self._process.is_running:
            await self._catch_up()
        await self._process.stop()
        await self._end_sealing()
        with suppress(OSError):  # it stays in the spool, and the next start tells why
            await asyncio.to_thread(self._spool.seal_all, self._timeline)

    def kill(self) -> None:
        if self._sealing is not None:
            self._sealing.cancel()
        if self._process is not None:
            self._process.kill()

    @property
    def is_running(self) -> bool:
        is_sealing = self._sealing is not None and not self._sealing.done()
        return self._process is not None and self._process.is_running and is_sealing

    @property
    def pid(self) -> int:
        if self._process is None:
            raise ServerFailed("the archive is not running")
        return self._process.pid

    async def _seal(self, process: ServerProcess) -> None:
        """Ends only with the receiver."""
        try:
            while True:
                await asyncio.to_thread(self._spool.seal_finished, self._timeline)
                await asyncio.sleep(SEAL_EVERY)
        except OSError:
            process.kill()  # the next start tells why

    async def _end_sealing(self) -> None:
        if self._sealing is not None:
            await end(self._sealing)
            self._sealing = None

    async def _prepare(self, connection: asyncpg.Connection, system: SystemFolder) -> None:
        """A folder for each timeline: another one begins where a restored or promoted server goes on."""
        folder = system.wal / self._timeline
        make_private(folder)
        make_private(system.spool / self._timeline)
        slot = await connection.fetchrow(SLOT_STATE, SLOT)
        if slot is not None and slot["wal_status"] in {"lost", "unreserved"} and not slot["active"]:
            await connection.execute("select pg_drop_replication_slot($1)", SLOT)
            slot = None
            self._tell_gap(folder, "the server had to give up what the archive had not got")
        if slot is None:
            await connection.execute("select pg_create_physical_replication_slot($1, true)", SLOT)
            now = wal.segment_at(int(self._timeline, 16), await connection.fetchval(END))
            self._begin(folder, system.spool / self._timeline, now)

    def _begin(self, folder: Path, received: Path, now: wal.Segment) -> None:
        """A new slot has nothing from before. Segments that follow on it without a gap stay in use; others are put
        aside, or the receiver would ask for what the server has not got any more."""
        files = [*folder.iterdir(), *received.iterdir()]
        held = [one for file in files if (one := wal.segment(file.name)) is not None]
        if held and max(held).number > now.number:
            raise ServerFailed(
                f"the archive in {folder} is ahead of the server, which was put back without `tongban restore`: "
                "move this folder away, then make a new backup"
            )
        if held and max(held).number < now.number - 1:
            self._tell_gap(folder, "its slot at the server was gone")
            self._spool.seal_all(self._timeline)
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
