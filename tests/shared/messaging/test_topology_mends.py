"""Whatever a stream or durable has become, the keeper makes it as declared again, or says why not."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import structlog
import yaml
from nats.aio.client import Client

from deploy.embedded.department_database import DepartmentDatabase
from deploy.embedded.nats import Nats
from shared.contracts.member import Member
from shared.contracts.sharing_file import SharingFile
from shared.department.engine import Engine
from shared.messaging.jetstream_api import ask
from shared.messaging.relay import FeedRelay
from shared.messaging.topology import TopologyKeeper
from shared.messaging.topology_config import consumer_wanted, differences, most_bytes, stream_wanted
from tests import sample
from tests.connected import connected
from tests.sample import HARBOUR_SERVICE
from tests.shared.messaging.test_topology import FEED, carry_all, log_ships, published

STREAM = "local-harbour-ships"
CUSTOMS = Member("local", "customs")


@pytest.fixture
async def harbour(database: DepartmentDatabase, tmp_path: Path) -> AsyncIterator[Engine]:
    """Five ships have come. Without a leader: the tests move its relay and its keeper by hand."""
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path, started=False) as engine:
        await log_ships(engine, range(5))
        yield engine


@pytest.fixture
async def client(own_nats: Nats) -> AsyncIterator[Client]:
    async with connected(own_nats.url()) as client:
        yield client


@pytest.fixture
async def relay(harbour: Engine, client: Client) -> FeedRelay:
    """Has published them."""
    relay = harbour._relays[FEED]
    await keeper(relay).keep(client)
    await carry_all(relay, client)
    return relay


def keeper(relay: FeedRelay, *subscribers: Member, replicas: int = 1) -> TopologyKeeper:
    return TopologyKeeper({FEED: relay}, lambda _: subscribers or (CUSTOMS,), replicas)


async def config(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = (await ask(client, f"STREAM.INFO.{STREAM}"))["config"]
    return found


async def messages(client: Client) -> int:
    return int((await ask(client, f"STREAM.INFO.{STREAM}"))["state"]["messages"])


async def lay(client: Client, relay: FeedRelay, **other: Any) -> None:
    """Instead of the stream that there is, one that is other than declared."""
    await ask(client, f"STREAM.DELETE.{STREAM}")
    await ask(client, f"STREAM.CREATE.{STREAM}", stream_wanted(relay.feed, 1) | other)


@pytest.mark.parametrize(
    "other",
    [
        {"allow_atomic": False},
        {"subjects": ["events.local.harbour.other.>"]},
        {"subjects": ["_INBOX_local-customs.>", "events.local.harbour.ships.>"]},
        {"sources": [{"name": "local-customs-inspections"}]},
        {"republish": {"src": ">", "dest": "copied.>"}},
        {"max_msgs": 2},
        {"max_age": 3_600_000_000_000},
        {"discard": "new"},
        {"duplicate_window": 1_000_000_000},
        {"description": "something else"},
        {"metadata": {"by": "hand"}},
        {"deny_purge": False},
    ],
    ids=lambda other: next(iter(other)),
)
async def test_a_stream_becomes_what_was_declared(relay: FeedRelay, client: Client, other: dict[str, Any]) -> None:
    await lay(client, relay, **other)
    keeping = keeper(relay)
    await keeping.keep(client)
    assert not differences(await config(client), stream_wanted(relay.feed, 1))
    assert not keeping.findings
    await carry_all(relay, client)
    assert await messages(client) == 5


@pytest.mark.parametrize("other", [{"storage": "memory"}, {"allow_msg_ttl": True}], ids=lambda other: next(iter(other)))
async def test_what_cannot_be_changed_is_made_anew(relay: FeedRelay, client: Client, other: dict[str, Any]) -> None:
    await lay(client, relay, **other)
    await keeper(relay).keep(client)
    await carry_all(relay, client)
    await lay_aside_and_check(relay, client)


async def lay_aside_and_check(relay: FeedRelay, client: Client) -> None:
    assert not differences(await config(client), stream_wanted(relay.feed, 1))
    assert await messages(client) == 5


async def test_a_stream_is_kept_that_holds_what_the_log_does_not(relay: FeedRelay, client: Client) -> None:
    await lay(client, relay, storage="memory")
    await client.request(relay.feed.subject_of("harbour.ShipArrived"), b"nobody knows what this is")
    keeping = keeper(relay)
    await keeping.keep(client)
    assert (await config(client))["storage"] == "memory"
    assert "storage" in keeping.findings[STREAM]
    assert keeping.trouble is not None


async def test_more_replicas_than_servers_are_told_once(relay: FeedRelay, client: Client) -> None:
    await client.request(relay.feed.subject_of("harbour.ShipArrived"), b"junk")
    keeping = keeper(relay, replicas=3)
    with structlog.testing.capture_logs() as told:
        await keeping.keep(client)
        await keeping.keep(client)
    assert "replicas" in keeping.findings[STREAM]
    assert [line["event"] for line in told if line["log_level"] == "error"] == [
        "not as it should be on the road, and not mended"
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"ack_policy": "explicit"},
        {"filter_subject": "events.local.harbour.ships.CratesUnloaded"},
        {"deliver_policy": "new"},
        {"max_waiting": 512},
        {"max_ack_pending": 7},
        {"ack_wait": 1_000_000_000},
        {"headers_only": True},
        {"max_deliver": 3},
    ],
    ids=lambda other: next(iter(other)),
)
async def test_a_durable_becomes_what_was_declared(relay: FeedRelay, client: Client, other: dict[str, Any]) -> None:
    wanted = consumer_wanted(relay.feed, CUSTOMS)
    await ask(client, f"CONSUMER.DELETE.{STREAM}.local-customs")
    question = {"stream_name": STREAM, "config": wanted | other}
    await ask(client, f"CONSUMER.DURABLE.CREATE.{STREAM}.local-customs", question)
    keeping = keeper(relay)
    await keeping.keep(client)
    there = await ask(client, f"CONSUMER.INFO.{STREAM}.local-customs")
    assert not differences(there["config"], wanted)
    assert not keeping.findings


async def test_what_is_as_declared_is_left_alone(relay: FeedRelay, client: Client) -> None:
    keeping = keeper(relay)
    await keeping.keep(client)
    with structlog.testing.capture_logs() as told:
        await keeping.keep(client)
    assert not told
    assert keeping.trouble is None


async def consumers(client: Client) -> list[str]:
    return sorted((await ask(client, f"CONSUMER.NAMES.{STREAM}")).get("consumers") or [])


async def test_who_is_given_the_feed_no_more_loses_its_durable(relay: FeedRelay, client: Client) -> None:
    bank = Member("local", "bank")
    await keeper(relay, CUSTOMS, bank).keep(client)
    assert await consumers(client) == ["local-bank", "local-customs"]
    await keeper(relay, bank).keep(client)
    assert await consumers(client) == ["local-bank"]


async def test_a_consumer_of_nobody_is_told_and_left(relay: FeedRelay, client: Client) -> None:
    config = {"durable_name": "debugging", "ack_policy": "none"}
    await ask(client, f"CONSUMER.DURABLE.CREATE.{STREAM}.debugging", {"stream_name": STREAM, "config": config})
    keeping = keeper(relay)
    await keeping.keep(client)
    assert f"{STREAM}.debugging" in keeping.findings
    assert "debugging" in await consumers(client)


async def test_a_stream_of_no_feed_is_told_and_left(relay: FeedRelay, client: Client) -> None:
    await client.jetstream().add_stream(name="local-harbour-other", subjects=["other"])
    keeping = keeper(relay)
    await keeping.keep(client)
    assert "local-harbour-other" in keeping.findings
    assert keeping.trouble is not None
    await client.jetstream().delete_stream("local-harbour-other")
    await keeping.keep(client)
    assert not keeping.findings
    assert keeping.trouble is None


JUNK = [
    b"",
    b"{}",
    b"not JSON",
    b'{"sequence": "many"}',
    json.dumps(
        {"feed": "local.harbour.ships", "sequence": 10**15, "type": "x", "subject": "s", "id": "1" * 32}
    ).encode(),
    json.dumps({"feed": "local.harbour.ships", "sequence": 2, "type": "x", "subject": "s", "id": "1" * 32}).encode(),
]


@pytest.mark.parametrize("body", JUNK, ids=range(len(JUNK)))
async def test_junk_in_its_own_stream_is_passed_over(
    harbour: Engine, relay: FeedRelay, client: Client, body: bytes
) -> None:
    for _ in range(3):
        await client.request(relay.feed.subject_of("harbour.ShipArrived"), body)
    keeping = keeper(relay)
    with structlog.testing.capture_logs() as told:
        await keeping.keep(client)
        await keeping.keep(client)
    assert len([line for line in told if line["log_level"] == "error"]) == 1, "it is told once"
    assert "3 messages" in keeping.findings[STREAM]
    assert await published(harbour) == 5, "nothing is lost, nothing is hidden"
    await log_ships(harbour, range(5, 7))
    await carry_all(relay, client)
    await keeping.keep(client)
    assert not keeping.findings, "events lie after it"


async def test_junk_does_not_hide_what_is_missing(harbour: Engine, relay: FeedRelay, client: Client) -> None:
    await lay(client, relay)
    await client.request(relay.feed.subject_of("harbour.ShipArrived"), JUNK[4])
    await keeper(relay).keep(client)
    await carry_all(relay, client)
    assert await messages(client) == 6


def test_the_streams_of_an_account_share_what_it_may_store() -> None:
    assert most_bytes({"limits": {"max_storage": 1000}}, streams=3, replicas=1) == 300
    assert most_bytes({"limits": {"max_storage": 1000}}, streams=3, replicas=3) == 100
    assert most_bytes({"limits": {"max_storage": -1}}, streams=3, replicas=1) == -1


def sharing(path: Path, subscribers: list[str]) -> None:
    row = {"attribute": "conditional", "basis": "sample", "subscribers": subscribers}
    told = {"members": ["harbour", "customs"], "integrators": ["bank"], "feeds": {"harbour.ships": row}}
    path.write_text(yaml.safe_dump(told))


async def test_a_changed_catalogue_is_followed(relay: FeedRelay, client: Client, tmp_path: Path) -> None:
    path = tmp_path / "changing.yaml"
    sharing(path, ["customs"])
    file = SharingFile(path, sample.CONTRACTS)
    keeping = TopologyKeeper({FEED: relay}, lambda feed: file.look().subscribers(feed))
    await keeping.keep(client)
    assert await consumers(client) == ["local-customs"]
    sharing(path, ["customs", "bank"])
    await keeping.keep(client)
    assert await consumers(client) == ["local-bank", "local-customs"]
    path.write_text("feeds: [")
    await keeping.keep(client)
    assert file.trouble
    assert await consumers(client) == ["local-bank", "local-customs"], "what could be read last holds"
    sharing(path, ["bank"])
    await keeping.keep(client)
    assert file.trouble is None
    assert await consumers(client) == ["local-bank"]
