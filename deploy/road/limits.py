"""Quotas of one account at the broker, so that nobody uses it up for the others."""

from typing import Any

STORE = 16 * 1024**3  # bytes of disk for all streams together; the server's own limit says the same
MOST_STORE = 2 * 1024**3  # bytes of one member's streams; a copy on each of three servers counts three times
PENDING = 40 * 1024**2  # bytes that wait at the server for one connection
"""A department reads up to nine feeds by one connection, each with a request of 4 MiB open. Who asks for more than that
and does not take it is let go: 16 slow connections of a member hold 640 MB, less than a broker's 900."""
PAYLOAD = 1024**2  # bytes of a message; what one may send
QUESTION = 64 * 1024  # bytes of a message of who only asks
STREAMS = 32
CONSUMERS = 512  # of all its streams together: a feed times its subscribers
CONNECTIONS = 16  # instances of a department, one each, and its tools
SUBSCRIPTIONS = 2_000  # of all its connections together
INTEGRATOR_CONNECTIONS = 8
INTEGRATOR_SUBSCRIPTIONS = 200
OPERATOR_CONNECTIONS = 16


def store(members: int) -> int:
    """Bytes of disk for each of so many members: together no more than the server has, or it would not start."""
    return min(MOST_STORE, STORE // max(1, members))


def jetstream(members: int) -> dict[str, Any]:
    """No streams in memory; those on disk within the quota."""
    return {"max_mem": 0, "max_file": store(members), "max_streams": STREAMS, "max_consumers": CONSUMERS}


MEMBER = {"max_connections": CONNECTIONS, "max_subscriptions": SUBSCRIPTIONS, "max_payload": PAYLOAD}
INTEGRATOR = {
    "max_connections": INTEGRATOR_CONNECTIONS,
    "max_subscriptions": INTEGRATOR_SUBSCRIPTIONS,
    "max_payload": QUESTION,
}
OPERATOR = {"max_connections": OPERATOR_CONNECTIONS}
