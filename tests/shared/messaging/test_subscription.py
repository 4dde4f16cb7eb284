"""Taking in a foreign feed: duplicates, any cut into batches, holes, conflicts. Against a from-scratch truth."""

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.department.engine import Engine
from shared.eventstore.aggregate import Context
from shared.messaging import subscription as subscription_module
from shared.messaging.batches import readable
from shared.messaging.history import Page
from shared.messaging.subscription import Subscription
from tests import sample
from tests.sample import CUSTOMS_SERVICE, INSPECTION, CratesUnloaded
from tests.shared.messaging.feeds import FEED, TRUTH, expected, feed_of, received


@pytest.fixture
async def customs(database: DepartmentDatabase, tmp_path: Path) -> AsyncIterator[Engine]:
    async with sample.engine(CUSTOMS_SERVICE, database, tmp_path) as engine:
        yield engine


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


async def test_of_two_owners_the_second_looks_anew(customs: Engine) -> None:
    """The checkpoint moves by compare-and-set: an owner that does not know of another applies nothing before it has
    looked, and then only what is new."""
    feed = feed_of(20, 3, random.Random(3))
    first = customs.subscriptions[FEED]
    second = Subscription(FEED, customs.pool, customs.handling, customs._committed, lambda: customs.client)
    await second.take_in([])
    await second.take_in(feed[:5])
    await first.take_in(feed[:10])
    await second.take_in(feed[3:20])
    assert [tuple(row) for row in await customs.pool.fetch(TRUTH)] == expected(feed)
    assert await customs.pool.fetchval("select count(*) from inbox") == 20


async def test_a_message_of_another_feed_is_ignored(customs: Engine) -> None:
    """Injected into the stream by somebody: it neither takes an event's place nor stops the feed."""
    feed = feed_of(3, 1, random.Random(7))
    forged = received(2, "ship-0", 2, CratesUnloaded(ship="ship-0", crates=500)).body
    forged = forged.replace(b'"feed":"local.harbour.ships"', b'"feed":"local.customs.inspections"')
    messages = [feed[0].body, forged, b"no envelope", b'{"feed": "local.harbour.ships"}', feed[1].body, feed[2].body]
    await customs.subscriptions[FEED].take_in(readable(FEED, messages))
    assert [tuple(row) for row in await customs.pool.fetch(TRUTH)] == expected(feed)


async def test_a_reaction_and_a_request_may_write_one_stream(customs: Engine) -> None:
    """A request gets in between a reaction's look and its append: the batch is refused whole and comes again."""
    feed = feed_of(2, 1, random.Random(5))
    stream = INSPECTION.stream("0")
    await customs.store.execute(stream, INSPECTION, 5, Context())
    await customs.subscriptions[FEED].take_in(feed)
    loaded = await customs.store.load(stream, INSPECTION)
    assert loaded.state == 5 + feed[1].attributes["data"]["crates"]


async def test_a_lone_event_costs_four_statements(customs: Engine) -> None:
    """Counted, not timed: begin, checkpoint and inbox by one, read model, commit; nothing for what nobody parked."""
    by_connection: list[list[str]] = []
    async with AsyncExitStack() as stack:
        for _ in range(customs.duty_pool.get_max_size()):  # every connection there can be
            connection = await stack.enter_async_context(customs.duty_pool.acquire())
            sent: list[str] = []
            connection.add_query_logger(lambda query, sent=sent: sent.append(query.query.strip()))
            by_connection.append(sent)
    await customs.subscriptions[FEED].take_in(feed_of(1, 1, random.Random(6)))
    [(sent, at)] = [(sent, n) for sent in by_connection for n, text in enumerate(sent) if "insert into inbox" in text]
    transaction = [text.split()[0].lower().rstrip(";") for text in sent[at - 1 :]]
    assert transaction[: transaction.index("commit") + 1] == ["begin", "with", "insert", "commit"]


@pytest.fixture
async def idle(database: DepartmentDatabase, tmp_path: Path) -> AsyncIterator[Engine]:
    """It does nothing of itself that would be counted."""
    async with sample.engine(CUSTOMS_SERVICE, database, tmp_path, started=False) as engine:
        yield engine


async def test_a_thousand_events_cost_no_more_statements_than_a_hundred(idle: Engine) -> None:
    """Counted, not timed: round trips do not grow with the batch."""
    customs = idle
    statements: list[str] = []
    connections = [await customs.duty_pool.acquire() for _ in range(customs.duty_pool.get_max_size())]
    for connection in connections:
        connection.add_query_logger(lambda query: statements.append(query.query))
        await customs.duty_pool.release(connection)
    feed = feed_of(1100, 50, random.Random(6))
    counts = []
    for batch in (feed[:100], feed[100:]):
        statements.clear()
        await customs.subscriptions[FEED].take_in(batch)
        counts.append(len([s for s in statements if "delete from outbox" not in s]))
    assert counts[1] <= counts[0] <= 12
