"""Taking in a foreign feed: duplicates, any cut into batches, holes, conflicts. Against a from-scratch truth."""

import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts import envelope
from shared.contracts.envelope import Numbered, Received
from shared.contracts.errors import Poison
from shared.department.engine import Engine
from shared.eventstore.aggregate import Context
from shared.messaging import subscription as subscription_module
from shared.messaging.history import Page
from shared.messaging.subscription import CheckpointMoved, Subscription
from tests import sample
from tests.sample import CUSTOMS_SERVICE, INSPECTION, CratesUnloaded, ShipArrived

FEED = "harbour.ships"
TRUTH = "select ship, version, crates, unloaded from sample_ships order by ship"


@pytest.fixture
async def customs(database: DepartmentDatabase, tmp_path: Path) -> AsyncIterator[Engine]:
    async with sample.engine(CUSTOMS_SERVICE, database, tmp_path) as engine:
        yield engine


def feed_of(count: int, streams: int, rng: random.Random) -> list[Received]:
    """A valid feed: every ship arrives, then is unloaded now and then."""
    versions: dict[str, int] = {}
    made: list[Received] = []
    for sequence in range(1, count + 1):
        stream = f"ship-{rng.randrange(streams)}"
        versions[stream] = version = versions.get(stream, 0) + 1
        event = ShipArrived(ship=stream, crates=1000) if version == 1 else CratesUnloaded(ship=stream, crates=version)
        made.append(received(sequence, stream, version, event))
    return made


def received(sequence: int, stream: str, version: int, event: ShipArrived | CratesUnloaded) -> Received:
    return envelope.parse(
        envelope.encode(
            Numbered(
                feed=FEED,
                sequence=sequence,
                id=uuid4(),
                type=f"harbour.{type(event).__name__}",
                schema=1,
                stream=stream,
                version=version,
                data=event.model_dump_json(),
                metadata="{}",
                recorded_at=datetime.now(UTC),
            )
        )
    )


def expected(feed: Sequence[Received]) -> list[tuple[str, int, int, int]]:
    ships: dict[str, tuple[int, int, int]] = {}
    for message in feed:
        data = message.attributes["data"]
        ship, version = message.attributes["subject"], message.attributes["streamversion"]
        if version == 1:
            ships[ship] = (1, data["crates"], 0)
        else:
            ships[ship] = (version, ships[ship][1], ships[ship][2] + data["crates"])
    return [(ship, *row) for ship, row in sorted(ships.items())]


@pytest.mark.parametrize("seed", range(3))
async def test_any_cut_with_any_duplicates_comes_to_the_same(customs: Engine, seed: int) -> None:
    """Batches cut at random, some delivered again, some shuffled inside: applied once each, in order."""
    rng = random.Random(seed)
    feed = feed_of(400, 17, rng)
    subscription = customs.subscriptions[FEED]
    at = 0
    while at < len(feed):
        end = min(len(feed), at + rng.randint(1, 60))
        batch = feed[max(0, at - rng.randint(0, 30)) : end]
        batch += rng.sample(batch, k=rng.randint(0, len(batch)))
        rng.shuffle(batch)
        await subscription.take_in(batch)
        at = end
    rows = [tuple(row) for row in await customs.pool.fetch(TRUTH)]
    assert rows == expected(feed)
    assert await customs.pool.fetchval("select sequence from checkpoints where feed = $1", FEED) == 400
    assert await customs.pool.fetchval("select count(*) from inbox") == 400
    reacted = await customs.pool.fetchval("select count(*) from events")
    assert reacted == sum(1 for message in feed if message.attributes["streamversion"] > 1)
    total = sum(unloaded for *_, unloaded in rows)
    inspected = await customs.pool.fetchval("select sum((data ->> 'crates')::int) from events")
    assert inspected == total


async def test_nothing_is_applied_past_a_hole(customs: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = feed_of(50, 5, random.Random(1))

    async def nobody(*_: object) -> Page:
        raise TimeoutError

    monkeypatch.setattr(subscription_module, "ask_history", nobody)
    monkeypatch.setattr(type(customs), "client", property(lambda _: None))
    subscription = customs.subscriptions[FEED]
    with pytest.raises(TimeoutError):
        await subscription.take_in([*feed[:20], *feed[30:]])
    assert subscription.checkpoint == 20
    assert await customs.pool.fetchval("select max(sequence) from inbox") == 20


async def test_a_hole_is_filled_from_the_provider(customs: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = feed_of(50, 5, random.Random(2))

    async def history(_client: object, _feed: str, after: int) -> Page:
        return Page(len(feed), feed[after : after + 7])

    monkeypatch.setattr(subscription_module, "ask_history", history)
    monkeypatch.setattr(type(customs), "client", property(lambda _: None))
    subscription = customs.subscriptions[FEED]
    await subscription.take_in([*feed[:20], *feed[30:40]])
    assert [tuple(row) for row in await customs.pool.fetch(TRUTH)] == expected(feed[: subscription.checkpoint])
    assert (subscription.checkpoint or 0) >= 40


async def test_of_two_owners_one_stops(customs: Engine) -> None:
    """The checkpoint moves by compare-and-set: a second owner that does not know of the first applies nothing."""
    feed = feed_of(20, 3, random.Random(3))
    first = customs.subscriptions[FEED]
    second = Subscription(
        FEED, customs.pool, customs.registry, customs.read_models, (), customs._committed, lambda: customs.client
    )
    await second.take_in([])  # it has looked at the checkpoint
    await first.take_in(feed[:10])
    with pytest.raises((CheckpointMoved, asyncpg.UniqueViolationError)):
        await second.take_in(feed[:20])
    assert [tuple(row) for row in await customs.pool.fetch(TRUTH)] == expected(feed[:10])


async def test_a_message_of_another_feed_is_ignored(customs: Engine) -> None:
    """Injected into the stream by somebody: it neither takes an event's place nor stops the feed."""
    feed = feed_of(3, 1, random.Random(7))
    forged = replace(received(2, "ship-0", 2, CratesUnloaded(ship="ship-0", crates=500)), feed="customs.inspections")
    await customs.subscriptions[FEED].take_in([feed[0], forged, feed[1], feed[2]])
    assert [tuple(row) for row in await customs.pool.fetch(TRUTH)] == expected(feed)


async def test_an_unreadable_event_stops_the_feed_and_stores_nothing(customs: Engine) -> None:
    good, bad = feed_of(1, 1, random.Random(4))[0], feed_of(2, 1, random.Random(4))[1]
    bad.attributes["type"] = "harbour.SomethingNobodyKnows"
    with pytest.raises(Poison, match="SomethingNobodyKnows"):
        await customs.subscriptions[FEED].take_in([good, bad])
    assert await customs.pool.fetchval("select count(*) from inbox") == 0


async def test_a_reaction_and_a_request_may_write_one_stream(customs: Engine) -> None:
    """A request gets in between a reaction's look and its append: the batch is refused whole and comes again."""
    feed = feed_of(2, 1, random.Random(5))
    stream = INSPECTION.stream("0")
    await customs.store.execute(stream, INSPECTION, 5, Context())
    await customs.subscriptions[FEED].take_in(feed)
    loaded = await customs.store.load(stream, INSPECTION)
    assert loaded.state == 5 + feed[1].attributes["data"]["crates"]


async def test_a_thousand_events_cost_no_more_statements_than_a_hundred(customs: Engine) -> None:
    """Counted, not timed: round trips do not grow with the batch."""
    statements: list[str] = []
    connections = [await customs.pool.acquire() for _ in range(customs.pool.get_max_size())]
    for connection in connections:
        connection.add_query_logger(lambda query: statements.append(query.query))
        await customs.pool.release(connection)
    feed = feed_of(1100, 50, random.Random(6))
    counts = []
    for batch in (feed[:100], feed[100:]):
        statements.clear()
        await customs.subscriptions[FEED].take_in(batch)
        counts.append(len([s for s in statements if "delete from outbox" not in s]))
    assert counts[1] <= counts[0] <= 12
