"""Heads: every department tells all others, every 2 s, how far each of its feeds goes.

`heads.<department>`, core NATS, JSON: {"department": ..., "feeds": {"identity.people": 1234, ...}, ...}. Whoever stands
below a head with nothing on its way has lost a tail and asks for it. A lost head costs nothing: the next comes soon.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import asyncpg
import orjson
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from pydantic import BaseModel, Field

from shared.contracts.errors import TongbanError
from shared.contracts.event import Json
from shared.eventstore.database import Pool
from shared.messaging.answers import LARGEST
from shared.messaging.publisher import BROKER_ERRORS
from shared.messaging.rarely import Rarely

log = structlog.get_logger(__name__)

EVERY = 2.0  # seconds
PUBLISH_WITHIN = 5.0  # seconds
LONGEST_HEAD = 256 * 1024  # bytes

HEADS = """
select feed, (select coalesce(max(sequence), 0) from log where log.feed = f.feed) as head
from unnest($1::text[]) as f (feed)
"""

Add = Callable[[], Awaitable[Json]]
"""What else a head tells, under names of its own."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a department announced. `attributes` is the whole message."""

    department: str
    feeds: Mapping[str, int]  # full name -> last sequence
    attributes: Json


async def announce(client: Client, pool: Pool, department: str, feeds: Sequence[str], add: Sequence[Add] = ()) -> None:
    """Tell our heads for ever; the leader's duty."""
    while True:
        message: Json = {"department": department, "feeds": await heads(pool, feeds)}
        for more in add:
            message |= await more()
        try:
            if client.is_connected:
                async with asyncio.timeout(PUBLISH_WITHIN):
                    await client.publish(f"heads.{department}", orjson.dumps(message))
        except BROKER_ERRORS as error:
            log.info("heads not announced", error=type(error).__name__)
        await asyncio.sleep(EVERY)


async def heads(pool: Pool, feeds: Sequence[str]) -> dict[str, int]:
    """The last sequence of each feed; 0 for one without events."""
    return {row["feed"]: row["head"] for row in await pool.fetch(HEADS, list(feeds))}


async def listen(client: Client, hear: Callable[[Head], Awaitable[None]], department: str = "*") -> None:
    """Hand the heads of a department, or of all, to `hear` for ever, one at a time; of each the newest only.

    What it cannot do because something is away waits for the next head.
    """
    newest: dict[str, Head] = {}
    rarely = Rarely()
    came = asyncio.Event()

    async def take(message: Msg) -> None:
        head = read(message.subject, message.data)
        if head is None:
            if times := rarely.times(message.subject):
                log.warning("a head cannot be read", subject=message.subject, times=times)
            return
        newest[head.department] = head
        came.set()

    subscription = await client.subscribe(f"heads.{department}", cb=take)
    try:
        while True:
            await came.wait()
            came.clear()
            while newest:
                await _try(hear, newest.pop(next(iter(newest))), rarely)
    finally:
        if not client.is_closed:
            await subscription.unsubscribe()


async def _try(hear: Callable[[Head], Awaitable[None]], head: Head, rarely: Rarely) -> None:
    try:
        await hear(head)
    except (TongbanError, *BROKER_ERRORS, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        what = type(error).__name__
        if times := rarely.times(f"{head.department} {what}"):
            log.info("a head was of no use", department=head.department, error=what, times=times)


class _Told(BaseModel):
    department: str = Field(max_length=200)
    feeds: dict[str, Annotated[int, Field(strict=True, ge=0, le=LARGEST)]] = Field(max_length=1000)


def read(subject: str, body: bytes) -> Head | None:
    """None for what is no head, or speaks for a department whose subject it did not come on."""
    if len(body) > LONGEST_HEAD:
        return None
    try:
        attributes = orjson.loads(body)
        told = _Told.model_validate(attributes)
    except ValueError:  # no JSON, nested too deeply, or no head
        return None
    if subject != f"heads.{told.department}":
        return None
    if any(feed.partition(".")[0] != told.department for feed in told.feeds):
        return None
    return Head(told.department, told.feeds, attributes)
