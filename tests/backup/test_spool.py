"""Segments go from the spool into the archive: whole, encrypted, and never lost in between."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.backup import seal, wal
from deploy.backup.keys import Identities, Recipients, new_identity, read_identities
from deploy.backup.recover import bring
from deploy.backup.spool import Spool

TIMELINE = "00000001"
WHOLE, NEXT = "000000010000000000000001", "000000010000000000000002"
PARTIAL = f"{NEXT}.partial"
CONTENT = os.urandom(200_000)


class Folders:
    def __init__(self, directory: Path) -> None:
        new_identity(directory / "key.txt")
        self.identities: Identities = read_identities(directory / "key.txt")
        self.received, self.archived = directory / "spool", directory / "wal"
        for folder in (self.received / TIMELINE, self.archived / TIMELINE):
            folder.mkdir(parents=True)
        self.spool = Spool(self.received, self.archived, self.identities.recipients)

    def receive(self, name: str, content: bytes = CONTENT, timeline: str = TIMELINE) -> None:
        (self.received / timeline).mkdir(exist_ok=True)
        (self.received / timeline / name).write_bytes(content.ljust(wal.SIZE, b"\0") if "partial" in name else content)

    def waiting(self) -> set[str]:
        return {path.name for path in self.received.rglob("*") if path.is_file()}

    def stored(self) -> set[str]:
        return {path.name for path in self.archived.rglob("*") if path.is_file()}

    def read(self, name: str, timeline: str = TIMELINE) -> bytes:
        with seal.opened(self.archived / timeline / name, self.identities) as stream:
            return stream.read()


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


def test_what_is_finished_is_encrypted_and_its_plain_file_goes(folders: Folders) -> None:
    for name in (WHOLE, PARTIAL, "00000002.history"):
        folders.receive(name)
    os.utime(folders.received / TIMELINE / WHOLE, (1000, 2000))
    folders.spool.seal_finished(TIMELINE)
    assert folders.waiting() == {PARTIAL}
    assert folders.stored() == {f"{WHOLE}.age", "00000002.history.age"}
    assert folders.read(f"{WHOLE}.age") == CONTENT
    assert (folders.archived / TIMELINE / f"{WHOLE}.age").stat().st_mtime == 2000


KILLED = """
import os, sys
from pathlib import Path
from deploy.backup.keys import read_identities
from deploy.backup.spool import Spool
directory, place, step = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
owner = os if place in ("fsync", "utime") else Path
real, seen = getattr(owner, place), 0
def dying(*arguments, **options):
    global seen
    seen += 1
    if seen == step:
        os.kill(os.getpid(), 9)
    return real(*arguments, **options)
setattr(owner, place, dying)
identities = read_identities(directory / "key.txt")
Spool(directory / "spool", directory / "wal", identities.recipients).seal_all("00000001")
"""


@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize("place", ["fsync", "replace", "utime", "unlink"])
def test_killed_in_between_nothing_is_lost_or_half_there(place: str, step: int, tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    folders.receive(WHOLE)
    folders.receive(PARTIAL)
    run = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), place, str(step)], check=False)
    assert run.returncode == -signal.SIGKILL
    for name in (WHOLE, PARTIAL):
        assert name in folders.waiting() or folders.read(f"{name}.age") == CONTENT
    assert all(folders.read(name) == CONTENT for name in folders.stored() if not name.startswith("."))
    again = Spool(folders.received, folders.archived, folders.identities.recipients)
    again.seal_left(TIMELINE)
    again.seal_all(TIMELINE)
    assert folders.waiting() == set()
    assert folders.stored() == {f"{WHOLE}.age", f"{PARTIAL}.age"}
    assert {folders.read(name) for name in folders.stored()} == {CONTENT}


def test_on_a_full_disk_the_plain_file_stays(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    folders.receive(WHOLE)
    with monkeypatch.context() as patched, pytest.raises(OSError, match="No space left"):
        patched.setattr(os, "fsync", no_room)
        folders.spool.seal_finished(TIMELINE)
    assert (folders.waiting(), folders.stored()) == ({WHOLE}, set())
    folders.spool.seal_finished(TIMELINE)
    assert (folders.waiting(), folders.stored()) == (set(), {f"{WHOLE}.age"})


def test_a_part_goes_when_its_segment_is_whole(folders: Folders) -> None:
    folders.receive(PARTIAL, CONTENT[:1000])
    folders.spool.seal_all(TIMELINE)
    assert folders.stored() == {f"{PARTIAL}.age"}
    folders.receive(NEXT)
    folders.spool.seal_finished(TIMELINE)
    assert folders.stored() == {f"{NEXT}.age"}


@pytest.mark.parametrize(("first", "then"), [(900, 1000), (1000, 900), (1000, 980)])
def test_of_two_parts_the_longer_one_stays(first: int, then: int, folders: Folders, tmp_path: Path) -> None:
    """A receiver begins a segment anew after a stop, and may be killed before it is as far as before."""
    names = folders.identities.recipients.names
    others = tuple(new_identity(tmp_path / f"{number}.txt") for number in range(3))
    folders.receive(PARTIAL, CONTENT[:first])
    folders.spool.seal_all(TIMELINE)
    folders.receive(PARTIAL, CONTENT[:then])
    Spool(folders.received, folders.archived, Recipients((*names, *others))).seal_all(TIMELINE)
    assert folders.waiting() == set()
    assert folders.read(f"{PARTIAL}.age") == CONTENT[: max(first, then)]


@pytest.mark.parametrize("sealed", [1000, 2000, 3000])
def test_a_restore_takes_the_longest_part(sealed: int, folders: Folders, tmp_path: Path) -> None:
    folders.receive(PARTIAL, CONTENT[:sealed])
    folders.spool.seal_all(TIMELINE)
    folders.receive(PARTIAL, CONTENT[:2000])
    files = [folders.archived / TIMELINE / f"{PARTIAL}.age", folders.received / TIMELINE / PARTIAL]
    needed = wal.needed(files, wal.Segment(1, 1))
    assert {name: set(found) for name, found in needed.items()} == {NEXT: set(files)}
    bring(needed[NEXT], tmp_path / "segment", folders.identities)
    assert (tmp_path / "segment").read_bytes() == CONTENT[: max(sealed, 2000)].ljust(wal.SIZE, b"\0")


def test_a_whole_segment_goes_before_its_parts() -> None:
    files = [Path("wal") / f"{NEXT}.age", Path("wal") / f"{PARTIAL}.age", Path("spool") / PARTIAL]
    assert wal.needed(reversed(files), wal.Segment(1, 1)) == {NEXT: files[:1]}


def test_nothing_of_an_ended_timeline_stays_in_plain(folders: Folders) -> None:
    folders.receive(PARTIAL)
    folders.receive("000000020000000000000002.partial", timeline="00000002")
    (folders.archived / TIMELINE / f".{WHOLE}.age.new").touch()  # of a run that was killed
    folders.spool.seal_left("00000002")
    assert folders.waiting() == {"000000020000000000000002.partial"}
    assert folders.stored() == {f"{PARTIAL}.age"}
    assert not (folders.received / TIMELINE).exists()
