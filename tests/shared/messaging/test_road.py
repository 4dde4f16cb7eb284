"""The road whole: two departments, a real broker that is stopped, killed and wiped while events flow."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg
import nats
import orjson
import pytest
from nats.aio.client import Client
from nats.js.api import RawStreamMsg

from deploy.embedded.department_database import DepartmentDatabase
from deploy.embedded.nats import Nats
from shared.department.engine import Engine
from shared.eventstore.aggregate import Context
from shared.messaging import topology_config
from shared.messaging.publisher import BROKER_ERRORS
from shared.messaging.topology_config import stream_config
from tests import sample
from tests.connected import connected
from tests.databases import Databases
from tests.sample import CUSTOMS_SERVICE, HARBOUR_SERVICE, SHIP, SHIPS_FEED, Arrive, Note, Unload
from tests.servers import Server
from tests.until import until

ROWS = "select ship, version, crates, unloaded from sample_ships order by ship"
LATER: list[Arrive | Unload | Note] = [Unload(3), Note("x")]
INSPECTED = "select coalesce(sum((data ->> 'crates')::int), 0) from events where type = 'customs.CratesInspected'"


@pytest.fixture
async def second_database(postgres_server: Server, databases: Databases) -> AsyncIterator[DepartmentDatabase]:
    async with databases.fresh() as fresh:
        yield fresh


@asynccontextmanager
async def both(
    own: DepartmentDatabase, other: DepartmentDatabase, tmp_path: Path, nats_url: str
) -> AsyncIterator[tuple[Engine, Engine]]:
    async with AsyncExitStack() as stack:
        harbour = await stack.enter_async_context(sample.engine(HARBOUR_SERVICE, own, tmp_path, nats_url))
        customs = await stack.enter_async_context(sample.engine(CUSTOMS_SERVICE, other, tmp_path, nats_url))
        yield harbour, customs


async def sail(harbour: Engine, ships: range, rng: random.Random) -> None:
    """Every ship arrives and is unloaded crate by crate; private notes in between."""

    async def one(ship: int) -> None:
        stream = f"ship-{ship}"
        await harbour.store.execute(stream, SHIP, Arrive(100), Context())
        for _ in range(rng.randint(1, 4)):
            await harbour.store.execute(stream, SHIP, rng.choice(LATER), Context())

    for start in range(ships.start, ships.stop, 20):
        await asyncio.gather(*(one(ship) for ship in ships[start - ships.start : start - ships.start + 20]))


def arrived(harbour: Engine, customs: Engine) -> Callable[[], Awaitable[bool]]:
    """All that harbour decided is applied at customs, reactions included."""

    async def check() -> bool:
        truth = await harbour.pool.fetch(ROWS)
        return (
            truth == await customs.pool.fetch(ROWS)
            and await harbour.pool.fetchval("select sum(unloaded) from sample_ships")
            == await customs.pool.fetchval(INSPECTED)
            and bool(truth)
        )

    return check


async def test_what_one_department_decides_the_other_knows(
    database: DepartmentDatabase, second_database: DepartmentDatabase, tmp_path: Path, own_nats: Nats
) -> None:
    async with both(database, second_database, tmp_path, own_nats.url()) as (harbour, customs):
        await sail(harbour, range(40), random.Random(1))
        await until(arrived(harbour, customs), what="customs knows all")


@pytest.mark.parametrize("fault", ["restart", "kill", "wipe"])
async def test_the_broker_fails_while_events_flow_and_nothing_is_lost(
    database: DepartmentDatabase, second_database: DepartmentDatabase, tmp_path: Path, own_nats: Nats, fault: str
) -> None:
    async with both(database, second_database, tmp_path, own_nats.url()) as (harbour, customs):
        await sail(harbour, range(60), random.Random(2))
        sailing = asyncio.create_task(sail(harbour, range(60, 300), random.Random(3)))
        match fault:
            case "restart":
                await own_nats.restart()
            case "kill":
                own_nats.kill()
                await own_nats.start()
            case "wipe":
                own_nats.wipe()
                await own_nats.start()
        await sailing
        await until(arrived(harbour, customs), timeout=40, what="customs knows all")
        head = await harbour.pool.fetchval("select max(sequence) from log")
        inbox = await customs.pool.fetchrow("select count(*), max(sequence) from inbox")
        assert inbox is not None
        assert inbox["count"] == inbox["max"] == head

        async def whole_again() -> bool:
            return await sequences_in_stream(own_nats.url()) >= set(range(1, head + 1))

        await until(whole_again, what="the broker's stream holds every event again, for whoever reads it")


async def sequences_in_stream(url: str) -> set[int]:
    """What an integrator's own consumer finds, from the beginning."""
    async with connected(url) as client:
        subscription = await client.jetstream().subscribe("events.local.harbour.ships.>", ordered_consumer=True)
        pending = (await subscription.consumer_info()).num_pending
        return {orjson.loads((await subscription.next_msg(timeout=30)).data)["sequence"] for _ in range(pending or 0)}


async def test_commands_are_accepted_while_no_broker_is_there(
    database: DepartmentDatabase, second_database: DepartmentDatabase, tmp_path: Path, own_nats: Nats
) -> None:
    url = own_nats.url()
    await own_nats.stop()
    async with both(database, second_database, tmp_path, url) as (harbour, customs):
        await sail(harbour, range(10), random.Random(4))
        assert not harbour.state().broker_connected
        await own_nats.start()
        await until(arrived(harbour, customs), timeout=30, what="customs knows all once the broker is there")


async def test_a_subscriber_killed_before_its_ack_applies_nothing_twice(
    database: DepartmentDatabase, second_database: DepartmentDatabase, tmp_path: Path, own_nats: Nats
) -> None:
    """The checkpoint is committed, the ack never comes: the broker delivers again, to a new instance."""
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path, own_nats.url()) as harbour:
        async with sample.engine(CUSTOMS_SERVICE, second_database, tmp_path, own_nats.url()) as customs:
            await sail(harbour, range(20), random.Random(5))
            await until(arrived(harbour, customs), what="customs knows all")
            stream = SHIPS_FEED.jetstream
            await customs.client.jetstream().delete_consumer(stream, "local-customs")  # its acks are forgotten
        async with sample.engine(CUSTOMS_SERVICE, second_database, tmp_path, own_nats.url()) as customs:
            await sail(harbour, range(20, 30), random.Random(6))
            await until(arrived(harbour, customs), what="customs knows all, once each")


async def test_what_a_killed_instance_held_unacknowledged_does_not_wait_for_redelivery(
    database: DepartmentDatabase,
    second_database: DepartmentDatabase,
    tmp_path: Path,
    own_nats: Nats,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The broker would deliver again after an hour; the provider's history is asked at once."""
    monkeypatch.setattr(topology_config, "ACK_WAIT", 3600.0)
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path, own_nats.url()) as harbour:
        await sail(harbour, range(10), random.Random(8))
        client = await nats.connect(own_nats.url())
        feed = SHIPS_FEED

        async def held() -> bool:
            try:
                reader = await client.jetstream().pull_subscribe_bind("local-customs", feed.jetstream)
                await reader.fetch(1000, timeout=1)
                info = await client.jetstream().consumer_info(feed.jetstream, "local-customs")
            except (nats.js.errors.NotFoundError, nats.errors.Error):
                return False
            return bool(info.num_pending == 0 and info.num_ack_pending > 0)

        await until(held, what="every message is in the hands of an instance that will die")
        await client.close()
        async with sample.engine(CUSTOMS_SERVICE, second_database, tmp_path, own_nats.url()) as customs:
            await until(arrived(harbour, customs), what="customs knows all")


async def test_published_moves_only_after_the_brokers_ack(
    database: DepartmentDatabase, tmp_path: Path, own_nats: Nats
) -> None:
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path, started=False) as harbour:
        await harbour.store.execute("ship-1", SHIP, Arrive(1), Context())
        await harbour._sequencer.number()
        relay = harbour._relays["harbour.ships"]
        client = await nats.connect(own_nats.url())
        with pytest.raises(BROKER_ERRORS):
            await relay.carry(client)  # the stream does not exist
        assert not await harbour.pool.fetchval("select published from relay")
        await client.jetstream().add_stream(stream_config(relay.feed, 1))
        assert await relay.carry(client) == 1
        assert await harbour.pool.fetchval("select published from relay") == 1
        await client.close()


async def test_a_batch_with_a_known_id_goes_the_slow_way_and_leaves_no_double(
    database: DepartmentDatabase, tmp_path: Path, own_nats: Nats
) -> None:
    """The relay died between the broker's ack and its own note: it publishes the same again."""
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path, started=False) as harbour:
        await sail(harbour, range(5), random.Random(9))
        while await harbour._sequencer.number():
            pass
        relay = harbour._relays["harbour.ships"]
        client = await nats.connect(own_nats.url())
        await client.jetstream().add_stream(stream_config(relay.feed, 1))
        count = await relay.carry(client)
        await harbour.pool.execute("update relay set published = 3")
        assert await relay.carry(client) == count - 3
        info = await client.jetstream().stream_info(relay.feed.jetstream)
        assert info.state.messages == count
        await client.close()


async def test_history_is_answered_by_page_to_who_asks(
    database: DepartmentDatabase, tmp_path: Path, own_nats: Nats
) -> None:
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path, own_nats.url()) as harbour:
        await sail(harbour, range(30), random.Random(7))
        last = await harbour.pool.fetchval("select count(*) from events where type <> 'harbour.HarbourNoted'")
        client = await nats.connect(own_nats.url())

        async def history(after: int) -> list[dict[str, object]] | None:
            try:
                answer = await client.request("history.local.harbour.ships", orjson.dumps({"after": after}), timeout=30)
            except nats.errors.NoRespondersError:
                return None
            head, *events = [orjson.loads(line) for line in answer.data.splitlines()]
            if head == {"error": "not ready"}:
                return None
            assert head["head"] >= len(events)
            return events

        async def whole() -> bool:
            events = await history(0)
            return events is not None and len(events) == last

        await until(whole, what="history answers with every event")
        events = await history(10)
        assert events is not None
        assert [event["sequence"] for event in events] == list(range(11, last + 1))
        assert await history(last) == []
        refused = await client.request("history.local.harbour.ships", b"give me all", timeout=30)
        assert b"error" in refused.data
        await client.close()


async def test_an_integrator_reads_cloudevents_from_the_stream(
    database: DepartmentDatabase, tmp_path: Path, own_nats: Nats
) -> None:
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path, own_nats.url()) as harbour:
        done = await harbour.store.execute("ship-1", SHIP, Arrive(7), Context())
        client: Client = await nats.connect(own_nats.url())
        jetstream = client.jetstream()

        async def first() -> RawStreamMsg | None:
            try:
                return await jetstream.get_last_msg("local-harbour-ships", "events.local.harbour.ships.ShipArrived")
            except nats.js.errors.NotFoundError:
                return None

        message = await until(first, what="the event is in the stream")
        assert message.data
        assert message.headers
        envelope = orjson.loads(message.data)
        stored = await harbour.pool.fetchval("select data from events")
        await client.close()
    assert envelope["specversion"] == "1.0"
    assert envelope["id"] == str(done.events[0].id) == message.headers["Nats-Msg-Id"]
    assert envelope["source"] == "/jurisdictions/local/departments/harbour"
    assert envelope["type"] == "harbour.ShipArrived"
    assert envelope["dataschema"] == "urn:tongban:harbour.ShipArrived:1"
    assert (envelope["subject"], envelope["streamversion"]) == ("ship-1", 1)
    assert (envelope["feed"], envelope["sequence"]) == ("local.harbour.ships", 1)
    assert stored.encode() in message.data, "the data travels as the bytes that are stored"


async def test_a_standby_takes_over_when_the_leader_goes(
    database: DepartmentDatabase, tmp_path: Path, own_nats: Nats
) -> None:
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path, own_nats.url()) as standby:
        await until(lambda: standby.state().is_leading, what="the first instance leads")
        async with sample.engine(HARBOUR_SERVICE, database, tmp_path, own_nats.url()) as second:
            assert not second.state().is_leading
            connection = await asyncpg.connect(database.admin_url)
            await connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'harbour leader'"
            )
            await connection.close()
            await until(lambda: standby.state().is_leading or second.state().is_leading, what="one of them leads again")
            await second.store.execute("ship-1", SHIP, Arrive(1), Context())

            async def published() -> bool:
                return bool(await second.pool.fetchval("select published from relay where feed = 'harbour.ships'"))

            await until(published, what="the event is published")
