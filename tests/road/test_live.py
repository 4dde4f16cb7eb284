"""New accounts come to a broker that runs, without a restart of anything and with traffic on."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import nats
import nats.errors
import pytest
import yaml
from nats.aio.client import Client

from deploy.embedded.nats import Nats
from deploy.embedded.ports import free_port
from deploy.road import file, live
from deploy.road.accounts import accounts
from deploy.road.passwords import hashing
from shared.contracts.sharing import read_catalogue
from shared.department.engine import Engine
from shared.eventstore.aggregate import Context
from tests import sample
from tests.connected import connected
from tests.databases import Databases
from tests.deploy.terminal import tongban
from tests.until import until

PASSWORD = "a-password-of-more-than-24-characters"
SHIPS = "harbour.ships"
STREAM = "local-harbour-ships"
AT_WORK = 40  # ships while the accounts change


def share(directory: Path, *readers: str, integrators: tuple[str, ...] = ()) -> Path:
    told = {
        "members": ["harbour", "customs"],
        "integrators": list(integrators),
        "feeds": {
            SHIPS: {"attribute": "conditional", "basis": "sample", "subscribers": list(readers)},
            "customs.inspections": {"attribute": "conditional", "basis": "sample", "subscribers": list(integrators)},
        },
    }
    path = directory / "sharing.yaml"
    path.write_text(yaml.safe_dump(told))
    return path


def made(directory: Path) -> Any:
    return accounts(read_catalogue(directory / "sharing.yaml", sample.CONTRACTS), hashing(lambda _: PASSWORD))


class Town:
    """Two departments on a broker whose sharing file lies in `directory`."""

    def __init__(self, directory: Path, server: Nats, harbour: Engine, customs: Engine) -> None:
        self.directory = directory
        self.server = server
        self.harbour = harbour
        self.customs = customs
        self.ships = 0

    async def sail(self) -> None:
        self.ships += 1
        await self.harbour.store.execute(f"ship-{self.ships}", sample.SHIP, sample.Arrive(1), Context())

    async def apply(self, *readers: str, integrators: tuple[str, ...] = ()) -> list[str]:
        share(self.directory, *readers, integrators=integrators)
        return await live.apply(self.directory, made(self.directory), [self.server.url()], PASSWORD)

    def has_all(self) -> bool:
        return self.customs.subscriptions["local.harbour.ships"].checkpoint == self.ships

    def reconnects(self) -> int:
        return sum(one.client.stats["reconnects"] for one in (self.harbour, self.customs))


@pytest.fixture
async def town(databases: Databases, tmp_path: Path) -> AsyncIterator[Town]:
    share(tmp_path, "customs")
    server = Nats(tmp_path / "nats", free_port(), accounts_file=file.write(tmp_path, made(tmp_path)))
    await server.start()
    try:
        async with (
            databases.fresh() as one,
            databases.fresh() as other,
            engine(sample.HARBOUR_SERVICE, one, tmp_path, server.url("local-harbour", PASSWORD)) as harbour,
            engine(sample.CUSTOMS_SERVICE, other, tmp_path, server.url("local-customs", PASSWORD)) as customs,
        ):
            town = Town(tmp_path, server, harbour, customs)
            await town.sail()
            await until(town.has_all, what="customs has the first ship")
            yield town
    finally:
        await server.stop()


@asynccontextmanager
async def engine(service: Any, database: Any, directory: Path, url: str) -> AsyncIterator[Engine]:
    async with Engine(
        service,
        database_url=database.app_url,
        database_owner_url=database.owner_url,
        nats_url=url,
        sharing_file=directory / "sharing.yaml",
        contracts=sample.CONTRACTS,
    ) as running:
        await running.start()
        yield running


def bank(town: Town, **options: Any) -> Any:
    """A client that knows nothing of us: what any NATS library offers."""
    url = town.server.url("local-bank", PASSWORD)
    return connected(url, inbox_prefix=b"_INBOX_local-bank", allow_reconnect=False, **options)


async def ships_read(client: Client, timeout: float = 2) -> int:
    """By nats-py's own pull subscription; so many as come in one fetch."""
    jetstream = client.jetstream(prefix="JS.local-harbour.API", timeout=2)
    reading = await jetstream.pull_subscribe_bind("local-bank", stream=STREAM)
    try:
        messages = await reading.fetch(1000, timeout=timeout)
        await messages[-1].ack_sync()
    except nats.errors.Error:
        return 0
    finally:
        with suppress(nats.errors.Error):
            await reading.unsubscribe()
    return len(messages)


async def test_an_integrator_reads_with_no_restart_and_nothing_is_lost(town: Town) -> None:
    before = town.reconnects()

    async def work() -> None:
        for _ in range(AT_WORK):
            await town.sail()
            await asyncio.sleep(0)

    working = asyncio.create_task(work())
    told = await town.apply("customs", "bank", integrators=("bank",))
    await working
    assert "account local-bank: new" in told
    await until(town.has_all, what="customs has every ship")
    assert town.reconnects() == before, "nobody was disconnected"
    read = 0
    async with bank(town) as client:

        async def has_all() -> bool:
            nonlocal read
            read += await ships_read(client)
            return read == town.ships

        await until(has_all, what="the bank has read every ship")
        answer = await client.request("history.local.harbour.ships", b'{"after": 0}', timeout=5)
        assert json.loads(answer.data.splitlines()[0])["head"] == town.ships
        heads = await client.subscribe("heads.local.harbour.ships")
        assert await heads.next_msg(timeout=10)
    assert not town.harbour._keeper.findings


async def test_who_is_withdrawn_reads_nothing_more(town: Town) -> None:
    await town.apply("customs", "bank", integrators=("bank",))
    async with bank(town, error_cb=silent) as client:

        async def reads() -> bool:
            return await ships_read(client) > 0

        await until(reads, what="the bank reads")
        # a request that is open while it is withdrawn
        came = await client.subscribe(inbox := client.new_inbox())
        asking = json.dumps({"batch": 100, "expires": 50_000_000_000}).encode()
        await client.publish(f"JS.local-harbour.API.CONSUMER.MSG.NEXT.{STREAM}.local-bank", asking, reply=inbox)
        await client.flush()
        await town.apply("customs", integrators=("bank",))  # it still reads something else

        async def is_ended() -> bool:
            names = await town.harbour.client.request(f"$JS.API.CONSUMER.NAMES.{STREAM}", b"", timeout=5)
            return "local-bank" not in (json.loads(names.data).get("consumers") or [])

        await until(is_ended, what="its durable is gone")
        await town.sail()
        await until(town.has_all, what="customs has the ship")
        await client.flush()
        came_after = [await came.next_msg(timeout=1) for _ in range(came.pending_msgs)]
        assert not [message for message in came_after if message.subject.startswith("events.")]
        assert await ships_read(client, timeout=1) == 0
        with pytest.raises(nats.errors.Error):
            await client.request("history.local.harbour.ships", b'{"after": 0}', timeout=1)
        assert client.is_connected


async def test_whose_account_is_taken_away_is_let_go(town: Town) -> None:
    await town.apply("customs", "bank", integrators=("bank",))
    async with bank(town, error_cb=silent) as client:
        await town.apply("customs")
        await until(lambda: not client.is_connected, what="its connection is closed")


async def silent(_: Exception) -> None:
    """It is disconnected; that is the point."""


async def test_what_the_broker_refuses_changes_nothing(town: Town) -> None:
    before = (town.directory / file.NAME).read_text()
    wanted = made(town.directory)
    wanted["local-customs"]["imports"].append(
        {"service": {"account": "local-harbour", "subject": "$JS.API.STREAM.DELETE.local-harbour-ships"}}
    )
    with pytest.raises(live.RoadRefused):
        await live.apply(town.directory, wanted, [town.server.url()], PASSWORD)
    assert (town.directory / file.NAME).read_text() == before
    await town.sail()
    await until(town.has_all, what="customs has the ship")


async def test_a_file_that_something_else_wrote_is_read_anew(town: Town) -> None:
    """`tongban compose-env` and a deployment write the file; the tools container has the broker read it."""
    (passwords := town.directory / "passwords").mkdir()
    (passwords / "sys-nats-password").write_text(f"{PASSWORD}\n")
    share(town.directory, "customs", "bank", integrators=("bank",))
    file.write(town.directory, made(town.directory))
    command = ["road", "reload", "--server", town.server.url(), "--passwords", str(passwords)]
    assert await tongban(*command) == (0, "1 broker read the accounts anew\n", "")
    async with bank(town) as client:

        async def reads() -> bool:
            return await ships_read(client) > 0

        await until(reads, what="the bank reads")
    (town.directory / file.NAME).write_text("accounts { nonsense")
    code, output, errors = await tongban(*command)
    assert (code, output) == (1, "")
    assert "the broker refuses the accounts" in errors
    await town.sail()
    await until(town.has_all, what="customs has the ship")
    (passwords / "sys-nats-password").write_text("another-password-of-more-than-24-characters")
    _, _, errors = await tongban(*command)
    assert "no broker lets the operators in" in errors


async def test_what_does_not_change_tells_nothing(town: Town) -> None:
    assert await town.apply("customs") == []
