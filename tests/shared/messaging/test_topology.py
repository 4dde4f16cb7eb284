"""The topology keeper makes a stream whole again, whatever the relay does at the same moment."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from nats.aio.client import Client

from deploy.embedded.department_database import DepartmentDatabase
from deploy.embedded.nats import Nats
from shared.contracts.epochs import Epochs
from shared.department.engine import Engine
from shared.eventstore.aggregate import Context
from shared.messaging import topology
from shared.messaging.jetstream_api import Answer, ask
from shared.messaging.publisher import BROKER_ERRORS, Message, Publisher
from shared.messaging.relay import FeedRelay
from shared.messaging.topology import TopologyKeeper
from tests import sample
from tests.connected import connected
from tests.sample import HARBOUR_SERVICE, SHIP, Arrive

FEED = "harbour.ships"
STREAM = "local-harbour-ships"


@pytest.fixture
async def harbour(database: DepartmentDatabase, tmp_path: Path) -> AsyncIterator[Engine]:
    """Without a leader: the tests move its relay and its keeper by hand."""
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path, started=False) as engine:
        yield engine


@pytest.fixture
async def client(own_nats: Nats) -> AsyncIterator[Client]:
    async with connected(own_nats.url()) as client:
        yield client


async def log_ships(harbour: Engine, ships: range) -> None:
    for ship in ships:
        await harbour.store.execute(f"ship-{ship}", SHIP, Arrive(1), Context())
    while await harbour._sequencer.number():
        pass


async def carry_all(relay: FeedRelay, client: Client) -> None:
    while await relay.carry(client):
        pass


async def published(harbour: Engine) -> int:
    number: int = await harbour.pool.fetchval("select published from relay where feed = $1", FEED)
    return number


def keeper_and_relay(harbour: Engine) -> tuple[TopologyKeeper, FeedRelay]:
    relay = harbour._relays[FEED]
    return TopologyKeeper({FEED: relay}, lambda _: ()), relay


class Slow(Publisher):
    """Has been handed a batch, and publishes it only when it may."""

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self.handed = asyncio.Event()
        self.may = asyncio.Event()

    async def publish(self, stream: str, messages: Sequence[Message]) -> None:
        self.handed.set()
        await self.may.wait()
        await super().publish(stream, messages)


async def test_what_the_relay_carries_into_a_new_stream_does_not_hide_what_is_missing(
    harbour: Engine, client: Client
) -> None:
    keeper, relay = keeper_and_relay(harbour)
    await keeper.keep(client)
    await log_ships(harbour, range(5))
    await carry_all(relay, client)
    await client.jetstream().delete_stream(STREAM)
    await log_ships(harbour, range(5, 8))
    relay._publisher = slow = Slow(client)
    carrying = asyncio.create_task(relay.carry(client))
    await slow.handed.wait()
    keeping = asyncio.create_task(keeper.keep(client))
    await asyncio.wait([keeping], timeout=0.5)
    slow.may.set()
    await asyncio.wait([carrying, keeping])
    assert isinstance(carrying.exception(), BROKER_ERRORS), "there was no stream yet"
    await keeping
    await carry_all(relay, client)
    assert (await client.jetstream().stream_info(STREAM)).state.messages == 8
    assert await published(harbour) == 8


async def killed_after_declaring(client: Client, subject: str, question: Answer | None = None) -> Answer:
    answer = await ask(client, subject, question)
    if subject.startswith("STREAM.CREATE"):
        raise ConnectionError("the process was killed before it did anything more")
    return answer


async def test_a_keeper_killed_at_its_work_leaves_nothing_unpublished(
    harbour: Engine, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper, relay = keeper_and_relay(harbour)
    await keeper.keep(client)
    await log_ships(harbour, range(5))
    await carry_all(relay, client)
    await client.jetstream().delete_stream(STREAM)
    with monkeypatch.context() as patched, pytest.raises(ConnectionError):
        patched.setattr(topology, "ask", killed_after_declaring)
        await keeper.keep(client)
    await log_ships(harbour, range(5, 6))
    await carry_all(relay, client)
    assert (await client.jetstream().stream_info(STREAM)).state.messages == 6


async def test_a_round_asks_for_the_epochs_once(
    harbour: Engine, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[FeedRelay] = []
    epochs = FeedRelay.epochs

    async def counted(relay: FeedRelay) -> Epochs:
        asked.append(relay)
        return await epochs(relay)

    monkeypatch.setattr(FeedRelay, "epochs", counted)
    relay = harbour._relays[FEED]
    keeper = TopologyKeeper({FEED: relay, "again": relay}, lambda _: ())
    for rounds in (1, 2):
        await keeper.keep(client)
        assert len(asked) == rounds
