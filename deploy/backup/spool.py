"""Moves finished segments of the write-ahead log from the spool, where they are received in plain, into the archive,
encrypted.

A plain file goes only when its encrypted copy is durable: killed at any moment, nothing is lost and nothing is half
there. What was left is done by the next run.
"""

import io
import os
import threading
from pathlib import Path

from deploy.backup import seal, wal
from deploy.backup.keys import Recipients
from deploy.private_file import make_private


class Spool:
    """`received`: a folder for each timeline, as the receiver writes; `archived`: the same folders, encrypted."""

    def __init__(self, received: Path, archived: Path, recipients: Recipients) -> None:
        self._received = received
        self._archived = archived
        self._recipients = recipients
        self._turn = threading.Lock()

    def seal_finished(self, timeline: str) -> None:
        """Segments that the receiver has finished. Raises OSError, as what follows."""
        with self._turn:
            for file in sorted((self._received / timeline).iterdir()):
                if wal.is_finished(file.name):
                    self._seal(file, self._archived / timeline)

    def seal_all(self, timeline: str) -> None:
        """The segment under way as well: nobody receives."""
        self.seal_finished(timeline)
        with self._turn:
            for file in sorted((self._received / timeline).glob(f"*{wal.PARTIAL}")):
                self._seal_partial(file, self._archived / timeline)

    def seal_left(self, current: str) -> None:
        """All of other timelines, which nobody receives any more; of the current one what is finished."""
        for draft in self._archived.glob("*/.*"):  # of a run that was killed
            draft.unlink()
        for folder in sorted(self._received.iterdir()):
            if not folder.is_dir():
                continue
            if folder.name == current:
                self.seal_finished(current)
            else:
                self.seal_all(folder.name)
                if not any(folder.iterdir()):
                    folder.rmdir()

    def _seal(self, file: Path, to: Path) -> None:
        with file.open("rb") as source:
            target = _sealed_name(file, to)
            seal.write_sealed(source, target, self._recipients)
        _keep_time(file, target)
        (to / f"{file.name}{wal.PARTIAL}{wal.SEALED}").unlink(missing_ok=True)  # which it goes beyond
        file.unlink()

    def _seal_partial(self, file: Path, to: Path) -> None:
        """Without the zeros that fill it up. An earlier one may reach further, if this one was begun anew: the longer
        one stays."""
        target = _sealed_name(file, to)
        beside = target.with_name(f".{target.name}")
        seal.write_sealed(io.BytesIO(file.read_bytes().rstrip(b"\0")), beside, self._recipients)
        if target.exists() and seal.payload_size(target) > seal.payload_size(beside):
            beside.unlink()
        else:
            _keep_time(file, beside)
            beside.replace(target)
            seal.fsync_folder(to)
        file.unlink()


def _sealed_name(file: Path, to: Path) -> Path:
    make_private(to)
    return to / f"{file.name}{wal.SEALED}"


def _keep_time(file: Path, target: Path) -> None:
    """When it was received: until then can be restored."""
    found = file.stat()
    os.utime(target, ns=(found.st_atime_ns, found.st_mtime_ns))
