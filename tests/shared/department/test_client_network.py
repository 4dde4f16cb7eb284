"""Whom a request is counted for."""

import pytest

from shared.department.client_network import client_network


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("unknown", "unknown"),
    ],
)
def test_a_client_is_its_address_or_its_ipv6_network(address: str, counted: str) -> None:
    assert client_network(address) == counted
