"""A department finds back to the road by itself."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nats
import pytest
from nats.errors import UnexpectedEOF

from deploy.embedded.nats import ClusterPlace, Nats
from deploy.embedded.ports import free_port, free_ports
from shared.contracts.member import Member
from shared.messaging.broker import Broker, broker, close, without_login
from tests.logins import logins
from tests.until import until

HARBOUR = Member("local", "harbour")
USER, PASSWORD = "harbour", "for-the-harbour"


def server(directory: Path, port: int, password: str = PASSWORD, place: ClusterPlace | None = None) -> Nats:
    return Nats(directory, port, accounts_file=logins(directory, **{USER: {"password": password}}), place=place)


@asynccontextmanager
async def serving(directory: Path) -> AsyncIterator[Nats]:
    node = server(directory, free_port())
    await node.start()
    try:
        yield node
    finally:
        await node.stop()


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Broker]:
    one = broker(url, HARBOUR)
    await one.connect()
    try:
        yield one
    finally:
        await one.stop()


def is_connected(one: Broker) -> bool:
    return bool(one.config.connection_state.connection.is_connected)


async def test_a_login_refused_for_a_while_is_tried_again(tmp_path: Path) -> None:
    """As when the broker comes back before its users are set up."""
    port = free_port()
    first = server(tmp_path, port)
    await first.start()
    async with connected(first.url(USER, PASSWORD)) as one:
        await first.stop()
        await until(lambda: not is_connected(one), what="the connection is lost")
        stranger = server(tmp_path, port, "another-password")
        await stranger.start()
        refused = stranger.log_tail
        await until(lambda: "authentication error" in refused(), what="the login was refused")
        await stranger.stop()
        again = server(tmp_path, port)
        await again.start()
        await until(lambda: is_connected(one), what="connected again")
    await again.stop()


async def test_a_broker_gone_this_moment_does_not_cancel_who_leaves(tmp_path: Path) -> None:
    """nats-py's reconnecting, cut short in the moment it begins, lets its own cancellation out of `close`."""
    async with serving(tmp_path) as node:
        client = await nats.connect(node.url(USER, PASSWORD))
        await client._process_op_err(UnexpectedEOF())
        await asyncio.sleep(0)  # one turn of the loop: now it waits for its old socket to close
        await close(client)
        assert client.is_closed


async def test_who_leaves_while_the_broker_is_away_tries_no_more(tmp_path: Path) -> None:
    async with serving(tmp_path) as node:
        one = broker(node.url(USER, PASSWORD), HARBOUR)
        await one.connect()
        client = one.config.connection_state.connection
        node.kill()
        await until(lambda: client.is_reconnecting, what="the connection is lost")
        await one.stop()
        assert client.is_closed


async def test_who_is_cancelled_while_leaving_is(tmp_path: Path) -> None:
    async with serving(tmp_path) as node:
        one = broker(node.url(USER, PASSWORD), HARBOUR)
        await one.connect()
        leaving = asyncio.create_task(one.stop())
        await asyncio.sleep(0)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving


async def test_the_login_holds_for_servers_that_the_cluster_tells_of(tmp_path: Path) -> None:
    """One address was given; that server goes, and another one of the cluster takes over."""
    routes, ports, password = tuple(free_ports(2)), free_ports(2), secrets.token_urlsafe()
    nodes = [
        server(tmp_path / f"{n}", ports[n], place=ClusterPlace("cluster", f"node-{n}", routes[n], routes, password))
        for n in range(2)
    ]
    try:
        for node in nodes:
            await node.start()
        async with connected(nodes[0].url(USER, PASSWORD)) as one:
            client = one.config.connection_state.connection
            await until(lambda: client.discovered_servers, what="it was told of the other server")
            nodes[0].kill()
            await until(lambda: client.stats["reconnects"] == 1 and is_connected(one), what="connected to the other")
    finally:
        for node in nodes:
            await node.stop()


@pytest.mark.parametrize(
    ("given", "urls", "login"),
    [
        ("nats://a:1", ["nats://a:1"], None),
        ("nats://token@a:1", ["nats://token@a:1"], None),
        ("nats://u:p@a:1", ["nats://a:1"], ("u", "p")),
        ("tls://u:p@a:1,tls://u:p@b:2", ["tls://a:1", "tls://b:2"], ("u", "p")),
    ],
)
def test_a_login_is_taken_out_of_the_addresses(given: str, urls: list[str], login: tuple[str, str] | None) -> None:
    assert without_login(given.split(",")) == (urls, login)
