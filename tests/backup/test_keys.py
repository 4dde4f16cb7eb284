"""The keys of backups: read from files of age's format, made once, kept apart."""

from pathlib import Path

import pytest

from deploy.backup.keys import (
    IDENTITY_FILE,
    RECIPIENTS_FILE,
    identities_of,
    needed_recipients,
    new_identity,
    read_identities,
    read_recipients,
)
from deploy.runner.errors import StackError


def quiet(_: str) -> None:
    pass


def test_a_data_directory_gets_a_pair_once(tmp_path: Path) -> None:
    said: list[str] = []
    first = needed_recipients(tmp_path, None, said.append)
    assert needed_recipients(tmp_path, None, said.append) == first
    assert identities_of(tmp_path, None).recipients == first
    assert len(said) == 1
    assert "keep a copy elsewhere" in said[0]
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in (IDENTITY_FILE, RECIPIENTS_FILE)} == {0o600}


def test_a_private_key_taken_elsewhere_is_not_made_anew(tmp_path: Path) -> None:
    first = needed_recipients(tmp_path, None, quiet)
    (tmp_path / IDENTITY_FILE).rename(tmp_path / "elsewhere.txt")
    assert needed_recipients(tmp_path, None, quiet) == first
    with pytest.raises(StackError, match="--identity-file or BACKUP_IDENTITY_FILE"):
        identities_of(tmp_path, None)
    assert identities_of(tmp_path, tmp_path / "elsewhere.txt").recipients == first


def test_a_pair_broken_off_is_completed(tmp_path: Path) -> None:
    name = new_identity(tmp_path / IDENTITY_FILE)
    assert needed_recipients(tmp_path, None, quiet).names == (name,)


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    new_identity(tmp_path / "key.txt")
    with pytest.raises(StackError, match="File exists"):
        new_identity(tmp_path / "key.txt")


def test_a_file_of_several_keys_is_read_with_comments(tmp_path: Path) -> None:
    names = [new_identity(tmp_path / f"{number}.txt") for number in range(2)]
    (tmp_path / "public.txt").write_text(f"# since 2026\n{names[0]}\n\n{names[1]}\n{names[0]}\n")
    (tmp_path / "private.txt").write_text("".join((tmp_path / f"{number}.txt").read_text() for number in range(2)))
    assert read_recipients(tmp_path / "public.txt").names == tuple(names)
    assert read_identities(tmp_path / "private.txt").recipients.names == tuple(names)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no key"),
        ("# nothing\n", "holds no key"),
        ("\nage1wrong\n", "line 2 is no public key"),
        ("AGE-SECRET-KEY-1X\n", "a private key, which belongs elsewhere"),
        ("age1\n" * 21, "more than 20 keys"),
        ("x" * 70_000, "larger than"),
    ],
)
def test_a_wrong_file_of_public_keys_is_told(content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "keys.txt").write_text(content)
    with pytest.raises(StackError, match=message):
        read_recipients(tmp_path / "keys.txt")


def test_a_wrong_private_key_is_told_without_it(tmp_path: Path) -> None:
    (tmp_path / "key.txt").write_text("AGE-SECRET-KEY-1WRONG\n")
    with pytest.raises(StackError, match="line 1 is no private key") as error:
        read_identities(tmp_path / "key.txt")
    assert "WRONG" not in str(error.value)


def test_private_keys_are_not_shown(tmp_path: Path) -> None:
    new_identity(tmp_path / "key.txt")
    assert "SECRET" not in repr(read_identities(tmp_path / "key.txt"))


def test_without_a_data_directory_public_keys_are_given(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="tongban backup-key new FILE"):
        needed_recipients(None, None, quiet)


def test_a_backup_for_another_key_names_both(tmp_path: Path) -> None:
    other = new_identity(tmp_path / "other.txt")
    mine = new_identity(tmp_path / "mine.txt")
    with pytest.raises(StackError, match=f"is encrypted for {other}; .*mine.txt holds the private key of {mine}"):
        read_identities(tmp_path / "mine.txt").require_one_of([other], "the backup")
