"""Metrics of the broker's work for each account, for Prometheus: messages and bytes in and out, connections,
readers it let go. No department can see that of another; it is asked as the operators, by `$SYS`."""

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import structlog
from nats.aio.client import Client
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from deploy.road.live import answers, operators
from deploy.runner.errors import StackError
from shared.messaging.publisher import BROKER_ERRORS

log = structlog.get_logger(__name__)

EVERY = 10.0  # seconds between looks; Prometheus scrapes every 15
ASKED = "$SYS.REQ.ACCOUNT.PING.STATZ"
MOST_ACCOUNTS = 1000  # of one server
DIRECTIONS = {"out": "sent", "in": "received"}  # as clients see it, and as the server says it

Statistics = Mapping[tuple[str, str], Mapping[str, Any]]
"""By server and account."""


async def look(client: Client) -> Statistics:
    """Of every server that answers."""
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for answer in await answers(client, ASKED, json.dumps({"include_unused": True}).encode()):
        server = str(answer["server"]["name"])
        for one in answer.get("data", {}).get("account_statz", ())[:MOST_ACCOUNTS]:
            found[server, str(one["acc"])] = one
    return found


def families(statistics: Statistics) -> Iterator[Metric]:
    messages = CounterMetricFamily(
        "tongban_account_messages", "Messages between an account's clients and a broker.", labels=_LABELS
    )
    size = CounterMetricFamily("tongban_account_bytes", "Their bytes.", labels=_LABELS)
    connections = GaugeMetricFamily("tongban_account_connections", "Clients that are logged in.", labels=_LABELS[:2])
    slow = CounterMetricFamily(
        "tongban_account_slow_consumers", "Clients let go because they took too little.", labels=_LABELS[:2]
    )
    for where, one in statistics.items():
        for direction, said in DIRECTIONS.items():
            messages.add_metric((*where, direction), one.get(said, {}).get("msgs", 0))
            size.add_metric((*where, direction), one.get(said, {}).get("bytes", 0))
        connections.add_metric(where, one.get("conns", 0))
        slow.add_metric(where, one.get("slow_consumers", 0))
    yield from (messages, size, connections, slow)


_LABELS = ("server", "account", "direction")


async def serve(servers: Sequence[str], password: str, host: str, port: int) -> None:
    """On http://host:port/metrics, until cancelled. While no broker answers there are no series.

    StackError: the port is not free.
    """
    seen = _Seen()
    registry = CollectorRegistry()
    registry.register(seen)
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        raise StackError(f"{host}:{port} cannot be listened on ({type(error).__name__})") from None
    try:
        while True:
            try:
                await _follow(seen, servers, password)
            except (StackError, *BROKER_ERRORS) as error:
                seen.statistics = {}
                log.warning("the broker does not answer the operators", error=type(error).__name__)
                await asyncio.sleep(EVERY)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def _follow(seen: "_Seen", servers: Sequence[str], password: str) -> None:
    async with operators(servers, password) as client:
        while True:
            seen.statistics = await look(client)
            await asyncio.sleep(EVERY)


class _Seen(Collector):
    def __init__(self) -> None:
        self.statistics: Statistics = {}

    def collect(self) -> Iterable[Metric]:
        return families(self.statistics)

    def describe(self) -> Iterable[Metric]:
        return ()
