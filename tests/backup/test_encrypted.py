"""An encrypted backup is opened by its keys and no other, and by itself it is looked at, listed and archived."""

import asyncio
import signal
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.backup import store, wal
from deploy.backup.keys import new_identity, read_identities
from deploy.backup.make import make
from deploy.backup.manifest import sums
from deploy.backup.prove import prove
from deploy.runner.errors import StackError
from tests.backup.place import Place, placed
from tests.deploy.terminal import TONGBAN, tongban


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with placed(tmp_path, "notification") as one:
        yield one


async def test_a_backup_for_another_key_is_not_begun_with(place: Place, tmp_path: Path) -> None:
    backup = await place.back_up()
    new_identity(tmp_path / "other.txt")
    other = read_identities(tmp_path / "other.txt")
    await place.postgres.stop()
    for reading in (place.put_back(backup, other), prove(place.server, backup, other, tell=lambda _: None)):
        with pytest.raises(StackError, match="name the file that holds the right one with --identity-file"):
            await reading
    assert not list(place.data_dir.glob("*restor*"))


async def test_keys_are_changed_and_both_backups_restored(place: Place, tmp_path: Path) -> None:
    before = await place.back_up()
    archive = place.archive()
    await archive.start()
    await place.add("notification", 5)
    await place.received()
    await archive.stop()
    new_identity(tmp_path / "new.txt")
    new = read_identities(tmp_path / "new.txt")
    archive = place.archive(new.recipients)
    await archive.start()
    after = await make(place.server, place.to, new.recipients, tell=lambda _: None)
    await place.add("notification", 5)
    await place.received()
    await archive.stop()
    await place.postgres.stop()
    (tmp_path / "both.txt").write_text(
        (tmp_path / "new.txt").read_text() + (place.data_dir / "backup-identity.txt").read_text()
    )
    await place.put_back(after, new)
    await place.postgres.start()
    assert await place.events("notification") == 10
    await place.postgres.stop()
    with pytest.raises(StackError, match="add the one that was in use then"):
        await place.put_back(before, place.identities)
    await place.put_back(before, read_identities(tmp_path / "both.txt"))
    await place.postgres.start()
    assert await place.events("notification") == 10


async def test_a_damaged_backup_with_a_fitting_manifest_is_found(place: Place) -> None:
    """Whoever alters the file can alter the sum beside it."""
    backup = await place.back_up()
    file = backup.folder / "base.tar.gz.age"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    manifest = backup.folder / "manifest.json"
    (sum,) = backup.manifest.files.values()
    manifest.write_text(manifest.read_text().replace(sum, sums(backup.folder, [file.name])[file.name]))
    await place.postgres.stop()
    chosen = store.chosen(place.to, "notification", None)
    with pytest.raises(StackError, match="is damaged: it was altered"):
        await place.put_back(chosen, place.identities)
    await place.postgres.start()
    assert await place.events("notification") == 0


async def test_the_key_is_named_on_the_command_line(place: Place, tmp_path: Path) -> None:
    stack, to = ("--stack", str(place.data_dir)), ("--to", str(place.to))
    (tmp_path / "public.txt").write_text(f"{new_identity(tmp_path / 'key.txt')}\n")
    public, private = (
        ("--recipients-file", str(tmp_path / "public.txt")),
        ("--identity-file", str(tmp_path / "key.txt")),
    )
    code, _, errors = await tongban("backup", *to, *stack, *public, "--check")
    assert code == 1
    assert "what is made now is encrypted for age1" in errors
    assert not place.to.exists(), "nothing was begun"
    code, _, errors = await tongban("backup", *to, *stack, *public, "--check", *private)
    assert (code, "looking at notification: my_notices" in errors) == (0, True), errors
    await place.postgres.stop()
    restoring = ("restore", "all", "--from", str(place.to), *stack)
    code, _, errors = await tongban(*restoring)
    assert (code, "with --identity-file" in errors) == (1, True), errors
    code, _, errors = await tongban(*restoring, *private)
    assert (code, "restored: notification" in errors) == (0, True), errors


async def test_an_archive_runs_by_itself(place: Place) -> None:
    """As for a PostgreSQL that others run."""
    process = await asyncio.create_subprocess_exec(
        TONGBAN, "archive", "--to", place.to, "--stack", place.data_dir, stdout=PIPE, stderr=PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(120):
        assert await process.stdout.readline() == b"archiving notification\n"
        await place.add("notification", 5)
        process.send_signal(signal.SIGINT)
        _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    assert list(place.to.glob("*/wal/*/*.partial.age"))
    assert not [path for path in place.to.glob("*/spool/*/*") if wal.segment(path.name)]
