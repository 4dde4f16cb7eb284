"""Makes a backup of one server: a base backup by PostgreSQL's own program, encrypted as it comes, and a manifest.

What is written to the write-ahead log meanwhile is part of it. A replication slot that lives as long as the session
holds it at the server until then.
"""

import asyncio
import hashlib
import importlib.metadata
import os
import re
import shutil
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from deploy.backup import manifest as manifests
from deploy.backup import programs, seal, wal
from deploy.backup.keys import Recipients
from deploy.backup.manifest import Figures, Manifest, Progress
from deploy.backup.servers import Server
from deploy.backup.store import Backup, SystemFolder
from deploy.embedded.department_database import with_database
from deploy.runner.errors import StackError
from shared.eventstore.database import connect_pool
from shared.eventstore.ledger import Ledger

BASE = "base.tar.gz.age"
HEADS = "select feed, max(sequence) as head from log where feed is not null group by feed"
LEFT = "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = $1"
EPOCH = "select coalesce(max(number), 1) from epochs"
HOLD = "select pg_create_physical_replication_slot($1, true, true)"
_DONE = re.compile(r"(\d+)/(\d+) kB")
_START = re.compile(r"write-ahead log start point: ([0-9A-F]+/[0-9A-F]+) on timeline (\d+)")
_END = re.compile(r"write-ahead log end point: ([0-9A-F]+/[0-9A-F]+)")
_KEPT = 8192  # characters of what the program says

Tell = Callable[[str], None]


async def make(
    server: Server, to: Path, recipients: Recipients, *, tell: Tell, progress: Progress = lambda _done, _total: None
) -> Backup:
    """StackError: the server cannot be reached or backed up; nothing of it is left."""
    system, version = await identified(server)
    folder = SystemFolder(to / system)
    with folder.turn():
        begun = datetime.now(UTC)
        figures = {one.name: await figures_of(server, one.name, one.database) for one in server.departments}
        name = begun.strftime("%Y%m%dT%H%M%S.%fZ")
        draft = folder.base / f".{name}"
        tell(f"backing up {', '.join(figures)}")
        try:
            draft.mkdir(mode=0o700)
            made = await _base_backup(server, folder, draft / BASE, recipients, progress)
            manifest = Manifest(
                release=importlib.metadata.version("tongban"),
                postgres=version,
                system=system,
                timeline=made.timeline,
                segment=wal.segment_at(made.timeline, made.start).name,
                start_lsn=made.start,
                end_lsn=made.end,
                begun_at=begun,
                ended_at=datetime.now(UTC),
                departments=figures,
                recipients=recipients.names,
                files={BASE: made.sum},
            )
            manifests.write(draft, manifest)
            draft.rename(folder.base / name)
            seal.fsync_folder(folder.base)
        except OSError as error:
            shutil.rmtree(draft, ignore_errors=True)
            raise StackError(f"the backup cannot be written to {folder.base}: {error.strerror or error}") from None
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    return Backup(folder.base / name, manifest)


async def identified(server: Server) -> tuple[str, int]:
    """Its identifier and version. StackError: it does not answer, or the login may not."""
    statement = "select system_identifier::text, current_setting('server_version_num')::int from pg_control_system()"
    try:
        connection = await asyncpg.connect(server.url, timeout=10)
        try:
            row = await connection.fetchrow(statement)
        finally:
            await connection.close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        names = ", ".join(one.name for one in server.departments)
        raise StackError(f"the database server of {names} does not answer ({type(error).__name__})") from None
    assert row is not None
    return row[0], row[1]


async def figures_of(server: Server, department: str, url: str | None) -> Figures:
    """StackError: its database cannot be read."""
    try:
        pool = await connect_pool(url or with_database(server.url, department), name="tongban backup", max_size=2)
        async with pool:
            return await read_figures(pool)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise StackError(f"the database of {department} cannot be read ({type(error).__name__})") from None


async def read_figures(pool: Any) -> Figures:
    feeds = {row["feed"]: row["head"] for row in await pool.fetch(HEADS)}
    ledger = Ledger(pool)
    size = await ledger.size()
    root = await ledger.root(size)
    return Figures(ledger_size=size, ledger_root=root.hex(), feeds=feeds, epoch=await pool.fetchval(EPOCH))


@dataclass(frozen=True, slots=True)
class _Made:
    """Timeline, first and last place of the write-ahead log that the base backup itself needs; SHA-256 of the file."""

    timeline: int
    start: str
    end: str
    sum: str


class _Told:
    """Hears what the program says, which comes in pieces."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._last = ""
        self.start: re.Match[str] | None = None
        self.end: re.Match[str] | None = None

    def __call__(self, piece: str) -> None:
        self._last = (self._last + piece)[-_KEPT:]
        for done, total in _DONE.findall(piece):
            self._progress(int(done), int(total))
        self.start = self.start or _START.search(self._last)
        self.end = _END.search(self._last) or self.end


async def _base_backup(
    server: Server, folder: SystemFolder, file: Path, recipients: Recipients, progress: Progress
) -> _Made:
    mark = hashlib.sha256(str(folder.path.resolve()).encode()).hexdigest()[:16]
    session = f"tongban backup {mark}"
    await _end_left(server, session)
    told = _Told(progress)

    options = ("--format=tar", "--gzip", "--wal-method=fetch", "--checkpoint=fast", "--progress", "--label=tongban")
    arguments = ("--dbname", server.url_without_password, "--pgdata=-", *options, "--verbose")
    async with _held(server, f"tongban_backup_{mark}", session):
        sum = await _encrypted(arguments, server.password, session, told, file, recipients)
    start, end = told.start, told.end
    if start is None or end is None:
        raise StackError("pg_basebackup did not say which part of the write-ahead log the backup needs")
    return _Made(int(start[2]), start[1], end[1], sum)


async def _encrypted(
    arguments: Iterable[str | Path], password: str, session: str, said: programs.Said, file: Path, to: Recipients
) -> str:
    reader, writer = os.pipe()

    def work() -> str:
        with os.fdopen(reader, "rb") as source:
            return seal.write_sealed(source, file, to)

    sealing = asyncio.create_task(asyncio.to_thread(work))
    try:
        try:
            await programs.run(
                "pg_basebackup", *arguments, password=password, session=session, said=said, output_to=writer
            )
        finally:
            os.close(writer)
    except StackError:
        await sealing  # if that failed first, as on a full disk, its error is the cause
        raise
    finally:
        await asyncio.wait([sealing])
    return sealing.result()


@asynccontextmanager
async def _held(server: Server, slot: str, session: str) -> AsyncIterator[None]:
    """WAL from now on stays at the server. StackError: it cannot be held."""
    connection = await asyncpg.connect(server.url, timeout=10, server_settings={"application_name": session})
    try:
        await connection.execute(HOLD, slot)
        yield
    except asyncpg.PostgresError as error:
        raise StackError(f"the server does not hold its write-ahead log for the backup: {error}") from None
    finally:
        connection.terminate()


async def _end_left(server: Server, session: str) -> None:
    """Of a run into this folder that was killed: its program's child would receive and hold the archive for ever."""
    connection = await asyncpg.connect(server.url, timeout=10)
    try:
        await connection.fetchval(LEFT, session)
    finally:
        await connection.close()
