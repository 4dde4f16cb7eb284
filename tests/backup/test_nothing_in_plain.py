"""No name, number or phone stands in any byte of what a backup and an archive leave; a restore has them all."""

import errno
import gzip
import os
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from deploy.backup import seal, wal
from deploy.backup.keys import Identities
from deploy.embedded.errors import ServerFailed
from tests.backup.place import Place, placed
from tests.until import until

NAME, NUMBER, PHONE = "欧阳静秋", "320106199503127784", "13951823377"
NEEDLES = {
    "name": [NAME.encode(), NAME.encode("utf-16-le"), NAME.encode("gb18030"), rb"\u6b27\u9633\u9759\u79cb"],
    "number": [NUMBER.encode()],
    "phone": [PHONE.encode()],
}
ENTER = """
insert into events (stream, version, id, type, schema, data, metadata, recorded_at)
select 'person-' || gen_random_uuid(), 1, gen_random_uuid(), 'notification.Noted', 1,
       json_build_object('name', $1::text, 'number', $2::text, 'phone', $3::text), '{"actor": "citizen:1"}', now()
from generate_series(1, 20)
"""


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with placed(tmp_path, "notification") as one:
        yield one


async def enter(place: Place, *, ends_segment: bool) -> None:
    connection = await asyncpg.connect(place.databases["notification"].admin_url)
    try:
        await connection.execute(ENTER, NAME, NUMBER, PHONE)
        if ends_segment:
            await connection.fetchval("select pg_switch_wal()")
    finally:
        await connection.close()


async def encrypted(place: Place) -> None:
    """Whatever segment is finished."""

    def is_so() -> bool:
        return not any(wal.is_finished(path.name) for path in place.to.glob("*/spool/*/*"))

    await until(is_so, what="finished segments are encrypted")


def contents(file: Path) -> Iterator[bytes]:
    """As it is, and unpacked where something in it is compressed."""
    content = file.read_bytes()
    yield content
    if content[:2] == b"\x1f\x8b":
        yield gzip.decompress(content)
        return
    at = content.find(b"\x78\x9c")
    while at >= 0:  # zlib
        with suppress(zlib.error):
            yield zlib.decompressobj().decompress(content[at:])
        at = content.find(b"\x78\x9c", at + 1)


def found_in(folder: Path) -> set[str]:
    found = set()
    for file in (path for path in folder.rglob("*") if path.is_file()):
        for content in contents(file):
            found |= {what for what, needles in NEEDLES.items() if any(one in content for one in needles)}
    return found


def opened(source: Path, identities: Identities, to: Path) -> None:
    """Decrypt every file."""
    to.mkdir()
    for file in source.rglob("*.age"):
        with seal.opened(file, identities) as stream:
            (to / file.name).write_bytes(stream.read())


async def test_no_name_number_or_phone_is_in_any_byte(place: Place, tmp_path: Path) -> None:
    archive = place.archive()
    await archive.start()
    await enter(place, ends_segment=True)
    backup = await place.back_up()
    await enter(place, ends_segment=True)
    await enter(place, ends_segment=False)
    await place.received()
    await encrypted(place)
    assert {path.suffix for path in place.to.glob("*/wal/*/*")} == {".age"}
    assert [found_in(folder) for folder in (backup.folder, backup.system.wal)] == [set(), set()]
    assert found_in(backup.system.spool) == {"name", "number", "phone"}, "the segment under way is in plain"
    assert {path.stat().st_mode & 0o077 for path in place.to.rglob("*")} == {0}
    await archive.stop()
    assert found_in(place.to) == set(), "nor is what was under way, once the archive has ended"
    opened(backup.folder, place.identities, tmp_path / "base")
    opened(backup.system.wal, place.identities, tmp_path / "wal")
    assert [found_in(tmp_path / name) for name in ("base", "wal")] == [{"name", "number", "phone"}] * 2
    await place.postgres.stop()
    await place.put_back(backup, place.identities)
    await place.postgres.start()
    connection = await asyncpg.connect(place.databases["notification"].admin_url)
    assert await connection.fetchval("select count(*) from events where data::text like $1", f"%{PHONE}%") == 60
    await connection.close()


async def test_a_stopped_archive_goes_on_in_the_segment_it_was_in(place: Place) -> None:
    archive = place.archive()
    await archive.start()
    backup = await place.back_up()
    for _ in range(3):
        await place.add("notification", 5)
        await place.received()
        await archive.stop()
        assert not [path for path in backup.system.spool.glob("*/*") if wal.segment(path.name)]
        await place.add("notification", 5)  # written while nobody archives
        await archive.start()
    await place.received()
    archive.kill()
    place.postgres.kill()
    await place.put_back(backup, place.identities)
    await place.postgres.start()
    assert await place.events("notification") == 30
    assert not archive.gaps


async def test_a_full_disk_stops_the_archive_and_loses_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    archive = place.archive()
    await archive.start()
    backup = await place.back_up()
    with monkeypatch.context() as patched:
        patched.setattr(seal, "write_sealed", no_room)
        await enter(place, ends_segment=True)
        await until(lambda: not archive.is_running, what="the archive has ended")
        with pytest.raises(ServerFailed, match="No space left on device"):
            await archive.start()
    await place.add("notification", 5)
    await archive.start()
    await place.received()
    await encrypted(place)
    archive.kill()
    place.postgres.kill()
    await place.put_back(backup, place.identities)
    await place.postgres.start()
    assert await place.events("notification") == 5
    assert not archive.gaps
