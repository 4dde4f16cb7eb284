"""The client's address: the peer's, or what a trusted proxy says it is."""

from ipaddress import ip_network
from typing import Any

import pytest
from litestar.types import Receive, Scope, Send

from shared.department.client_address import UNKNOWN, client_address
from shared.department.edge import Edge
from shared.department.exchange import exchange_of

PROXIES = (ip_network("10.213.0.0/24"), ip_network("fd00::/64"))
GATEWAY = "10.213.0.2"


def told(*values: str) -> list[tuple[bytes, bytes]]:
    return [(b"x-forwarded-for", value.encode()) for value in values]


def test_without_trusted_proxies_the_peer_is_the_client() -> None:
    assert client_address("192.0.2.7", told("198.51.100.1"), ()) == "192.0.2.7"


def test_a_stranger_who_names_another_client_is_not_believed() -> None:
    assert client_address("192.0.2.7", told("198.51.100.1"), PROXIES) == "192.0.2.7"


def test_a_trusted_proxy_says_who_the_client_is() -> None:
    assert client_address(GATEWAY, told("192.0.2.7"), PROXIES) == "192.0.2.7"


def test_what_the_client_itself_wrote_further_left_does_not_count() -> None:
    assert client_address(GATEWAY, told("198.51.100.1, 192.0.2.7"), PROXIES) == "192.0.2.7"
    assert client_address(GATEWAY, told("198.51.100.1", "192.0.2.7"), PROXIES) == "192.0.2.7"


def test_several_trusted_proxies_are_passed_over() -> None:
    assert client_address("fd00::2", told("198.51.100.1, 192.0.2.7, 10.213.0.9"), PROXIES) == "192.0.2.7"


@pytest.mark.parametrize(
    "said", [(), ("",), ("nonsense",), ("198.51.100.1, nonsense",), ("192.0.2.7:80",), ("fe80::1%x",)]
)
def test_without_an_address_the_nearest_proxy_stands_for_the_client(said: tuple[str, ...]) -> None:
    assert client_address(GATEWAY, told(*said), PROXIES) == GATEWAY


def test_an_address_has_one_form() -> None:
    assert client_address("::ffff:192.0.2.7", [], ()) == "192.0.2.7"
    assert client_address("::ffff:10.213.0.2", told("2001:DB8:0::1"), PROXIES) == "2001:db8::1"


def test_a_connection_without_an_address_is_unknown() -> None:
    assert client_address(None, told("192.0.2.7"), PROXIES) == UNKNOWN


async def test_the_edge_tells_the_department_its_client() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(exchange_of(scope).client)

    path = {"path": "/", "raw_path": b"/", "query_string": b""}
    scope: Any = {"type": "http", "method": "GET", **path, "headers": told("192.0.2.7"), "client": (GATEWAY, 4711)}
    for trusted in ((), PROXIES):
        await Edge(app, trusted)({**scope, "state": {}}, None, None)  # type: ignore[arg-type]
    assert seen == [GATEWAY, "192.0.2.7"]
