"""Messages to phones. The port is one method; a provider of text messages is connected by implementing it.

`Sink`, the only gateway shipped, sends nothing: it keeps the newest messages for a day in the department's database,
where `tongban messages` shows them. MESSAGE_GATEWAY chooses.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, runtime_checkable

import structlog

from shared.department.settings import Settings
from shared.eventstore.database import Connection, Pool
from shared.standards.phone import MobileNumber

log = structlog.get_logger(__name__)

MOST_KEPT = 1_000  # messages in the sink, the newest
KEPT_FOR = timedelta(hours=24)

PUT = """
with put as (insert into messages (phone, kind, text, put_at) values ($1, $2, $3, $4))
delete from messages
where put_at < $5 or id <= (select id from messages order by id desc offset $6 limit 1)
"""
NEWEST = """
select phone, kind, text, put_at from messages
where put_at >= $3 and ($1::text is null or phone = $1) order by id desc limit $2
"""
SWEEP = "delete from messages where put_at < $1"


@dataclass(frozen=True, slots=True)
class Message:
    """`kind` says what it is about, 'code sign_up'; `text` is the whole message."""

    phone: MobileNumber
    kind: str
    text: str


@runtime_checkable
class MessageGateway(Protocol):
    async def send(self, message: Message) -> None:
        """Hand it to whoever delivers it. Raises Unavailable when that is impossible now."""
        ...


@dataclass(frozen=True, slots=True)
class Put:
    """A message in the sink."""

    phone: str
    kind: str
    text: str
    put_at: datetime


class Sink:
    """Keeps messages instead of sending them, MOST_KEPT at most."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def send(self, message: Message) -> None:
        now = datetime.now(UTC)
        await self._pool.execute(PUT, message.phone, message.kind, message.text, now, now - KEPT_FOR, MOST_KEPT - 1)


def gateway_of(settings: Settings, pool: Pool) -> MessageGateway:
    """The one that MESSAGE_GATEWAY names."""
    match settings.message_gateway:
        case "sink":
            return Sink(pool)


async def newest(source: Pool | Connection, phone: str | None = None, limit: int = 50) -> list[Put]:
    """What lies in the sink, the latest first; of one phone, or of all."""
    return [Put(**row) for row in await source.fetch(NEWEST, phone, limit, datetime.now(UTC) - KEPT_FOR)]
