"""A backup says what is in it, proves it, and brings it back: all of a server, or one department of it."""

import asyncio
import errno
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from deploy.backup import recover, store, wal
from deploy.backup.archive import WalArchive
from deploy.backup.prove import prove
from deploy.backup.restore import restore
from deploy.runner.errors import StackError
from shared.eventstore.archive import Archive, state
from tests.backup.place import Place, placed
from tests.deploy.terminal import TONGBAN, tongban
from tests.until import until

TWO = ("notification", "cases")
BASE_BACKUPS = "select count(*) from pg_stat_replication where application_name like 'tongban backup %'"
SENDERS = "select pid from pg_stat_replication where application_name like 'tongban backup %'"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with placed(tmp_path, *TWO) as one:
        await one.add("notification", 600)
        await one.add("cases", 20)
        yield one


@pytest.fixture
async def archive(place: Place) -> AsyncIterator[WalArchive]:
    kept = place.archive()
    await kept.start()
    yield kept
    await kept.stop()


def told() -> list[str]:
    return []


async def switched(place: Place) -> None:
    """What is written from now on stands in another segment."""
    connection = await asyncpg.connect(place.postgres.url())
    try:
        await connection.fetchval("select pg_switch_wal()")
    finally:
        await connection.close()


async def moment(place: Place) -> datetime:
    connection = await asyncpg.connect(place.postgres.url())
    try:
        now: datetime = await connection.fetchval("select clock_timestamp()")
        return now
    finally:
        await connection.close()


async def put_back(place: Place, *names: str, at: datetime | None = None) -> list[str]:
    said = told()
    backup = store.chosen(place.to, names[0], at)
    await restore(place.server, names, backup, place.identities, at, tell=said.append)
    return said


async def test_a_backup_says_what_is_in_it_and_is_private(place: Place) -> None:
    backup = await place.back_up()
    manifest = json.loads((backup.folder / "manifest.json").read_bytes())
    assert manifest["departments"]["notification"]["ledger_size"] == 600
    assert manifest["departments"]["notification"]["feeds"] == {"notes": 600}
    assert list(manifest["files"]) == ["base.tar.gz.age"]
    assert {path.stat().st_mode & 0o777 for path in place.to.rglob("*") if path.is_file()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (backup.folder, backup.folder.parent)} == {0o700}


async def test_a_good_backup_is_proved(place: Place) -> None:
    backup = await place.back_up()
    proofs = await prove(place.server, backup, place.identities, tell=told().append)
    assert [(one.department, one.events, one.findings) for one in proofs] == [
        ("notification", 600, ()),
        ("cases", 20, ()),
    ]
    assert all(one.read_models for one in proofs)
    assert not [*place.to.rglob(".check-*"), *place.data_dir.glob(".check-*")]


async def test_a_backup_of_altered_history_is_not_proved(place: Place) -> None:
    connection = await asyncpg.connect(place.databases["cases"].admin_url)
    await connection.execute("alter table events disable trigger user; update events set data = '{}' where version = 1")
    await connection.close()
    backup = await place.back_up()
    proofs = await prove(place.server, backup, place.identities, tell=told().append)
    assert "first altered event: position 1" in str([one.findings for one in proofs if one.department == "cases"])


async def test_a_damaged_file_is_told_and_changes_nothing(place: Place) -> None:
    backup = await place.back_up()
    with (backup.folder / "base.tar.gz.age").open("r+b") as file:
        file.seek(1000)
        file.write(b"damaged")
    await place.postgres.stop()
    with pytest.raises(StackError, match="SHA-256"):
        await put_back(place, *TWO)
    await place.postgres.start()
    assert await place.events("notification") == 600


async def test_a_running_stack_is_not_restored(place: Place) -> None:
    await place.back_up()
    with pytest.raises(StackError, match="runs: stop it first"):
        await put_back(place, *TWO)


async def test_a_wiped_server_comes_back_to_the_end_of_its_archive(place: Place, archive: WalArchive) -> None:
    await place.back_up()
    await place.add("notification", 50)
    await place.received()
    place.postgres.kill()
    archive.kill()
    (place.data_dir / "postgres" / "cluster").rename(place.data_dir / "gone")
    said = await put_back(place, *TWO)
    await place.postgres.start()
    assert await place.events("notification") == 650
    assert "tongban up" in said[-1]


async def test_a_moment_can_be_named(place: Place, archive: WalArchive) -> None:
    await place.back_up()
    await place.add("notification", 50)
    at = await moment(place)
    await place.add("notification", 7)
    await place.received()
    await archive.stop()
    await place.postgres.stop()
    said = await put_back(place, *TWO, at=at)
    await place.postgres.start()
    assert await place.events("notification") == 650
    kept = next(one for one in said if "is kept in" in one)
    assert Path(kept.split("kept in ")[1].split(":")[0]).is_dir()


async def test_a_moment_that_the_archive_has_not_reached_is_refused(place: Place) -> None:
    await place.back_up()
    await place.postgres.stop()
    with pytest.raises(StackError, match="leave out --at"):
        await put_back(place, *TWO, at=datetime.now(UTC))
    await place.postgres.start()
    assert await place.events("notification") == 600


async def test_one_department_comes_back_and_the_other_stays(place: Place, archive: WalArchive) -> None:
    await place.back_up()
    at = await moment(place)
    await place.add("notification", 50)
    await place.add("cases", 5)
    await place.received()
    said = await put_back(place, "notification", at=at)
    assert await place.events("notification") == 600
    assert await place.events("cases") == 25
    await place.add("notification", 3)
    assert await place.events("notification") == 603
    assert any("kept as the database notification_before_" in one for one in said)


async def test_a_department_in_use_is_not_restored(place: Place) -> None:
    await place.back_up()
    session = await asyncpg.connect(place.databases["cases"].app_url)
    said = told()
    with pytest.raises(StackError, match="cases runs"):
        backup = store.chosen(place.to, "cases", None)
        await restore(place.server, ["cases"], backup, place.identities, None, tell=said.append)
    await session.close()
    assert not any(one.startswith("unpacking") for one in said), "it is refused before the long work"


async def test_a_restored_server_is_archived_and_restored_again(place: Place, archive: WalArchive) -> None:
    await place.back_up()
    for _ in range(2):
        await place.add("notification", 10)
        at = await moment(place)
        await place.add("notification", 10)  # goes with the restore
        await place.received()
        await archive.stop()
        await place.postgres.stop()
        await put_back(place, *TWO, at=at)
        await place.postgres.start()
        await archive.start()
    await place.add("notification", 5)
    await place.received()
    await archive.stop()
    await place.postgres.stop()
    await put_back(place, *TWO)
    await place.postgres.start()
    assert await place.events("notification") == 600 + 2 * 10 + 5
    assert not archive.gaps


async def test_a_department_knows_whether_it_is_archived(place: Place, archive: WalArchive) -> None:
    connection = await asyncpg.connect(place.databases["cases"].app_url)

    async def now() -> Archive:
        return await state(connection)

    assert not (await now()).fails
    archive.kill()
    await until(lambda: _fails(now), what="the department notices")
    await connection.close()


async def _fails(now: Callable[[], Awaitable[Archive]]) -> bool:
    return (await now()).fails


async def test_old_backups_go_with_what_they_need(place: Place, archive: WalArchive) -> None:
    backups = []
    for _ in range(3):
        backups.append(await place.back_up())
        await place.add("cases", 5)
        await switched(place)
    await place.received()
    before = len(backups[0].system.archived())
    gone = backups[-1].system.prune(keep=1)
    assert [one.folder for one in gone] == [one.folder for one in backups[:2]]
    assert len(backups[0].system.archived()) < before
    await archive.stop()
    await place.postgres.stop()
    await put_back(place, *TWO)
    await place.postgres.start()
    assert await place.events("cases") == 35


async def test_one_that_cannot_be_read_hides_no_other(place: Place) -> None:
    good = await place.back_up()
    later = await place.back_up()
    (later.folder / "manifest.json").write_text("{")
    found = store.all_backups(place.to)
    assert [one.folder for one in found.backups] == [good.folder]
    assert [str(later.folder) in one for one in found.unreadable] == [True]
    assert store.chosen(place.to, "cases", None).folder == good.folder
    assert later.system.prune(keep=1) == [], "nobody knows what it needs of the archive"
    options = ("--to", str(place.to), "--stack", str(place.data_dir))
    code, stdout, stderr = await tongban("backup", *options, "--list")
    assert (code, good.folder.name in stdout, later.folder.name in stderr) == (1, True, True)


async def test_a_check_tells_how_far_it_is(place: Place) -> None:
    backup = await place.back_up()
    said, far = told(), []
    await prove(
        place.server, backup, place.identities, tell=said.append, progress=lambda done, total: far.append((done, total))
    )
    assert "looking at notification: its ledger and 600 events" in said
    assert sum(one.startswith("looking at cases: ") for one in said) > 1
    assert (20, 20) in far


async def test_it_is_a_command(place: Place) -> None:
    options = ("--to", str(place.to), "--stack", str(place.data_dir))
    code, _, stderr = await tongban("backup", *options, "--check")
    assert (code, "600 events" in stderr) == (0, True), stderr
    code, stdout, _ = await tongban("backup", *options, "--list")
    assert (code, "notification, cases" in stdout) == (0, True), stdout
    await place.postgres.stop()
    code, _, stderr = await tongban("restore", "all", "--from", str(place.to), "--data", str(place.data_dir))
    assert (code, "restored: notification, cases" in stderr) == (0, True), stderr
    assert "not in a backup" in stderr
    assert "of what nobody else has, nothing is left" in stderr


async def test_a_moment_before_a_gap_is_restored(place: Place, archive: WalArchive) -> None:
    backup = await place.back_up()
    await place.add("notification", 50)
    at = await moment(place)
    for _ in range(3):
        await place.add("notification", 10)
        await switched(place)
    await place.received()
    await archive.stop()
    await place.postgres.stop()
    segments = sorted(file for file in backup.system.archived() if wal.segment(file.name) is not None)
    before = backup.restores_until()
    segments[-2].unlink()
    assert backup.restores_until() < before
    with pytest.raises(StackError, match="has a gap"):
        await put_back(place, *TWO)
    said = await put_back(place, *TWO, at=at)
    await place.postgres.start()
    assert await place.events("notification") == 650
    assert any("has a gap" in one for one in said)


async def test_a_full_disk_is_told_in_a_sentence(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    await place.back_up()
    await place.postgres.stop()

    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(recover, "_unpack", no_room)
    with pytest.raises(StackError, match=r"cannot be unpacked into .*: No space left on device"):
        await put_back(place, *TWO)
    assert not list(place.data_dir.glob("*.restoring"))


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
async def test_a_backup_that_was_ended_leaves_no_session(place: Place, end: signal.Signals) -> None:
    """A child of pg_basebackup would receive what is written for ever."""
    options = ("--to", str(place.to), "--stack", str(place.data_dir))
    connection = await asyncpg.connect(place.postgres.url())
    process = await asyncio.create_subprocess_exec(TONGBAN, "backup", *options, stderr=asyncio.subprocess.DEVNULL)
    await until(lambda: connection.fetchval(BASE_BACKUPS), what="a base backup is made")
    senders = [row["pid"] for row in await connection.fetch(SENDERS)]
    for sender in senders:  # or the backup could be done before the signal is there
        os.kill(sender, signal.SIGSTOP)
    process.send_signal(end)
    assert await process.wait() != 0
    for sender in senders:
        os.kill(sender, signal.SIGCONT)
    if end == signal.SIGKILL:
        await place.back_up()
    await until(lambda: _none(connection), what="no session is left")
    await connection.close()


async def _none(connection: asyncpg.Connection) -> bool:
    return not await connection.fetchval(BASE_BACKUPS)
