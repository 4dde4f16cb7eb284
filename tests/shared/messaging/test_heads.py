"""Heads: how far a department's feeds go, told every 2 s, and the lost tail that is found by them."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import nats
import orjson
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from deploy.embedded.nats import Nats
from shared.department.engine import Engine
from shared.eventstore.aggregate import Context
from shared.eventstore.tasks import end
from shared.messaging import heads
from shared.messaging import subscription as subscription_module
from shared.messaging.history import Page
from tests import sample
from tests.databases import Databases
from tests.sample import CUSTOMS_SERVICE, HARBOUR_SERVICE, SHIP, Arrive
from tests.shared.messaging.feeds import FEED, TRUTH, expected, feed_of
from tests.until import until


@pytest.fixture
async def customs(database: DepartmentDatabase, tmp_path: Path) -> AsyncIterator[Engine]:
    async with sample.engine(CUSTOMS_SERVICE, database, tmp_path) as engine:
        yield engine


async def test_heads_are_announced_with_what_the_log_holds(
    database: DepartmentDatabase, tmp_path: Path, own_nats: Nats
) -> None:
    client = await nats.connect(own_nats.url())
    heard = await client.subscribe("heads.local.harbour.ships")
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path, own_nats.url()) as harbour:
        for ship in range(3):
            await harbour.store.execute(f"ship-{ship}", SHIP, Arrive(1), Context())

        async def all_told() -> bool:
            told = orjson.loads((await heard.next_msg(timeout=30)).data)
            assert told["member"] == "local.harbour"
            return bool(told["feeds"] == {"local.harbour.ships": 3})

        await until(all_told, what="the head is the log's")
    await client.close()


async def test_the_members_own_head_tells_nothing_of_its_feeds(
    database: DepartmentDatabase, tmp_path: Path, own_nats: Nats
) -> None:
    client = await nats.connect(own_nats.url())
    heard = await client.subscribe("heads.*.*")
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path, own_nats.url()) as harbour:
        await harbour.store.execute("ship-1", SHIP, Arrive(1), Context())
        message = await heard.next_msg(timeout=30)
    assert message.subject == "heads.local.harbour"
    assert orjson.loads(message.data) == {"member": "local.harbour", "feeds": {}}
    await client.close()


async def test_a_tail_that_never_came_is_asked_for(
    databases: Databases, tmp_path: Path, own_nats: Nats, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broker acknowledged the last events and delivers none of them: no hole will ever show it."""

    async def deaf(*_: object) -> None:
        return

    monkeypatch.setattr(heads, "EVERY", 0.1)
    async with (
        databases.fresh() as one,
        databases.fresh() as other,
        sample.engine(HARBOUR_SERVICE, one, tmp_path, own_nats.url()) as harbour,
        sample.engine(CUSTOMS_SERVICE, other, tmp_path, own_nats.url()) as customs,
    ):
        await until(lambda: customs.subscriptions[FEED].checkpoint == 0, what="customs has looked")
        monkeypatch.setattr(subscription_module.Subscription, "take_in", deaf)
        for ship in range(5):
            await harbour.store.execute(f"ship-{ship}", SHIP, Arrive(1), Context())
        await until(lambda: customs.subscriptions[FEED].checkpoint == 5, what="customs has asked for them")
        assert await harbour.pool.fetch(TRUTH) == await customs.pool.fetch(TRUTH)


async def test_only_a_head_above_us_that_we_did_not_move_towards_is_a_lost_tail(
    customs: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = feed_of(30, 3, random.Random(1))
    asked: list[int] = []

    async def history(_client: object, _feed: str, after: int) -> Page:
        asked.append(after)
        return Page(len(feed), feed[after : after + 7])

    monkeypatch.setattr(subscription_module, "ask_history", history)
    monkeypatch.setattr(type(customs), "client", property(lambda _: None))
    subscription = customs.subscriptions[FEED]
    await subscription.hear(10)  # may be on its way
    await subscription.take_in(feed[:10])
    await subscription.hear(10)
    await subscription.hear(20)
    await subscription.take_in(feed[10:15])
    await subscription.hear(20)  # behind, and moving
    assert asked == []
    await subscription.hear(20)  # behind, and nothing came since
    assert asked[0] == 15
    assert subscription.checkpoint == 30
    assert [tuple(row) for row in await customs.pool.fetch(TRUTH)] == expected(feed)


async def test_a_provider_that_went_back_is_told(customs: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its database was restored from an old backup: it will give our sequences to other events."""
    feed = feed_of(10, 2, random.Random(2))
    head = 7

    async def history(_client: object, _feed: str, after: int) -> Page:
        return Page(head, feed[after:head])

    monkeypatch.setattr(subscription_module, "ask_history", history)
    monkeypatch.setattr(type(customs), "client", property(lambda _: None))
    subscription = customs.subscriptions[FEED]
    await subscription.take_in(feed)
    await subscription.hear(10)
    await subscription.hear(7)
    assert "restored" in (subscription.trouble or "")
    head = 10
    await subscription.hear(10)
    assert subscription.trouble is None


async def test_a_head_that_the_events_after_it_have_overtaken_is_no_trouble(customs: Engine) -> None:
    subscription = customs.subscriptions[FEED]
    feed = feed_of(10, 2, random.Random(2))
    await subscription.take_in(feed[:5])
    await subscription.hear(5)
    await subscription.take_in(feed[5:])
    await subscription.hear(7)
    assert subscription.trouble is None


async def test_a_slow_listener_hears_the_newest_head_only(own_nats: Nats, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await nats.connect(own_nats.url())
    heard: list[int] = []
    came: list[int] = []
    read = heads.read

    def noted(subject: str, body: bytes) -> heads.Head | None:
        came.append(orjson.loads(body)["feeds"][FEED])
        return read(subject, body)

    monkeypatch.setattr(heads, "read", noted)
    busy = asyncio.Event()

    async def hear(head: heads.Head) -> None:
        heard.append(head.feeds[FEED])
        await busy.wait()

    listening = asyncio.create_task(heads.listen(client, hear, FEED))

    async def tell(last: int) -> None:
        await client.publish(heads.subject(FEED), orjson.dumps({"member": "local.harbour", "feeds": {FEED: last}}))
        await client.flush()

    async def first_is_heard() -> bool:
        await tell(1)
        return bool(heard)

    await until(first_is_heard, what="it listens")
    for last in (2, 3, 4):
        await tell(last)
    await until(lambda: came[-1] == 4, what="all have come")
    busy.set()
    await until(lambda: heard[-1] == 4, what="the newest is heard")
    assert heard == [1, 4]
    await end(listening)
    await client.close()


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("heads.local.harbour", b"no JSON"),
        ("heads.local.harbour", b'{"member": "local.harbour"}'),
        ("heads.local.harbour", b'{"member": "local.harbour", "feeds": {"local.harbour.ships": -1}}'),
        ("heads.local.harbour", b'{"member": "local.customs", "feeds": {}}'),
        ("heads.local.harbour", b'{"member": "local.harbour", "feeds": {"local.customs.inspections": 5}}'),
        ("heads.local.harbour.ships", b'{"member": "local.harbour", "feeds": {"local.harbour.crews": 5}}'),
        ("heads.local.harbour.ships", b'{"member": "local.harbour", "feeds": {}}'),
    ],
)
def test_a_head_that_is_none_or_speaks_for_another_is_not_heard(subject: str, body: bytes) -> None:
    assert heads.read(subject, body) is None


async def test_catching_up_may_be_limited(customs: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the start only what an instance before us may have held is asked for; the broker brings the rest."""
    feed = feed_of(100, 3, random.Random(3))

    async def history(_client: object, _feed: str, after: int) -> Page:
        return Page(len(feed), feed[after : after + 10])

    monkeypatch.setattr(subscription_module, "ask_history", history)
    monkeypatch.setattr(type(customs), "client", property(lambda _: None))
    subscription = customs.subscriptions[FEED]
    assert await subscription.catch_up(at_most=25) == 30, "whole pages"
    assert await subscription.catch_up() == 70
    assert await subscription.catch_up() == 0
