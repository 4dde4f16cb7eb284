"""The folder of backups: `SYSTEM/base/MOMENT/` and `SYSTEM/wal/TIMELINE/`, SYSTEM being a server's own identifier.

Both hold encrypted files. `SYSTEM/spool/TIMELINE/` is where the write-ahead log is received, in plain until a segment
is finished. Everything is readable by its owner only. A backup appears whole, under a name that does not begin with a
dot.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from deploy.backup import manifest as manifests
from deploy.backup import wal
from deploy.backup.manifest import Manifest
from deploy.private_file import make_private
from deploy.runner.errors import StackError


@dataclass(frozen=True, slots=True)
class Backup:
    """One that is whole."""

    folder: Path
    manifest: Manifest

    @property
    def system(self) -> "SystemFolder":
        return SystemFolder(self.folder.parents[1])

    def archive(self) -> tuple[dict[str, Sequence[Path]], wal.Segment | None]:
        """The names of the segments archived after it, as the server asks for them, and the first that is missing."""
        first = wal.segment(self.manifest.segment)
        assert first is not None
        found = dict(wal.needed(self.system.archived(), first))
        last = wal.position(self.manifest.end_lsn) // wal.SIZE
        brought = [wal.Segment(number, first.timeline).name for number in range(first.number, last + 1)]
        return found, wal.gap([*found, *brought, wal.Segment(last, self.manifest.timeline).name], first)

    def restores_until(self) -> datetime:
        """When the newest segment was written that follows on it without a gap; without one, its own end."""
        found, missing = self.archive()
        usable = [
            file
            for name, files in found.items()
            for file in files
            if wal.segment(name) is not None and (missing is None or wal.is_before(name, missing))
        ]
        written = [datetime.fromtimestamp(file.stat().st_mtime).astimezone() for file in usable]
        return max([self.manifest.ended_at.astimezone(), *written])


@dataclass(frozen=True, slots=True)
class SystemFolder:
    """All that is kept of one server."""

    path: Path

    @property
    def base(self) -> Path:
        return self.path / "base"

    @property
    def wal(self) -> Path:
        return self.path / "wal"

    @property
    def spool(self) -> Path:
        return self.path / "spool"

    def backups(self) -> "Found":
        found = Found()
        for folder in sorted(one for one in self.base.glob("[!.]*") if one.is_dir()):
            try:
                found.backups.append(Backup(folder, manifests.read(folder)))
            except StackError as error:
                found.unreadable.append(str(error))
        found.backups.sort(key=lambda one: one.manifest.ended_at)
        return found

    def archived(self) -> list[Path]:
        """Encrypted ones, and those in the spool."""
        return [*self._sealed(), *(file for file in self.spool.glob("*/*") if file.is_file())]

    def _sealed(self) -> list[Path]:
        return [file for file in self.wal.glob("*/*") if file.is_file()]

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One backup at a time. StackError: another one is being made."""
        make_private(self.base)
        descriptor = os.open(self.path / "backup.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for left in self.base.glob(".*"):  # of a run that was killed
                shutil.rmtree(left, ignore_errors=True)
            yield
        except BlockingIOError:
            raise StackError(f"another backup into {self.path} is being made: wait for its end") from None
        finally:
            os.close(descriptor)

    def prune(self, keep: int) -> list[Backup]:
        """Keeps the last `keep` backups and what they need of the archive. Returns those that went.

        While one cannot be read, nobody knows what it needs: all is kept.
        """
        found = self.backups()
        if found.unreadable:
            return []
        backups = found.backups
        gone = backups[: max(0, len(backups) - keep)]
        for one in gone:
            hidden = one.folder.with_name(f".{one.folder.name}")  # never half a backup
            one.folder.rename(hidden)
            shutil.rmtree(hidden)
        if kept := backups[len(gone) :]:
            firsts = [first for backup in kept if (first := wal.segment(backup.manifest.segment)) is not None]
            for file in wal.superfluous(self._sealed(), min(firsts)):
                file.unlink(missing_ok=True)
        return gone


@dataclass(frozen=True, slots=True)
class Found:
    """The content of a folder of backups."""

    backups: list[Backup] = field(default_factory=list)  # the oldest first
    unreadable: list[str] = field(default_factory=list)  # a sentence about each that is of no use here


def systems(folder: Path) -> list[SystemFolder]:
    return [SystemFolder(base.parent) for base in sorted(folder.glob("*/base"))]


def all_backups(folder: Path) -> Found:
    """StackError: there is no such folder."""
    if not folder.is_dir():
        raise StackError(f"there is no folder {folder}")
    every = [one.backups() for one in systems(folder)]
    backups = sorted((backup for one in every for backup in one.backups), key=lambda one: one.manifest.ended_at)
    return Found(backups, [sentence for one in every for sentence in one.unreadable])


def chosen(folder: Path, department: str, at: datetime | None) -> Backup:
    """The newest that holds the department, and that had ended at the moment. StackError: there is none."""
    found = all_backups(folder)
    held = [one for one in found.backups if department in one.manifest.departments]
    if not held:
        raise StackError(". ".join([f"{folder} holds no backup of {department}", *found.unreadable]))
    before = [one for one in held if at is None or one.manifest.ended_at <= at]
    if not before:
        first = held[0].manifest.ended_at
        raise StackError(f"the oldest backup of {department} ended at {first.isoformat()}: name a later moment")
    return before[-1]
