"""An event stored under an older schema is read as a present one, on every path, and its bytes stay as they are."""

from datetime import timedelta
from pathlib import Path

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts import envelope
from shared.contracts.envelope import Received
from shared.contracts.errors import Poison
from shared.contracts.member import Member, MemberFeed
from shared.department.engine import Engine
from shared.eventstore import timer_upkeep
from shared.eventstore.aggregate import Context
from shared.eventstore.differences import differences
from shared.eventstore.rebuild import rebuild
from shared.messaging import history, parking
from shared.messaging.relay import read_feed
from shared.messaging.stamps import Stamps
from tests.databases import Databases
from tests.shared.contracts.two_releases import DAWN, Release, engine, release
from tests.until import until

OLD, NEW = release(1), release(2)
STORED = "select type, schema, data::text from events order by recorded_at, stream, version"
FEED = "local.mill.flour"
MILLS = MemberFeed(Member("local", "mill"), OLD.mill.contract.feeds[0])


@pytest.fixture
async def mill(database: DepartmentDatabase, tmp_path: Path) -> DepartmentDatabase:
    """The old release ground 100 kilos and 200: one event is numbered, the other still waits for its number."""
    async with engine(OLD, OLD.mill, database, tmp_path, started=True) as old:
        await old.store.execute("grain-1", OLD.grain, 100, Context())
        await until(lambda: old.pool.fetchval("select count(*) from log"))
    async with engine(OLD, OLD.mill, database, tmp_path) as old:
        await old.store.execute("grain-2", OLD.grain, 200, Context())
        assert await flour(old) == [100, 200]
    return database


async def flour(running: Engine) -> list[int]:
    return [row["kilos"] for row in await running.pool.fetch("select kilos from flour order by stream, version")]


async def stored(running: Engine) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await running.pool.fetch(STORED)]


async def messages(of: Release, database: DepartmentDatabase, tmp_path: Path) -> list[Received]:
    """Its feed as history tells it, once all is numbered."""
    async with engine(of, of.mill, database, tmp_path, started=True) as running:
        await until(lambda: running.pool.fetchval("select count(*) = 2 from log"))
        _, *bodies = (await history.page(running.pool, MILLS, 0, Stamps())).split(b"\n")
        return [envelope.parse(body) for body in bodies]


# Own events


async def test_a_stream_is_loaded_and_decided_upon(mill: DepartmentDatabase, tmp_path: Path) -> None:
    async with engine(NEW, NEW.mill, mill, tmp_path) as new:
        before = await stored(new)
        assert (await new.store.load("grain-1", NEW.grain)).state == 100
        assert (await new.store.execute("grain-1", NEW.grain, 7, Context())).state == 107
        assert await stored(new) == [*before, ("mill.GrainGround", 2, '{"kilos":7}')]
        assert before == [("mill.GrainGround", 1, '{"sacks":2}'), ("mill.GrainGround", 1, '{"sacks":4}')]


async def test_a_read_model_is_filled_and_drained(mill: DepartmentDatabase, tmp_path: Path) -> None:
    """The release's own version is built when it starts: from the log, and from what has no number yet."""
    async with engine(NEW, NEW.mill, mill, tmp_path) as new:
        assert await new.pool.fetchval("select version from read_models where name = 'flour'") == 2
        assert await flour(new) == [100, 200]


async def test_a_read_model_is_rebuilt_and_compared(mill: DepartmentDatabase, tmp_path: Path) -> None:
    async with engine(NEW, NEW.mill, mill, tmp_path) as new:
        [model] = NEW.mill.read_models
        await new.pool.execute("delete from flour_v2.flour where kilos = 100")
        await rebuild(mill.app_url, model, new.registry)
        assert await flour(new) == [100, 200]
        assert await differences(mill.app_url, model, new.registry) == []


async def test_timers_are_made_again(mill: DepartmentDatabase, tmp_path: Path) -> None:
    async with engine(NEW, NEW.mill, mill, tmp_path) as new:
        await new.pool.execute("delete from timers")
        await timer_upkeep.rebuild_timers(new.pool, NEW.mill.timers, new.registry)
        due = await new.pool.fetch("select due_at from timers order by stream")
        assert [row["due_at"] - DAWN for row in due] == [timedelta(minutes=100), timedelta(minutes=200)]


# On the road


async def test_they_travel_as_they_are_with_their_own_schema(mill: DepartmentDatabase, tmp_path: Path) -> None:
    by_history = await messages(NEW, mill, tmp_path)
    assert [message.attributes["dataschema"] for message in by_history] == ["urn:tongban:mill.GrainGround:1"] * 2
    assert [
        message.body.endswith(b'"data":{"sacks":%d}}' % sacks)
        for message, sacks in zip(by_history, (2, 4), strict=True)
    ]
    async with engine(NEW, NEW.mill, mill, tmp_path) as new:
        by_relay = [envelope.encode(event) for event in await read_feed(new.pool, MILLS, after=0, limit=10)]
    assert by_relay == [message.body for message in by_history]


async def test_a_subscriber_takes_them_in(mill: DepartmentDatabase, databases: Databases, tmp_path: Path) -> None:
    feed = await messages(OLD, mill, tmp_path)
    async with databases.fresh() as database, engine(NEW, NEW.bakery, database, tmp_path) as bakery:
        await bakery.subscriptions[FEED].take_in(feed)
        assert await flour(bakery) == [100, 200]
        assert (await bakery.store.load("oven-1", NEW.oven)).state == 300
        kept = await bakery.pool.fetch("select event::text from inbox order by sequence")
        assert [row["event"].encode() for row in kept] == [message.body for message in feed]


async def test_a_reaction_decides_upon_an_older_stream(
    mill: DepartmentDatabase, databases: Databases, tmp_path: Path
) -> None:
    feed = await messages(OLD, mill, tmp_path)
    async with databases.fresh() as database:
        async with engine(OLD, OLD.bakery, database, tmp_path) as old:
            await old.subscriptions[FEED].take_in(feed[:1])
        async with engine(NEW, NEW.bakery, database, tmp_path) as bakery:
            await bakery.subscriptions[FEED].take_in(feed[1:])
            assert [schema for _, schema, _ in await stored(bakery)] == [1, 2]
            assert (await bakery.store.load("oven-1", NEW.oven)).state == 300


async def test_a_read_model_is_filled_from_the_inbox(
    mill: DepartmentDatabase, databases: Databases, tmp_path: Path
) -> None:
    feed = await messages(OLD, mill, tmp_path)
    async with databases.fresh() as database:
        async with engine(OLD, OLD.bakery, database, tmp_path) as old:
            await old.subscriptions[FEED].take_in(feed)
        async with engine(NEW, NEW.bakery, database, tmp_path) as bakery:
            assert await flour(bakery) == [100, 200]


async def test_a_parked_one_is_retried(mill: DepartmentDatabase, databases: Databases, tmp_path: Path) -> None:
    """An older subscriber met a newer schema and parked it; the next release reads it, and the older one behind it."""
    older, later = await messages(OLD, mill, tmp_path)
    newer = older.body.replace(b"GrainGround:1", b"GrainGround:2").replace(b'{"sacks":2}', b'{"kilos":100}')
    behind = later.body.replace(b'"subject":"grain-2"', b'"subject":"grain-1"').replace(
        b'"streamversion":1', b'"streamversion":2'
    )
    async with databases.fresh() as database:
        async with engine(OLD, OLD.bakery, database, tmp_path) as old:
            await old.subscriptions[FEED].take_in([envelope.parse(newer), envelope.parse(behind)])
            first, second = await parking.page(old.pool)
            assert "schema 2 is newer than bakery knows" in (first.error or "")
            assert second.error is None
        async with engine(NEW, NEW.bakery, database, tmp_path) as bakery:
            assert (await parking.retry(bakery.pool, bakery.handling)).still_parked == 0
            assert await flour(bakery) == [100, 200]


async def test_from_end_to_end_over_the_broker(
    mill: DepartmentDatabase, databases: Databases, tmp_path: Path, nats_url: str
) -> None:
    async with (
        databases.fresh() as database,
        engine(NEW, NEW.mill, mill, tmp_path, nats_url, started=True) as new,
        engine(NEW, NEW.bakery, database, tmp_path, nats_url, started=True) as bakery,
    ):
        await new.store.execute("grain-3", NEW.grain, 7, Context())
        await until(lambda: bakery.pool.fetchval("select count(*) = 3 from inbox"), timeout=30)
        assert await flour(bakery) == [100, 200, 7]


# A schema nobody can read


@pytest.mark.parametrize("schema", [0, 3])
def test_a_schema_that_is_not_known_is_never_guessed(schema: int) -> None:
    """Even where the fields would fit."""
    registry = NEW.mill.registry(NEW.contracts)
    with pytest.raises(Poison, match=f"schema {schema}"):
        registry.decode("mill.GrainGround", schema, '{"kilos": 1}')
