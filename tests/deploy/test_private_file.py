"""What only its owner may read."""

from pathlib import Path

from deploy.private_file import make_private


def test_every_folder_that_is_made_is_private(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    make_private(tmp_path / "archive" / "system" / "wal")
    make_private(tmp_path / "archive" / "system" / "wal")
    made = [tmp_path / "archive", tmp_path / "archive" / "system", tmp_path / "archive" / "system" / "wal"]
    assert [one.stat().st_mode & 0o777 for one in made] == [0o700] * 3
    assert tmp_path.stat().st_mode & 0o777 == 0o755
