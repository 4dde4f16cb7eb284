"""Encrypted content opens with each key it is for, whole or not at all."""

import errno
import io
import os
from pathlib import Path

import pytest

from deploy.backup import seal
from deploy.backup.keys import Identities, Recipients, new_identity, read_identities
from deploy.runner.errors import StackError

CONTENT = os.urandom(300_000)  # several pieces of age's 64 KiB
PIECE = 64 * 1024 + 16


def key(folder: Path, name: str) -> Identities:
    new_identity(folder / name)
    return read_identities(folder / name)


@pytest.fixture
def mine(tmp_path: Path) -> Identities:
    return key(tmp_path, "mine.txt")


@pytest.fixture
def sealed(tmp_path: Path, mine: Identities) -> Path:
    seal.write_sealed(io.BytesIO(CONTENT), tmp_path / "sealed.age", mine.recipients)
    return tmp_path / "sealed.age"


def read(sealed: Path, identities: Identities) -> bytes:
    with seal.opened(sealed, identities) as stream:
        return stream.read()


def test_each_of_two_keys_opens_it(tmp_path: Path) -> None:
    both = [key(tmp_path, name) for name in ("one.txt", "two.txt")]
    names = tuple(name for one in both for name in one.recipients.names)
    seal.write_sealed(io.BytesIO(CONTENT), tmp_path / "sealed.age", Recipients(names))
    assert [read(tmp_path / "sealed.age", one) == CONTENT for one in both] == [True, True]


def test_another_key_does_not_open_it(sealed: Path, tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"encrypted for none of the keys in .*other\.txt"):
        read(sealed, key(tmp_path, "other.txt"))


@pytest.mark.parametrize("length", [0, 10, 250, 1000, -1, -PIECE])
def test_a_missing_end_is_found(length: int, sealed: Path, mine: Identities) -> None:
    sealed.write_bytes(sealed.read_bytes()[:length])
    with pytest.raises(StackError, match="is damaged"):
        read(sealed, mine)


def test_an_end_missing_at_the_border_of_a_piece_is_found(sealed: Path, mine: Identities) -> None:
    header = sealed.stat().st_size - seal.payload_size(sealed)
    sealed.write_bytes(sealed.read_bytes()[: header + 16 + 2 * PIECE])
    with pytest.raises(StackError, match="is damaged"):
        read(sealed, mine)


@pytest.mark.parametrize("place", [0.0, 0.01, 0.5, 1.0])
def test_an_altered_byte_is_found(place: float, sealed: Path, mine: Identities) -> None:
    content = bytearray(sealed.read_bytes())
    header = sealed.stat().st_size - seal.payload_size(sealed)
    content[header + int(place * (len(content) - header - 1))] ^= 1
    sealed.write_bytes(content)
    with pytest.raises(StackError, match="is damaged"):
        read(sealed, mine)


def test_a_reader_that_stops_early_is_told_of_damage_behind(sealed: Path, mine: Identities) -> None:
    content = bytearray(sealed.read_bytes())
    content[-1] ^= 1
    sealed.write_bytes(content)
    with pytest.raises(StackError, match="is damaged"), seal.opened(sealed, mine) as stream:
        assert stream.read(10) == CONTENT[:10]


def test_a_readers_own_failure_is_told(sealed: Path, mine: Identities) -> None:
    with pytest.raises(OSError, match="no room"), seal.opened(sealed, mine) as stream:
        stream.read(10)
        raise OSError(errno.ENOSPC, "no room")


def test_a_full_disk_leaves_nothing_half(tmp_path: Path, mine: Identities, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(OSError, match="No space left"):
        seal.write_sealed(io.BytesIO(CONTENT), tmp_path / "sealed.age", mine.recipients)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_cause_of_a_failed_write_is_told(mine: Identities) -> None:
    with Path("/dev/full").open("wb", buffering=0) as full, pytest.raises(OSError, match="No space left"):
        seal.encrypt(io.BytesIO(CONTENT), full, mine.recipients)


def test_a_file_is_private(sealed: Path) -> None:
    assert sealed.stat().st_mode & 0o777 == 0o600
