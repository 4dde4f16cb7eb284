"""An embedded nats-server keeps acknowledged messages and its users to their subjects."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import nats
import nats.errors
import pytest
from nats.js.errors import NotFoundError

from deploy.embedded.errors import InUse
from deploy.embedded.nats import Nats
from deploy.embedded.ports import free_port
from tests.connected import connected
from tests.logins import logins
from tests.until import until


async def publish_three(server: Nats) -> None:
    async with connected(server.url()) as client:
        jetstream = client.jetstream()
        await jetstream.add_stream(name="events", subjects=["events.>"])
        for number in range(3):
            await jetstream.publish("events.insurance", str(number).encode())


async def stored(server: Nats) -> int:
    async with connected(server.url()) as client:
        return (await client.jetstream().stream_info("events")).state.messages


async def test_acknowledged_messages_survive_a_restart(own_nats: Nats) -> None:
    await publish_three(own_nats)
    await own_nats.restart()
    assert await stored(own_nats) == 3


async def test_acknowledged_messages_survive_a_kill(own_nats: Nats) -> None:
    await publish_three(own_nats)
    own_nats.kill()
    assert not own_nats.is_running
    await own_nats.start()
    assert await stored(own_nats) == 3


async def test_a_client_comes_back_by_itself_after_a_kill(own_nats: Nats) -> None:
    async with connected(own_nats.url(), reconnect_time_wait=0.01) as client:
        own_nats.kill()
        await until(lambda: not client.is_connected, what="the client saw it go")
        await own_nats.start()
        await until(lambda: client.is_connected, what="the client is back")


async def test_a_wiped_server_is_empty(own_nats: Nats) -> None:
    await publish_three(own_nats)
    own_nats.wipe()
    await own_nats.start()
    with pytest.raises(NotFoundError):
        await stored(own_nats)


async def test_every_write_is_synced_before_it_is_acknowledged(own_nats: Nats) -> None:
    async with httpx.AsyncClient(base_url=own_nats.monitor_url) as monitor:
        jetstream = (await monitor.get("/jsz", params={"config": 1})).json()
    assert jetstream["config"]["sync_always"] is True


async def test_a_directory_in_use_is_left_alone(own_nats: Nats, tmp_path: Path) -> None:
    first, second = Nats(tmp_path, free_port()), Nats(tmp_path, free_port())
    await first.start()
    try:
        with pytest.raises(InUse):
            await second.start()
        assert first.is_running
    finally:
        await first.stop()


def login(password: str, publish: list[str], subscribe: list[str]) -> dict[str, Any]:
    return {"password": password, "permissions": {"publish": publish, "subscribe": subscribe}}


@pytest.fixture
async def guarded_nats(tmp_path: Path) -> AsyncIterator[Nats]:
    file = logins(
        tmp_path,
        insurance=login("for-insurance", ["events.insurance.>"], ["events.identity.>"]),
        identity=login("for-identity", ["events.identity.>"], ["events.>"]),
        stranger={"password": "for-strangers", "permissions": {"publish": {"deny": ">"}, "subscribe": {"deny": ">"}}},
    )
    server = Nats(tmp_path, free_port(), accounts_file=file)
    await server.start()
    yield server
    await server.stop()


async def test_without_a_right_password_nobody_comes_in(guarded_nats: Nats) -> None:
    for url in (guarded_nats.url(), guarded_nats.url("insurance", "wrong")):
        with pytest.raises(nats.errors.Error, match=r"(?i)authorization"):
            await nats.connect(url, allow_reconnect=False, max_reconnect_attempts=1)


async def test_a_user_keeps_to_its_subjects(guarded_nats: Nats) -> None:
    refused: list[str] = []

    async def refuse(error: Exception) -> None:
        refused.append(str(error))

    async with (
        connected(guarded_nats.url("identity", "for-identity")) as identity,
        connected(guarded_nats.url("insurance", "for-insurance"), error_cb=refuse) as insurance,
        connected(guarded_nats.url("stranger", "for-strangers"), error_cb=refuse) as stranger,
    ):
        everything = await identity.subscribe("events.>")
        await identity.flush()
        await insurance.publish("events.identity.forged", b"")
        await insurance.subscribe("events.certificates.>")
        await stranger.publish("events.insurance.forged", b"")
        await stranger.subscribe("events.identity.>")
        await until(lambda: len(refused) == 4, what="four refusals")
        await insurance.publish("events.insurance.genuine", b"")
        assert (await everything.next_msg(timeout=30)).subject == "events.insurance.genuine"


async def test_passwords_are_readable_by_their_owner_only(guarded_nats: Nats, tmp_path: Path) -> None:
    assert (tmp_path / "nats.conf").stat().st_mode & 0o777 == 0o600
