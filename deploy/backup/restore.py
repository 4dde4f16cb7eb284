"""Puts a backup back into the data directory of a stack that `tongban up` runs.

A whole server is replaced by its restored data directory; the old one is kept beside it. Of a server that holds others
as well, one department is restored by itself: out of a restored server that is thrown away, into a database that takes
the place of the old one, which is kept under another name.
"""

import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from deploy.backup import programs, seal, wal
from deploy.backup.keys import Identities, Recipients
from deploy.backup.manifest import Progress
from deploy.backup.recover import Tell, copy_passwords, nothing, recovered
from deploy.backup.servers import ADMINISTRATOR, Server
from deploy.backup.store import Backup
from deploy.embedded.claim import DirectoryClaim, leftovers
from deploy.embedded.department_database import with_database
from deploy.embedded.errors import InUse, ServerFailed
from deploy.embedded.passwords import PasswordFile
from deploy.embedded.ports import free_port
from deploy.embedded.postgres import Postgres
from deploy.private_file import make_private
from deploy.runner.errors import StackError

JOBS = "2"  # of pg_restore, at once
SESSIONS = """
select count(*) from pg_stat_activity where datname = $1 and backend_type = 'client backend' and pid <> pg_backend_pid()
"""
_CURRENT = re.compile(r"^Latest checkpoint's REDO WAL file: +([0-9A-F]{24})$", re.MULTILINE)
NOT_IN_IT = (
    "not in a backup, because it lies outside PostgreSQL: ledger keys, the master key, signing keys, passwords and "
    "stack.json. What is there is used; what is lost has to come from where you keep the secrets"
)
LATER = (
    "what was accepted after that comes back, or is named, if the broker or a neighbour was given it and still has it; "
    "of what nobody else has, nothing is left to name or count it by: ask those who sent it"
)


async def restore(
    server: Server,
    names: Collection[str],
    backup: Backup,
    identities: Identities,
    at: datetime | None,
    *,
    tell: Tell,
    progress: Progress = nothing,
    recipients: Recipients | None = None,
) -> None:
    """`recipients`: of the archive from now on, else whoever restores. StackError: it runs, or cannot be restored; then
    everything is as it was."""
    assert server.home is not None
    identities.require_one_of(backup.manifest.recipients, str(backup.folder))
    held = set(backup.manifest.departments)
    _require_release(server, backup)
    tell(NOT_IN_IT)
    if set(names) >= held:
        await _whole(server.home, backup, identities, recipients or identities.recipients, at, tell, progress)
    elif not (server.home / "cluster").exists():
        others = ", ".join(sorted(held - set(names)))
        raise StackError(f"the server's data directory is gone, and {others} with it: name all that it held")
    else:
        for name in names:
            await _require_not_in_use(server, name)
        for name in names:
            await _alone(server, server.home, name, backup, identities, at, tell, progress)


def _require_release(server: Server, backup: Backup) -> None:
    try:
        release = int((Path(server.home or "") / "cluster" / "PG_VERSION").read_text())
    except (OSError, ValueError):
        return  # it is gone; the server itself refuses what it does not understand
    if release != backup.manifest.major:
        raise StackError(f"the backup is of PostgreSQL {backup.manifest.major}, and here runs {release}")


async def _whole(
    home: Path,
    backup: Backup,
    identities: Identities,
    recipients: Recipients,
    at: datetime | None,
    tell: Tell,
    progress: Progress,
) -> None:
    with _claimed(home):
        draft = home.with_name(f"{home.name}.restoring")
        shutil.rmtree(draft, ignore_errors=True)
        copy_passwords(home, draft)
        try:
            restored = await recovered(backup, draft, free_port(), identities, at=at, tell=tell, progress=progress)
            await restored.stop()
            last = _CURRENT.search(await programs.output("pg_controldata", "--pgdata", draft / "cluster"))
            current = wal.segment(last.group(1)) if last else None
            if current is not None:
                _keep_history(draft / "cluster", current, backup, recipients)
            aside = home / f"cluster.before-{_now()}"
            if (home / "cluster").exists():
                (home / "cluster").rename(aside)
                tell(f"what was there is kept in {aside}: delete it once all is well")
            (draft / "cluster").rename(home / "cluster")
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    names = ", ".join(backup.manifest.departments)
    tell(LATER)
    tell(_next(names, home, ""))


def _keep_history(cluster: Path, current: wal.Segment, backup: Backup, recipients: Recipients) -> None:
    """The archive goes on from the new timeline: where that one branched off, and what it has written in full. The
    receiver brings the current segment itself."""
    directory = cluster / "pg_wal"
    segments = sorted(one for file in directory.iterdir() if (one := wal.segment(file.name)) is not None)
    folder = backup.system.wal / f"{current.timeline:08X}"
    histories = [file for file in directory.iterdir() if wal.is_history(file.name)]
    if not backup.system.wal.exists():
        return  # no archive is kept
    make_private(folder)
    whole = [directory / one.name for one in segments if one.timeline == current.timeline and one < current]
    for file in (*histories, *whole):
        target = folder / f"{file.name}{wal.SEALED}"
        if not target.exists():
            with file.open("rb") as source:
                seal.write_sealed(source, target, recipients)


async def _alone(
    server: Server,
    home: Path,
    name: str,
    backup: Backup,
    identities: Identities,
    at: datetime | None,
    tell: Tell,
    progress: Progress,
) -> None:
    with tempfile.TemporaryDirectory(prefix="restoring-", dir=home.parent) as directory:
        draft = Path(directory) / "postgres"
        copy_passwords(home, draft)
        restored = await recovered(backup, draft, free_port(), identities, at=at, tell=tell, progress=progress)
        try:
            async with _serving(server, home, tell) as url:
                await _require_stopped(url, name)
                await _replace(url, restored, name, Path(directory) / "dump", tell)
        finally:
            await restored.stop()
    tell(LATER)
    tell(_next(name, home, f" {name}"))


async def _replace(url: str, restored: Postgres, name: str, dump: Path, tell: Tell) -> None:
    password = PasswordFile(restored.home / "passwords.json").of(ADMINISTRATOR)
    source, target = (
        Server(one, ()).url_without_password for one in (restored.url(name), with_database(url, f"{name}_restored"))
    )
    connection = await asyncpg.connect(url)
    try:
        tell(f"copying {name} out of the restored server")
        await connection.execute(f"drop database if exists {name}_restored with (force)")
        await connection.execute(f"create database {name}_restored owner {name}_owner template template0")
        dumping = ("--format=custom", "--compress=0", "--file", dump, "--dbname", source)
        await programs.run("pg_dump", *dumping, password=password)
        loading = ("--exit-on-error", "--jobs", JOBS, "--dbname", target, dump)
        await programs.run("pg_restore", *loading, password=password)
        await _require_stopped(url, name)
        aside = f"{name}_before_{_now()}"
        async with connection.transaction():
            await connection.execute(f"revoke all on database {name}_restored from public")
            await connection.execute(f"grant connect, temporary, create on database {name}_restored to {name}")
            await connection.execute(f"alter database {name} rename to {aside}")
            await connection.execute(f"alter database {name}_restored rename to {name}")
        tell(f"what was there is kept as the database {aside}: drop it once all is well")
    except asyncpg.PostgresError as error:
        raise StackError(f"{name} cannot be replaced ({type(error).__name__}): {error}") from None
    finally:
        await connection.close()


async def _require_not_in_use(server: Server, name: str) -> None:
    """Before the long work; a server that does not run serves nobody."""
    try:
        await _require_stopped(server.url, name)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return


async def _require_stopped(url: str, name: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        if await connection.fetchval(SESSIONS, name):
            raise StackError(f"{name} runs, or somebody else uses its database: stop that first")
    finally:
        await connection.close()


@asynccontextmanager
async def _serving(server: Server, home: Path, tell: Tell) -> AsyncIterator[str]:
    """The stack's server: the one that runs, else started for as long as this takes."""
    own = Postgres(home, free_port())
    try:
        await own.start()
    except InUse:
        yield server.url
        return
    except ServerFailed as error:
        raise StackError(str(error)) from None
    tell("started the stack's PostgreSQL for this")
    try:
        yield own.url()
    finally:
        await own.stop()


class _claimed:  # noqa: N801 - reads as what it is
    """The data directory of a server that does not run. StackError: it does."""

    def __init__(self, home: Path) -> None:
        self._home = home
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._claim = DirectoryClaim(home)

    def __enter__(self) -> None:
        try:
            self._claim.take()
        except InUse:
            raise StackError(f"the stack in {self._home.parent} runs: stop it first") from None
        if leftovers("postgres", self._home / "cluster"):
            self._claim.release()
            raise StackError(f"a PostgreSQL still runs in {self._home}: start and stop the stack once")

    def __exit__(self, *_: object) -> None:
        self._claim.release()


def _next(names: str, home: Path, which: str) -> str:
    up = f"tongban up --data {home.parent}"
    return f"restored: {names}. Now: `{up}`, then `tongban backup` again and `tongban verify{which}`"


def _now() -> str:
    return datetime.now(UTC).strftime("%Y%m%dt%H%M%S")
