"""Free TCP ports on the loopback address."""

import random
import socket

# Below the range from which systems take the local ends of outgoing connections (Linux 32768, others 49152):
# a client that retries a port in that range while its server is down can be given that very port, connect to
# itself and keep the server from coming back.
_CANDIDATES = range(20_000, 32_768)


def free_port() -> int:
    """One port on which nothing listens at 127.0.0.1."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """`count` different ports on which nothing listens at 127.0.0.1.

    They are not reserved: take them just before use. OSError: fewer than `count` are free.
    """
    found: list[int] = []
    for port in random.sample(_CANDIDATES, len(_CANDIDATES)):
        if len(found) == count:
            return found
        if is_free(port):
            found.append(port)
    raise OSError(f"{count} ports wanted, {len(found)} free from {_CANDIDATES.start} to {_CANDIDATES.stop}")


def is_free(port: int) -> bool:
    """Whether a server could listen at 127.0.0.1 on this port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # as servers do, so that a port whose old connections are still closing counts as free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
