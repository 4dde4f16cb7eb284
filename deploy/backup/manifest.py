"""The manifest of a backup: `manifest.json` beside its files.

It is not encrypted, so that a host without the private key can list and delete backups. It holds counts, hashes and
places in the write-ahead log; no event and nobody's data.
"""

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from deploy.private_file import write_private
from deploy.runner.errors import StackError

NAME = "manifest.json"
FORMAT = 2  # 1 was not encrypted
ASIDE = ". To do without it, move its folder out of the folder of backups"
_PIECE = 1024 * 1024  # bytes read at once

Progress = Callable[[int, int], None]
"""Told now and then: done, in all."""


class Figures(BaseModel):
    """Of one department, when the backup began: what is restored holds at least this."""

    model_config = ConfigDict(frozen=True)

    ledger_size: int
    ledger_root: str  # SHA-256 in hexadecimal, RFC 9162
    feeds: dict[str, int]  # local name of a feed -> its last sequence
    epoch: int


class Manifest(BaseModel):
    """Times have their offset. `segment`: of the write-ahead log, the first that is needed."""

    model_config = ConfigDict(frozen=True)

    format: int = FORMAT
    release: str
    postgres: int  # as server_version_num tells it
    system: str  # the server's identifier
    timeline: int
    segment: str
    start_lsn: str
    end_lsn: str
    begun_at: datetime
    ended_at: datetime
    departments: dict[str, Figures]
    recipients: tuple[str, ...]  # public keys of age: whoever has the private key of one can read it
    files: dict[str, str]  # name -> SHA-256, of what is encrypted

    @property
    def major(self) -> int:
        return self.postgres // 10_000


def write(folder: Path, manifest: Manifest) -> None:
    write_private(folder / NAME, manifest.model_dump_json(indent=1).encode())


def read(folder: Path) -> Manifest:
    """StackError: there is none, or it is of another format."""
    try:
        content = (folder / NAME).read_bytes()
        format = _Format.model_validate_json(content).format
        if format == FORMAT:
            return Manifest.model_validate_json(content)
    except (OSError, ValidationError) as error:
        raise StackError(f"{folder / NAME} cannot be read ({type(error).__name__}){ASIDE}") from None
    other = "a later" if format > FORMAT else "an earlier"
    raise StackError(f"{folder} was made by {other} release of Tongban: use that one{ASIDE}")


class _Format(BaseModel):
    format: int


def sums(folder: Path, names: Iterable[str], progress: Progress = lambda _done, _total: None) -> dict[str, str]:
    """SHA-256 of each file. StackError: one is not there."""
    try:
        files = [folder / name for name in names]
        total, done, found = sum(file.stat().st_size for file in files), 0, {}
        for path in files:
            hash = hashlib.sha256()
            with path.open("rb") as file:
                while piece := file.read(_PIECE):
                    hash.update(piece)
                    done += len(piece)
                    progress(done, total)
            found[path.name] = hash.hexdigest()
    except OSError as error:
        raise StackError(f"a file in {folder} cannot be read ({type(error).__name__}): {error.filename}") from None
    return found


def require_whole(folder: Path, manifest: Manifest, progress: Progress = lambda _done, _total: None) -> None:
    """StackError: a file is not as it was written."""
    found = sums(folder, manifest.files, progress)
    for name, sum in manifest.files.items():
        if found[name] != sum:
            raise StackError(f"{folder / name} is damaged: its SHA-256 is not the one of the manifest{ASIDE}")
