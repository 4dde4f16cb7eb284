"""Unpacks a backup and lets PostgreSQL replay what was archived after it."""

import asyncio
import io
import os
import shutil
import tarfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import asyncpg

from deploy.backup import manifest as manifests
from deploy.backup import seal, wal
from deploy.backup.keys import Identities
from deploy.backup.manifest import Progress
from deploy.backup.store import Backup
from deploy.embedded.account import unprivileged_account
from deploy.embedded.errors import ServerFailed
from deploy.embedded.passwords import PasswordFile
from deploy.embedded.postgres import Postgres
from deploy.runner.errors import StackError

FETCHED = "archived_wal"  # in the cluster, where the server's account can read
LONGEST = 24 * 3600.0  # seconds of replaying
LOOK = 0.02
LOOKS = 3  # at the archive, for one file
REPLAYED = "select pg_is_in_recovery() as recovering, pg_last_xact_replay_timestamp() as replayed"

Tell = Callable[[str], None]


def nothing(_done: int, _total: int) -> None:
    pass


async def recovered(
    backup: Backup,
    home: Path,
    port: int,
    identities: Identities,
    *,
    at: datetime | None,
    tell: Tell,
    progress: Progress = nothing,
) -> Postgres:
    """A running server in `home`, which holds `passwords.json` and nothing else yet; it has ended its recovery.

    StackError: a file is damaged or for another key, or the archive ends before the moment.
    """
    identities.require_one_of(backup.manifest.recipients, str(backup.folder))
    tell(f"checking {backup.folder}")
    await asyncio.to_thread(manifests.require_whole, backup.folder, backup.manifest, progress)
    archived = _archived(backup, at, tell)
    tell("unpacking")
    try:
        await asyncio.to_thread(_unpack, backup, home, archived, identities)
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
        why = getattr(error, "strerror", None) or error
        raise StackError(f"{backup.folder} cannot be unpacked into {home}: {why}") from None
    settings = {
        "restore_command": f'cp "{FETCHED}/%f" "%p"',
        "recovery_target_timeline": "latest",
        "recovery_target_action": "promote",
        **({} if at is None else {"recovery_target_time": at.isoformat(sep=" ")}),
    }
    tell(f"replaying what was written until {at.isoformat() if at else 'the end of the archive'}")
    server = Postgres(home, port, settings=settings)
    await _replay(server, at, tell)
    shutil.rmtree(home / "cluster" / FETCHED)
    return server


async def _replay(server: Postgres, at: datetime | None, tell: Tell) -> None:
    try:
        await server.start(timeout=LONGEST)
        last: datetime | None = None
        while True:
            connection = await asyncpg.connect(server.url(), timeout=60)
            try:
                now = await connection.fetchrow(REPLAYED)
            finally:
                await connection.close()
            assert now is not None
            last = now["replayed"] or last
            if not now["recovering"]:
                break
            await asyncio.sleep(LOOK)
    except (ServerFailed, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        said = server.log_tail(40)
        await server.stop()
        if shutil.disk_usage(server.home).free < wal.SIZE:
            raise StackError(f"no room is left on the disk of {server.home} to replay the archive: make some") from None
        if "recovery ended before configured recovery target was reached" in said:
            moment = at.isoformat() if at else "its end"
            raise StackError(
                f"nothing that was archived is later than {moment}: leave out --at to restore all of it"
            ) from None
        raise StackError(f"PostgreSQL did not recover ({type(error).__name__}); its log ends with:\n{said}") from None
    tell(f"replayed{f' until {last.isoformat()}' if last else ''}")


def _archived(backup: Backup, at: datetime | None, tell: Tell) -> dict[str, Sequence[Path]]:
    found, missing = backup.archive()
    if missing is not None and at is None:
        raise StackError(
            f"the archive has a gap: {missing.name} and what follows is not there. A later backup may do, or an "
            "earlier --at with a backup before the gap; to restore up to it, move what follows out of the archive"
        )
    if missing is not None:  # the moment may lie before it
        tell(f"the archive has a gap: {missing.name} is not there; what follows it is left out")
        found = {name: files for name, files in found.items() if wal.is_before(name, missing)}
    if not any(wal.segment(name) for name in found) and at is None:
        tell("there is no archive after this backup: it is restored as it was when it was made")
    return found


def _unpack(backup: Backup, home: Path, archived: Mapping[str, Sequence[Path]], identities: Identities) -> None:
    cluster, fetched = home / "cluster", home / "cluster" / FETCHED
    cluster.mkdir(mode=0o700)
    for name in backup.manifest.files:
        with seal.opened(backup.folder / name, identities) as stream, tarfile.open(fileobj=stream, mode="r|gz") as tar:
            tar.extractall(cluster, filter="data")
    fetched.mkdir(mode=0o700)
    for name, files in archived.items():
        _fetch(backup, name, files, fetched / name, identities)
    (cluster / "recovery.signal").touch(mode=0o600)
    (cluster / "postgresql.auto.conf").write_text("")  # what the server was told there was of its own place
    account = unprivileged_account()
    for path in (cluster, *cluster.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
        if account is not None:
            os.chown(path, account.uid, account.gid)


def _fetch(backup: Backup, name: str, files: Sequence[Path], target: Path, identities: Identities) -> None:
    """While the archive goes on, a file may be encrypted and moved between the look and the reading."""
    for again in range(LOOKS):
        try:
            bring(files, target, identities)
        except FileNotFoundError:
            if again == LOOKS - 1:
                raise
            files = backup.archive()[0][name]
        else:
            return


def bring(files: Sequence[Path], target: Path, identities: Identities) -> None:
    """In plain. Of parts of one segment the longest, filled up. StackError: one is for another key, or damaged."""
    if not wal.is_partial(files[0].name):
        with target.open("wb") as out:
            _read(files[0], out, identities)
        return
    parts = []
    for file in files:
        part = io.BytesIO()
        _read(file, part, identities)
        parts.append(part.getvalue().rstrip(b"\0"))
    target.write_bytes(max(parts, key=len).ljust(wal.SIZE, b"\0"))


def _read(file: Path, out: seal.Writable, identities: Identities) -> None:
    if file.name.endswith(wal.SEALED):
        seal.decrypt(file, out, identities)
        return
    with file.open("rb") as source:
        shutil.copyfileobj(source, out)


def copy_passwords(source: Path, home: Path, **others: str) -> None:
    """Logins of the server that was backed up are those of what comes out of it."""
    home.mkdir(mode=0o700)
    PasswordFile(home / "passwords.json").keep({**PasswordFile(source / "passwords.json").all(), **others})
