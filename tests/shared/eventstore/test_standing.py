"""New versions of read models beside old ones that others serve, and what becomes of those others."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts.errors import Broken, Misconfigured
from shared.department.engine import Engine
from shared.eventstore import bring_up, building, layers
from shared.eventstore.aggregate import Context
from shared.eventstore.building import Build
from shared.eventstore.differences import differences
from shared.eventstore.pace import UNHINDERED
from shared.eventstore.read_model import ReadModel
from shared.eventstore.rebuild import rebuild
from tests import sample
from tests.sample import CUSTOMS_SERVICE, INSPECTION, SHIPS, CratesUnloaded, ShipArrived
from tests.shared.eventstore.voyages import VOYAGES, differs_from_truth, stored, under_load
from tests.shared.messaging.feeds import FEED
from tests.until import until

NARROW = replace(VOYAGES, events=(ShipArrived, CratesUnloaded))  # as it was before it wanted our own events
NEWER = replace(VOYAGES, version=2)
STAND = "select name, version from read_models order by name"
SCHEMAS = "select nspname from pg_namespace where nspname like 'voyages%' order by 1"


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few hundred events are many transactions."""
    monkeypatch.setattr("shared.eventstore.pace.AT_ONCE", 50)
    monkeypatch.setattr("shared.eventstore.pace.POLITE_AT_ONCE", 20)


@asynccontextmanager
async def instance(
    database: DepartmentDatabase, tmp_path: Path, *models: ReadModel, started: bool = True
) -> AsyncIterator[Engine]:
    service = replace(CUSTOMS_SERVICE, read_models=models)
    async with sample.engine(service, database, tmp_path, started=started) as engine:
        yield engine


async def inspect_one(engine: Engine) -> None:
    await engine.store.execute("inspection-one", INSPECTION, 1, Context())


async def test_a_new_version_takes_over_from_an_instance_under_load(
    database: DepartmentDatabase, tmp_path: Path
) -> None:
    """The newer version wants events that no statement of the older one writes: even of these none may be missing."""
    async with instance(database, tmp_path, NARROW) as old:
        feed = await stored(old, own=100, given=100)
        await until(lambda: old.state().is_leading, what="the old one leads")
        async with under_load(old, feed), instance(database, tmp_path, NEWER) as new:
            await until(lambda: old.state().is_superseded, what="the old one notices")
            await until(lambda: not old.state().is_leading, what="it stops leading")
            await until(lambda: new.state().is_leading, what="the new one leads")
            with pytest.raises(asyncpg.OperatorInterventionError, match="superseded"):
                await inspect_one(old)
            before = await old.pool.fetchval("select sequence from checkpoints")
            with pytest.raises(asyncpg.OperatorInterventionError, match="superseded"):
                await old.subscriptions[FEED].take_in([m for m in feed if m.sequence > before][:1])
            await inspect_one(new)
            assert await differs_from_truth(new) == []
        schemas = [row["nspname"] for row in await old.pool.fetch(SCHEMAS)]
        assert [name for name in schemas if name.startswith("voyages_v1")] == []
        assert await differences(database.app_url, NEWER, old.registry) == []


async def test_what_is_prepared_supersedes_nobody(database: DepartmentDatabase, tmp_path: Path) -> None:
    """All is made and built, and the instance of before goes on; what it stores meanwhile is not missing either."""
    newer = replace(CUSTOMS_SERVICE, read_models=(NEWER,))
    async with instance(database, tmp_path, NARROW) as old:
        feed = await stored(old, own=100, given=100)
        async with under_load(old, feed), sample.not_entered(newer, database, tmp_path).prepared() as new:
            await inspect_one(old)
            await old.standing._look(old.pool)  # type: ignore[arg-type]
            assert not old.state().is_superseded
            with pytest.raises(asyncpg.OperatorInterventionError, match="superseded"):
                await new.store.execute("inspection-two", INSPECTION, 1, Context())
            await new.stand()
            await until(lambda: old.state().is_superseded, what="the old one notices")
            await inspect_one(new)
            assert await differs_from_truth(new) == []


async def test_all_have_caught_up_before_the_first_is_swapped(
    database: DepartmentDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the first swap on the others are superseded: nothing long may come after it."""
    done: list[tuple[str, str]] = []

    def noted(step: str) -> None:
        ordinary = getattr(Build, step)

        async def one(build: Build, *arguments: object) -> object:
            done.append((step, build.model.name))
            return await ordinary(build, *arguments)

        monkeypatch.setattr(Build, step, one)

    for step in ("catch_up", "drain"):
        noted(step)
    async with instance(database, tmp_path, SHIPS, VOYAGES):
        first = done.index(next(one for one in done if one[0] == "drain"))
        assert {name for _, name in done[:first]} == {SHIPS.name, VOYAGES.name}


async def test_who_ends_before_it_stands_left_all_as_it_was(database: DepartmentDatabase, tmp_path: Path) -> None:
    newer = replace(CUSTOMS_SERVICE, read_models=(NEWER,))
    async with instance(database, tmp_path, NARROW) as old:
        await stored(old, own=20, given=20)
        async with sample.not_entered(newer, database, tmp_path).prepared():
            pass
        await inspect_one(old)
        assert await differences(database.app_url, NARROW, old.registry) == []
    async with instance(database, tmp_path, NEWER) as new:
        assert await differs_from_truth(new) == []


async def test_a_read_model_nobody_had_supersedes_too(database: DepartmentDatabase, tmp_path: Path) -> None:
    """What the old instance went on storing would be missing in it."""
    async with instance(database, tmp_path, SHIPS) as old:
        feed = await stored(old, own=50, given=50)
        async with under_load(old, feed), instance(database, tmp_path, SHIPS, VOYAGES) as new:
            await until(lambda: old.state().is_superseded, what="the old one notices")
            assert await differs_from_truth(new) == []


async def test_instances_of_one_release_do_not_disturb_each_other(database: DepartmentDatabase, tmp_path: Path) -> None:
    async with instance(database, tmp_path, SHIPS, VOYAGES) as one:
        async with instance(database, tmp_path, SHIPS, VOYAGES) as other:
            await inspect_one(one)
            await inspect_one(other)
        await inspect_one(one)
        await one.standing._look(one.pool)  # type: ignore[arg-type]
        assert not one.state().is_superseded
        assert await differs_from_truth(one) == []


async def test_two_that_start_at_once_build_once(
    database: DepartmentDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = 0
    open_build = building.open_build

    async def counted(*arguments: object, **named: object) -> Build:
        nonlocal begun
        begun += 1
        return await open_build(*arguments, **named)  # type: ignore[arg-type]

    async with instance(database, tmp_path, NARROW) as old:
        await stored(old, own=100, given=50)
        monkeypatch.setattr(building, "open_build", counted)

        async def start() -> None:
            async with instance(database, tmp_path, NEWER, started=False) as new:
                await inspect_one(new)

        await asyncio.gather(start(), start())
        assert begun == 1
    async with instance(database, tmp_path, NEWER, started=False) as new:
        assert await differs_from_truth(new) == []
        assert begun == 1


async def test_killed_while_it_builds_a_new_version_the_next_start_goes_on(
    database: DepartmentDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with instance(database, tmp_path, NARROW) as old:
        feed = await stored(old, own=200, given=200)
        with monkeypatch.context() as killing:
            killing.setattr(bring_up, "_Log", lambda _: kill)
            with pytest.raises(Killed):
                async with instance(database, tmp_path, NEWER):
                    pass
        assert not old.state().is_superseded
        async with under_load(old, feed), instance(database, tmp_path, NEWER) as new:
            assert await differs_from_truth(new) == []
            assert await new.pool.fetchval("select max(build) from read_models") == 2, "no third build was begun"


class Killed(BaseException):
    """As a kill: nothing is tidied up."""


def kill(_: object) -> None:
    raise Killed


async def test_an_older_release_does_not_start_beside_a_newer_one(database: DepartmentDatabase, tmp_path: Path) -> None:
    async with instance(database, tmp_path, NEWER) as new:
        with pytest.raises(Misconfigured, match="newer release \\(voyages in version 2\\)"):
            async with instance(database, tmp_path, VOYAGES):
                pass
        with pytest.raises(Misconfigured, match="newer release"):
            async with instance(database, tmp_path, SHIPS):
                pass
        await inspect_one(new)
        assert not new.state().is_superseded


async def test_what_was_laid_before_there_were_builds_is_taken_over(
    database: DepartmentDatabase, tmp_path: Path
) -> None:
    """Its tables stand straight in the version's schema; a release that knows no builds writes there."""
    async with instance(database, tmp_path, VOYAGES, started=False) as engine:
        await stored(engine, own=20, given=20)
    await as_before_builds(database)
    before_builds = await asyncpg.connect(database.app_url)
    write = "insert into voyages_v1.voyages (stream, version, crates) values ($1, 1, 0)"
    for n in range(8):  # so often that the plan is kept
        await before_builds.execute(write, f"hand-{n}")
    async with instance(database, tmp_path, VOYAGES, started=False) as engine:
        assert [row["nspname"] for row in await engine.pool.fetch(SCHEMAS)] == ["voyages_v1", "voyages_v1_b0"]
        assert await engine.pool.fetchval("select count(*) from voyages where stream like 'hand%'") == 8
        await before_builds.execute(write, "hand-late")
        assert await engine.pool.fetchval("select count(*) from voyages where stream like 'hand%'") == 9
        await inspect_one(engine)
        await rebuild(database.app_url, VOYAGES, engine.registry)
        assert await differs_from_truth(engine) == []
        assert not [row for row in await engine.pool.fetch(SCHEMAS) if row["nspname"] == "voyages_v1_b0"]
    await before_builds.close()


async def test_a_new_version_replaces_what_was_laid_before_there_were_builds(
    database: DepartmentDatabase, tmp_path: Path
) -> None:
    async with instance(database, tmp_path, VOYAGES, started=False) as engine:
        await stored(engine, own=20, given=20)
    await as_before_builds(database)
    async with instance(database, tmp_path, NEWER) as engine:
        assert await differs_from_truth(engine) == []
        assert not [row for row in await engine.pool.fetch(SCHEMAS) if row["nspname"].startswith("voyages_v1")]


async def as_before_builds(database: DepartmentDatabase) -> None:
    """Turn the three layers into what releases before laid: tables and reader views, no write views."""
    connection = await asyncpg.connect(database.app_url, server_settings={"search_path": "public, read"})
    try:
        tables = (await layers.served(connection))["voyages"].tables
        await connection.execute("drop schema voyages_v1 cascade")
        await connection.execute(f"alter schema {tables} rename to voyages_v1")
        await connection.execute("update read_models set build = null")
    finally:
        await connection.close()


async def test_two_read_models_may_not_share_a_table_name(database: DepartmentDatabase, tmp_path: Path) -> None:
    with pytest.raises(Broken, match="another read model has a table of the same name as "):
        async with instance(database, tmp_path, VOYAGES, replace(VOYAGES, name="travels")):
            pass


async def test_what_is_left_of_a_swap_that_was_killed_right_after_is_swept(
    database: DepartmentDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with instance(database, tmp_path, VOYAGES) as engine:
        await stored(engine, own=20, given=20)
        sweep = layers.sweep
        swept: list[Sequence[str]] = []

        async def first_only(connection: asyncpg.Connection, names: Sequence[str]) -> list[str]:
            """That of a new build; the second follows the swap."""
            if swept:
                raise Killed
            swept.append(names)
            return await sweep(connection, names)

        with monkeypatch.context() as killing:
            killing.setattr(layers, "sweep", first_only)
            with pytest.raises(Killed):
                await rebuild(database.app_url, VOYAGES, engine.registry, pace=UNHINDERED)
        assert len(await engine.pool.fetch(SCHEMAS)) == 3
        assert await differs_from_truth(engine) == []
        await rebuild(database.app_url, VOYAGES, engine.registry)
        assert len(await engine.pool.fetch(SCHEMAS)) == 2
