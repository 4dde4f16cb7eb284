"""Keeps a NATS connection reading whatever strangers send.

nats-py ends its reading, and with it everything that hangs on the connection, at the first message whose subject, reply
or headers it cannot read; whoever may send us anything could do that again and again. A header that cannot be read is
left away, a message that cannot be read is dropped, and both are told. So is a question whose answer is wanted anywhere
but in an inbox: our answer to it would be a message of ours wherever the asker likes, in our own stream of events too.
"""

from typing import Any

import structlog
from nats.aio.client import Client

from shared.messaging.rarely import Rarely

log = structlog.get_logger(__name__)

QUESTIONS = (b"history.", b"ledger.", b"known.", b"keysfor.")
INBOXES = (b"_INBOX", b"_R_")  # `_R_`: the broker's own, for questions of other accounts


class NoInbox(Exception):
    """An answer is wanted elsewhere than in an inbox."""


def harden(client: Client) -> None:
    """Of this connection, also after it has been made anew. Once is enough."""
    if "_process_msg" in vars(client):
        return
    read_headers, read_message = client._process_headers, client._process_msg
    rarely = Rarely()

    def tell(what: str, error: Exception) -> None:
        kind = f"{what}: {type(error).__name__}"
        if times := rarely.times(kind):
            log.warning("something that cannot be read came from the broker", what=kind, times=times)

    async def process_headers(headers: Any) -> dict[str, str] | None:
        try:
            read: dict[str, str] | None = await read_headers(headers)
        except Exception as error:  # noqa: BLE001 - whatever a stranger has put there
            tell("headers", error)
            return None
        return read

    async def process_msg(sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes) -> None:
        if subject.startswith(QUESTIONS) and not reply.startswith(INBOXES):
            return tell("question", NoInbox())
        try:
            await read_message(sid, subject, reply, data, headers)
        except Exception as error:  # noqa: BLE001 - whatever a stranger has put there
            tell("message", error)

    client._process_headers = process_headers  # type: ignore[method-assign]
    client._process_msg = process_msg  # type: ignore[method-assign]
