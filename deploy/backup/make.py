"""Makes a backup of one server: a base backup by PostgreSQL's own program, and a manifest."""

import hashlib
import importlib.metadata
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import orjson

from deploy.backup import manifest as manifests
from deploy.backup import programs, wal
from deploy.backup.manifest import Figures, Manifest, Progress
from deploy.backup.servers import Server
from deploy.backup.store import Backup, SystemFolder
from deploy.embedded.department_database import with_database
from deploy.runner.errors import StackError
from shared.eventstore.database import connect_pool
from shared.eventstore.ledger import Ledger

FILES = ("base.tar.gz", "pg_wal.tar.gz", "backup_manifest")
HEADS = "select feed, max(sequence) as head from log where feed is not null group by feed"
LEFT = "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = $1"
EPOCH = "select coalesce(max(number), 1) from epochs"
_DONE = re.compile(r"(\d+)/(\d+) kB")

Tell = Callable[[str], None]


async def make(server: Server, to: Path, *, tell: Tell, progress: Progress = lambda _done, _total: None) -> Backup:
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
            await _base_backup(server, folder, draft, progress)
            timeline, start, end = _range(draft)
            manifest = Manifest(
                release=importlib.metadata.version("tongban"),
                postgres=version,
                system=system,
                timeline=timeline,
                segment=wal.segment_at(timeline, start).name,
                start_lsn=start,
                end_lsn=end,
                begun_at=begun,
                ended_at=datetime.now(UTC),
                departments=figures,
                files=manifests.sums(draft, FILES),
            )
            manifests.write(draft, manifest)
            draft.rename(folder.base / name)
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


async def _base_backup(server: Server, folder: SystemFolder, draft: Path, progress: Progress) -> None:
    session = f"tongban backup {hashlib.sha256(str(folder.path.resolve()).encode()).hexdigest()[:16]}"
    await _end_left(server, session)

    def said(text: str) -> None:
        for done, total in _DONE.findall(text):
            progress(int(done), int(total))

    options = ("--format=tar", "--gzip", "--wal-method=stream", "--checkpoint=fast", "--progress", "--label=tongban")
    arguments = ("--dbname", server.url_without_password, "--pgdata", draft, *options)
    await programs.run("pg_basebackup", *arguments, password=server.password, session=session, said=said)
    _require_all(draft)


async def _end_left(server: Server, session: str) -> None:
    """Of a run into this folder that was killed: its program's child would receive and hold the archive for ever."""
    connection = await asyncpg.connect(server.url, timeout=10)
    try:
        await connection.fetchval(LEFT, session)
    finally:
        await connection.close()


def _require_all(draft: Path) -> None:
    for file in draft.iterdir():
        file.chmod(0o600)
    if missing := [name for name in FILES if not (draft / name).exists()]:
        raise StackError(f"pg_basebackup wrote no {', '.join(missing)}")
    if any(draft.glob("[0-9]*.tar.gz")):
        raise StackError("the server has tablespaces beside its data directory: they are not backed up by this command")


def _range(draft: Path) -> tuple[int, str, str]:
    """Timeline, first and last place of the write-ahead log that the base backup itself needs."""
    last = orjson.loads((draft / "backup_manifest").read_bytes())["WAL-Ranges"][-1]
    return last["Timeline"], last["Start-LSN"], last["End-LSN"]
