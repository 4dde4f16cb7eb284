"""A real department says how it does while its broker, its readers, its database or its neighbours fail it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from deploy.embedded.nats import Nats
from shared.department import counting, vital_signs, vitals
from shared.department.engine import Engine
from shared.department.gauge import Gauge
from shared.department.vital_signs import Code, Seen
from shared.department.vitals import PATIENCE, Vitals
from shared.eventstore.aggregate import Context
from tests import sample
from tests.connected import connected
from tests.databases import Databases
from tests.sample import CUSTOMS_SERVICE, HARBOUR_SERVICE, SHIP, Arrive
from tests.until import until

SHIPS = "harbour.ships"  # to itself
TAKEN_IN = "local.harbour.ships"  # to customs


@pytest.fixture(autouse=True)
def always_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each question is a look of its own, except where a test asks about that."""
    monkeypatch.setattr(vitals, "FRESH", 0.0)
    monkeypatch.setattr(vitals, "FRESH_UNREADY", 0.0)


@asynccontextmanager
async def looked_at(engine: Engine, url: str) -> AsyncIterator[Vitals]:
    made = Vitals(engine, url)
    try:
        yield made
    finally:
        await made.close()


def soon(monkeypatch: pytest.MonkeyPatch, code: Code) -> None:
    monkeypatch.setattr(vital_signs, "PATIENCE", {**vital_signs.PATIENCE, code: timedelta()})


async def arrive(engine: Engine, ship: str) -> None:
    await engine.store.execute(f"ship-{ship}", SHIP, Arrive(1), Context())


async def is_well(looks: Vitals) -> bool:
    seen, state, _ = await looks.told()
    is_stored = SHIPS in seen.feeds and not seen.feeds[SHIPS].unpublished
    return state.is_leading and state.broker_connected and is_stored and not state.keeping and not state.storing


async def tells(looks: Vitals, code: str, about: str = "") -> bool:
    _, _, remarks = await looks.told()
    return (code, about) in [(one.code, one.about) for one in remarks]


async def test_without_a_broker_events_wait_and_it_says_so(
    database: DepartmentDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon(monkeypatch, "relay_behind")
    async with (
        sample.engine(HARBOUR_SERVICE, database, tmp_path) as harbour,
        looked_at(harbour, database.app_url) as looks,
    ):
        await arrive(harbour, "a")

        async def waits() -> bool:
            ships = (await looks.seen()).feeds.get(SHIPS)
            return ships is not None and ships.unpublished == 1 and ships.oldest is not None

        await until(waits, what="the event waits")
        assert await tells(looks, "broker_away")
        await until(lambda: tells(looks, "relay_behind", SHIPS), what="the backlog is told")


async def test_a_broker_that_stores_nothing_is_told_though_it_answers(
    database: DepartmentDatabase, tmp_path: Path, own_nats: Nats, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        connected(own_nats.url()) as squatter,
        sample.engine(HARBOUR_SERVICE, database, tmp_path, own_nats.url(), started=False) as harbour,
        looked_at(harbour, database.app_url) as looks,
    ):
        soon(monkeypatch, "streams_not_kept")
        jetstream = squatter.jetstream()
        await jetstream.add_stream(name="squatter", subjects=["events.>"])
        await harbour.start()
        await arrive(harbour, "a")
        await until(lambda: tells(looks, "storing_refused", SHIPS), what="it says that nothing is stored")
        await until(lambda: tells(looks, "streams_not_kept"), what="and that its stream cannot be laid")
        assert harbour.state().broker_connected
        await jetstream.delete_stream("squatter")
        await until(lambda: is_well(looks), what="it is well again by itself")


async def test_a_reader_that_stopped_is_told(
    database: DepartmentDatabase, tmp_path: Path, own_nats: Nats, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon(monkeypatch, "duty_fails")

    async def failing() -> None:
        raise KeyError

    async with (
        sample.engine(CUSTOMS_SERVICE, database, tmp_path, own_nats.url()) as customs,
        looked_at(customs, database.app_url) as looks,
    ):
        [reader] = customs._readers.values()
        await until(lambda: customs.state().is_leading and reader.is_reading, what="it reads")
        assert not await tells(looks, "duty_fails", f"reader of {TAKEN_IN}")
        with monkeypatch.context() as broken:
            broken.setattr(reader, "_consume_pull", failing)
            for task in reader.tasks:
                task.cancel()
            await until(lambda: tells(looks, "duty_fails", f"reader of {TAKEN_IN}"), what="it is told")
        await until(lambda: reader.is_reading, what="it reads again by itself")


async def test_a_subscription_tells_how_far_its_provider_is(
    databases_two: tuple[DepartmentDatabase, DepartmentDatabase], tmp_path: Path, own_nats: Nats
) -> None:
    first, second = databases_two
    async with (
        sample.engine(HARBOUR_SERVICE, first, tmp_path, own_nats.url()) as harbour,
        sample.engine(CUSTOMS_SERVICE, second, tmp_path, own_nats.url()) as customs,
    ):
        await arrive(harbour, "a")

        def caught_up() -> bool:
            state = customs.state().subscriptions[TAKEN_IN]
            return (state.checkpoint, state.head, state.trouble) == (1, 1, None)

        await until(caught_up, what="customs heard the head and holds it")


@pytest.fixture
async def databases_two(databases: Databases) -> AsyncIterator[tuple[DepartmentDatabase, DepartmentDatabase]]:
    async with databases.fresh() as first, databases.fresh() as second:
        yield first, second


async def test_a_pool_that_is_all_in_use_hides_nothing(database: DepartmentDatabase, tmp_path: Path) -> None:
    async with (
        sample.engine(HARBOUR_SERVICE, database, tmp_path, started=False) as harbour,
        looked_at(harbour, database.app_url) as looks,
    ):
        held = [await harbour.pool.acquire() for _ in range(harbour.pool.get_max_size())]
        waiting = asyncio.create_task(harbour.pool.fetchval("select 1"))
        try:

            async def full() -> bool:
                seen = await looks.seen()
                pool = seen.pools["requests"]
                return pool.is_full and pool.waiting == 1 and seen.database

            await until(full, what="the full pool is told, and the database answers")
        finally:
            for one in held:
                await harbour.pool.release(one)
            await waiting


async def test_a_slow_database_does_not_make_whoever_asks_wait(
    database: DepartmentDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "STUCK", "select pg_sleep(30)::text as list, 1 as things, now() as since")
    async with (
        sample.engine(HARBOUR_SERVICE, database, tmp_path, started=False) as harbour,
        looked_at(harbour, database.app_url) as looks,
    ):
        async with asyncio.timeout(PATIENCE + 1):
            seen = await looks.seen()
        assert seen.database, "what came in time is told"

        async def is_named() -> bool:
            return "stuck" in (await looks.seen()).failed

        await until(is_named, what="what did not is named")
        assert await tells(looks, "look_failed")


async def test_who_asks_at_the_same_time_shares_one_look(database: DepartmentDatabase, tmp_path: Path) -> None:
    async with (
        sample.engine(HARBOUR_SERVICE, database, tmp_path, started=False) as harbour,
        looked_at(harbour, database.app_url) as looks,
    ):
        answers: list[Seen] = await asyncio.gather(*(looks.seen() for _ in range(50)))
        assert all(one.database for one in answers)
        sessions = await harbour.pool.fetchval(
            "select count(*) from pg_stat_activity where application_name = 'harbour vitals'"
        )
        assert sessions == 1


async def test_a_department_tells_numbers_of_its_own(database: DepartmentDatabase, tmp_path: Path) -> None:
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path, started=False) as harbour:
        gauges = await counting.gauges(harbour.pool, [Gauge("ships", "select count(*) from events")])
        assert gauges == {"ships": 0}
