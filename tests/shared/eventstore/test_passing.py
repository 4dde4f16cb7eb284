"""Releases that pass each other: when an older one may take back what a newer one laid, and when not."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts.errors import Misconfigured
from shared.eventstore import bring_up, passing
from shared.eventstore.differences import differences
from shared.eventstore.passing import lost_by, versions_of
from tests.sample import SHIPS
from tests.shared.eventstore.test_standing import NEWER, STAND, Killed, inspect_one, instance, kill
from tests.shared.eventstore.voyages import VOYAGES, differs_from_truth, stored
from tests.until import until


@pytest.fixture
def long_ago(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What was a moment ago counts as long ago."""
    with monkeypatch.context() as later:
        later.setattr(passing, "AWAY_FOR", 0.0)
        yield


async def allow(database: DepartmentDatabase) -> None:
    owner = await asyncpg.connect(database.owner_url)
    await passing.allow_roll_back(owner)
    await owner.close()


async def test_an_older_one_alone_does_not_take_back_at_once(database: DepartmentDatabase, tmp_path: Path) -> None:
    async with instance(database, tmp_path, NEWER) as new:
        await inspect_one(new)
    with pytest.raises(Misconfigured, match=r"newer release of this department ran \d+ s ago: .* --roll-back"):
        async with instance(database, tmp_path, VOYAGES):
            pass
    async with instance(database, tmp_path, NEWER) as new:
        assert await differs_from_truth(new) == [], "what stood was left as it was"


@pytest.mark.usefixtures("long_ago")
async def test_after_long_an_older_one_alone_goes_back(database: DepartmentDatabase, tmp_path: Path) -> None:
    async with instance(database, tmp_path, SHIPS, NEWER) as new:
        await stored(new, own=30, given=30)
    async with instance(database, tmp_path, VOYAGES) as back:
        await inspect_one(back)
        assert await differs_from_truth(back) == []
        assert [tuple(row) for row in await back.pool.fetch(STAND)] == [("voyages", 1)]
        assert await back.pool.fetchval("select to_regclass('read.sample_ships')") is None
    async with instance(database, tmp_path, SHIPS, VOYAGES) as again:
        assert await differences(database.app_url, SHIPS, again.registry) == [], "it was not kept stale meanwhile"


async def test_with_leave_it_takes_back_beside_a_newer_one(database: DepartmentDatabase, tmp_path: Path) -> None:
    async with instance(database, tmp_path, NEWER) as new:
        await stored(new, own=30, given=30)
        await allow(database)
        async with instance(database, tmp_path, VOYAGES) as back:
            await until(lambda: new.state().is_superseded, what="the newer one notices")
            await inspect_one(back)
            assert await differs_from_truth(back) == []


async def test_leave_holds_for_one_time(database: DepartmentDatabase, tmp_path: Path) -> None:
    async with instance(database, tmp_path, NEWER):
        await allow(database)
        async with instance(database, tmp_path, VOYAGES):
            pass
    async with instance(database, tmp_path, NEWER):
        pass
    with pytest.raises(Misconfigured, match="newer release"):
        async with instance(database, tmp_path, VOYAGES):
            pass


async def test_leave_that_is_old_holds_no_more(
    database: DepartmentDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with instance(database, tmp_path, NEWER):
        await allow(database)
    monkeypatch.setattr(passing, "ROLL_BACK_WITHIN", 0.0)
    with pytest.raises(Misconfigured, match="newer release"):
        async with instance(database, tmp_path, VOYAGES):
            pass


async def test_leave_for_one_release_is_none_for_another(database: DepartmentDatabase, tmp_path: Path) -> None:
    async with instance(database, tmp_path, NEWER):
        await allow(database)
    async with database_of_a_third(database, tmp_path):
        pass
    with pytest.raises(Misconfigured, match="newer release"):
        async with instance(database, tmp_path, VOYAGES):
            pass


def database_of_a_third(database: DepartmentDatabase, tmp_path: Path):  # type: ignore[no-untyped-def]
    return instance(database, tmp_path, replace(VOYAGES, version=3))


async def test_killed_on_its_way_a_newer_one_took_nothing(
    database: DepartmentDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It said that it lives before it built; what stands is the older one's, which may start again."""
    async with instance(database, tmp_path, VOYAGES) as old:
        await stored(old, own=100, given=100)
    with monkeypatch.context() as killing:
        killing.setattr(bring_up, "_Log", lambda _: kill)
        with pytest.raises(Killed):
            async with instance(database, tmp_path, NEWER):
                pass
    async with instance(database, tmp_path, VOYAGES) as old:
        await inspect_one(old)
        assert await differs_from_truth(old) == []


def test_a_name_may_hold_what_stands_before_a_version() -> None:
    assert versions_of("a_v2_b_v10 plain_v1") == {"a_v2_b": 10, "plain": 1}


@pytest.mark.parametrize(
    ("mine", "theirs", "lost"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 2}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, ["a"]),
        ({"a": 1}, {"a": 1, "b": 1}, ["b"]),
        ({"a": 2}, {"a": 1, "b": 1}, []),
        ({"a": 1, "b": 1}, {"a": 1}, []),
        ({"a": 1, "c": 1}, {"a": 2}, ["a"]),
        ({"c": 1}, {"a": 1}, ["a"]),
    ],
)
def test_what_would_be_taken_back(mine: dict[str, int], theirs: dict[str, int], lost: list[str]) -> None:
    assert lost_by(mine, theirs) == lost
