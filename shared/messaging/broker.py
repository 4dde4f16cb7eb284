"""A department's connection to the road: it never gives up, whichever server goes, whatever a server says."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import structlog
from faststream.nats import NatsBroker
from faststream.nats.security import NatsUserPassword
from nats.aio.client import Client, ErrorCallback
from nats.errors import ConnectionReconnectingError

from shared.contracts.member import Member

log = structlog.get_logger(__name__)


class Broker(NatsBroker):
    """FastStream's, except that no error ends the endless trying to connect, and that `stop` always ends it.

    FastStream raises out of nats-py's reconnecting what it holds for final, such as a refused login, and the connection
    then stays away for ever. But a server that refuses us now may be one that is just being set up. And it stops by
    draining, which a connection that is away refuses: it would try on after the stop.
    """

    async def stop(
        self,
        exc_type: type[BaseException] | None = None,
        exc_val: BaseException | None = None,
        exc_tb: TracebackType | None = None,
    ) -> None:
        client = self._connection
        try:
            with suppress(ConnectionReconnectingError), _own_cancellation_alone():
                await super().stop(exc_type, exc_val, exc_tb)
        finally:
            if client is not None:
                await close(client)
            self._connection = None

    def _log_connection_broken(self, error_cb: ErrorCallback | None = None) -> ErrorCallback:
        last = ""

        async def told(error: Exception) -> None:
            nonlocal last
            if (text := str(error) or type(error).__name__) != last:  # else it is one more try
                log.warning("connection to the broker", error=text)
                last = text
            if error_cb is not None:
                await error_cb(error)

        return told


async def close(client: Client) -> None:
    """`client.close()`, also in the moment in which it begins to reconnect."""
    with _own_cancellation_alone():
        await client.close()


@contextmanager
def _own_cancellation_alone() -> Iterator[None]:
    """nats-py, closed while it begins to reconnect, cancels what it waits for itself a line later and lets that
    CancelledError out, though nobody cancelled the caller: a department would take it for the order to stop at once."""
    try:
        yield
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise


def broker(nats_url: str, member: Member) -> Broker:
    """Not connected yet. `nats_url`: one address or several, joined by commas; the login is that of the first."""
    urls, login = without_login(nats_url.split(","))
    settings: dict[str, Any] = {"security": NatsUserPassword(*login)} if login else {}
    return Broker(
        urls,
        apply_types=False,
        logger=None,
        name=str(member),
        specification_url="nats://broker:4222",  # what AsyncAPI shows; the true address is nobody's business
        inbox_prefix=inbox_of(member),
        connect_timeout=2,
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.2,  # type: ignore[arg-type]  # nats-py takes fractions of a second
        ping_interval=5,
        **settings,
    )


def inbox_of(member: Member) -> str:
    """Where answers to its questions come in: no other may listen there."""
    return f"_INBOX_{member.dashed}"


def without_login(urls: Sequence[str]) -> tuple[list[str], tuple[str, str] | None]:
    """The addresses alone, and user and password. Said once for all servers: a cluster tells of further ones, and their
    addresses bear no login. A token stays where it is."""
    first = urlsplit(urls[0])
    if first.username is None or first.password is None:
        return list(urls), None
    return [_address(url) for url in urls], (first.username, first.password)


def _address(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
