"""The address a request came from, past the proxies that are trusted."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network

UNKNOWN = "unknown"  # of a connection without an address, such as a Unix socket
FORWARDED_FOR = b"x-forwarded-for"


def client_address(peer: str | None, headers: Iterable[tuple[bytes, bytes]], trusted: Sequence[Network]) -> str:
    """The peer's address; behind trusted proxies the last of X-Forwarded-For that is no trusted proxy's.

    Whatever stands further left was sent by that client, who may write anything there. What is no address ends the
    search: the nearest proxy then stands for the client.
    """
    if peer is None:
        return UNKNOWN
    nearest = _address(peer)
    if nearest is None:
        return peer
    if not _is_trusted(nearest, tuple(trusted)):
        return str(nearest)
    lines = [value.decode("latin-1") for name, value in headers if name == FORWARDED_FOR]
    for given in reversed(",".join(lines).split(",")):
        address = _address(given.strip())
        if address is None:
            break
        nearest = address
        if not _is_trusted(address, tuple(trusted)):
            break
    return str(nearest)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """One address has one form: IPv4 within IPv6 is IPv4."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return None
        return address.ipv4_mapped or address
    return address


@lru_cache(1024)
def _is_trusted(address: IPv4Address | IPv6Address, trusted: tuple[Network, ...]) -> bool:
    return any(address in network for network in trusted)
