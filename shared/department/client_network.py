"""Whom to count a request for: its client's address, or of IPv6 the network that one client commands."""

from ipaddress import IPv6Address, ip_address, ip_network

OF_ONE_CLIENT = 64  # bits of an IPv6 address that name a client's network


def client_network(address: str) -> str:
    """What is no address counts as it is written."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, OF_ONE_CLIENT), strict=False))
