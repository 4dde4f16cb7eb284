"""Faults of the road: the broker away, wiped, in disorder, short of a server; a subscriber away."""

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import urlsplit

import nats
import nats.errors

from deploy.road import file, live
from deploy.road.accounts import OPERATOR, accounts, logins
from deploy.road.check import checked
from deploy.road.passwords import hashing
from shared.contracts import envelope
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.identity import IDENTITY
from shared.contracts.member import Member, MemberFeed
from shared.contracts.sharing import read_catalogue
from shared.eventstore.database import connect_pool
from shared.messaging.broker import inbox_of
from shared.messaging.foreign import api_of
from shared.messaging.relay import PUBLISHED, read_feed
from tests.faults.cluster import ClusteredStack
from tests.faults.commands import Client
from tests.faults.fault import Fault, Ground
from tests.faults.own_sharing import admit
from tests.faults.town import Scene
from tests.until import until


def broker_stopped(seconds: float) -> Fault:
    async def strike(scene: Scene, client: Client) -> str:
        accepted = len(client.record.accepted)
        await scene.halt("nats")
        await asyncio.sleep(seconds)
        meanwhile = len(client.record.accepted) - accepted
        await scene.resume("nats")
        assert meanwhile > 0, "without a broker no command was accepted"
        return f"{meanwhile:,} commands accepted meanwhile"

    return Fault(f"broker stopped for {seconds:g} s", strike, patience=60 + 2 * seconds)


async def wipe_broker(scene: Scene, client: Client) -> str:
    await scene.stack.wipe_nats()
    return "its store deleted"


async def delete_brokers_data(scene: Scene, client: Client) -> str:
    """Not stopped: the directory goes from under it, and the runner has to notice."""
    before = scene.stack.nats.pid
    began = time.monotonic()
    store = scene.stack.data_dir / "nats" / "store"
    while store.exists() and scene.stack.nats.is_running and scene.stack.nats.pid == before:
        shutil.rmtree(store, ignore_errors=True)  # the server writes there meanwhile
    await until(
        lambda: scene.stack.nats.is_running and scene.stack.nats.pid != before, what="the runner started it again"
    )
    return f"started again by itself after {time.monotonic() - began:.1f} s"


async def admit_an_integrator(scene: Scene, client: Client) -> str:
    """A bank gets an account and a feed while everybody works, and reads it from its beginning."""
    feed = MemberFeed(Member(scene.catalogue.jurisdiction, "identity"), IDENTITY.feed("people"))
    bank = Member(scene.catalogue.jurisdiction, f"bank{scene.rng.randrange(10**6)}")
    sharing = scene.stack.data_dir / "sharing.yaml"
    admit(sharing, bank.department, feed.local_name)
    secrets = scene.stack.secrets
    catalogue = checked(read_catalogue(sharing, CONTRACTS))
    secrets.make_logins(logins(catalogue))
    made = accounts(catalogue, hashing(secrets.nats_password))
    servers = [urlsplit(url)._replace(netloc=url.rpartition("@")[2]).geturl() for url in _addresses(scene, OPERATOR)]
    told = await live.apply(scene.stack.data_dir / "nats", made, servers, secrets.nats_password(OPERATOR))
    assert f"account {bank.dashed}: new" in told, told
    file.write_catalogue(scene.stack.data_dir / "nats", sharing.read_text("utf-8"))  # as `tongban road apply` does
    broker = await nats.connect(_addresses(scene, bank.dashed), inbox_prefix=inbox_of(bank).encode())
    try:
        jetstream = broker.jetstream(prefix=api_of(feed.member), timeout=5)
        read = 0

        async def has_begun() -> bool:
            nonlocal read
            with suppress(nats.errors.Error):
                reading = await jetstream.pull_subscribe_bind(bank.dashed, stream=feed.jetstream)
                messages = await reading.fetch(200, timeout=3)
                await messages[-1].ack()
                read += len(messages)
            return read > 0

        await until(has_begun, timeout=60, what="the new integrator reads")
    finally:
        await broker.close()
    return f"it read {read} events; nobody was disconnected"


def _addresses(scene: Scene, login: str) -> list[str]:
    return scene.stack.broker_url(login).split(",")


def subscriber_down(events: int) -> Fault:
    """The quickest way to true events: the bulk import, an event of identity.people a line."""

    async def strike(scene: Scene, client: Client) -> str:
        await scene.halt("certificates")
        began = time.monotonic()
        try:
            await scene.enter(events, client)
        finally:
            took = time.monotonic() - began
            await scene.resume("certificates")
        return f"imported at {events / took:,.0f} events/s"

    return Fault(f"certificates down while {events:,} events pass", strike, patience=300)


async def deliver_in_disorder(scene: Scene, client: Client) -> str:
    """Events come to the subscribers again, mixed up, and later ones before earlier ones: a relay gone mad.

    It publishes with its provider's own login, without the message ids by which the broker would know them again. While
    the row of `published` is held the true relay stands still, so that what is mixed up is partly new.
    """
    messages = 0
    for feed in ("identity.people", "certificates.applications", "certificates.lifecycle"):
        provider = scene.department(feed.partition(".")[0])
        of_provider = next(one for one in provider.registry.own_feeds if one.local_name == feed)
        pool = await connect_pool(provider.database_url, name="disorder", min_size=1, max_size=2)
        broker = await nats.connect(provider.nats_url, inbox_prefix=inbox_of(of_provider.member).encode())
        try:
            for _ in range(2 if scene.quick else 6):
                async with pool.acquire() as holding, holding.transaction():
                    published = await holding.fetchval(f"{PUBLISHED} for update", feed) or 0
                    await asyncio.sleep(0.4)
                    events = await read_feed(pool, of_provider, after=max(0, published - 200), limit=800)
                    scene.rng.shuffle(events)
                    for event in events:
                        await broker.publish(of_provider.subject_of(event.type), envelope.encode(event))
                    await broker.flush()
                    messages += len(events)
        finally:
            await broker.close()
            await pool.close()
    return f"{messages:,} messages again and mixed up"


def broker_node(which: Callable[[ClusteredStack], Awaitable[str]], name: str) -> Fault:
    """One of three brokers is killed and stays away for a while."""

    async def strike(scene: Scene, client: Client) -> str:
        assert isinstance(scene.stack, ClusteredStack)
        node = await which(scene.stack)
        await scene.stack.lose(node, 3 if scene.quick else 8)
        return f"{node}, away for {3 if scene.quick else 8} s"

    return Fault(name, strike, Ground.three_brokers)
