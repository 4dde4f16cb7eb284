"""Heads: every member tells all others, every 2 s, how far each of its feeds goes.

`heads.<jurisdiction>.<department>`, core NATS, JSON: {"member": "local.identity",
"feeds": {"local.identity.people": 1234, ...}, ...}. Whoever stands below a head with nothing on its way has lost a tail
and asks for it. A lost head costs nothing: the next comes soon.
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
from shared.contracts.member import Member, MemberFeed, provider_of
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
    """What a member announced. `attributes` is the whole message."""

    member: str  # 'local.identity'
    feeds: Mapping[str, int]  # full name -> last sequence
    attributes: Json


async def announce(
    client: Client, pool: Pool, member: Member, feeds: Sequence[MemberFeed], add: Sequence[Add] = ()
) -> None:
    """Tell our heads for ever; the leader's duty."""
    while True:
        message: Json = {"member": str(member), "feeds": await heads(pool, feeds)}
        for more in add:
            message |= await more()
        try:
            if client.is_connected:
                async with asyncio.timeout(PUBLISH_WITHIN):
                    await client.publish(subject(str(member)), orjson.dumps(message))
        except BROKER_ERRORS as error:
            log.info("heads not announced", error=type(error).__name__)
        await asyncio.sleep(EVERY)


async def heads(pool: Pool, feeds: Sequence[MemberFeed]) -> dict[str, int]:
    """The last sequence of each own feed; 0 for one without events."""
    found = {row["feed"]: row["head"] for row in await pool.fetch(HEADS, [feed.local_name for feed in feeds])}
    return {feed.full_name: found[feed.local_name] for feed in feeds}


def subject(member: str) -> str:
    """'heads.local.identity'"""
    return f"heads.{member}"


async def listen(client: Client, hear: Callable[[Head], Awaitable[None]], member: str = "*.*") -> None:
    """Hand the heads of a member, or of all, to `hear` for ever, one at a time; of each the newest only.

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
        newest[head.member] = head
        came.set()

    subscription = await client.subscribe(subject(member), cb=take)
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
        if times := rarely.times(f"{head.member} {what}"):
            log.info("a head was of no use", member=head.member, error=what, times=times)


class _Told(BaseModel):
    member: str = Field(max_length=200)
    feeds: dict[str, Annotated[int, Field(strict=True, ge=0, le=LARGEST)]] = Field(max_length=1000)


def read(came_on: str, body: bytes) -> Head | None:
    """None for what is no head, or speaks for a member whose subject it did not come on."""
    if len(body) > LONGEST_HEAD:
        return None
    try:
        attributes = orjson.loads(body)
        told = _Told.model_validate(attributes)
    except ValueError:  # no JSON, nested too deeply, or no head
        return None
    if came_on != subject(told.member):
        return None
    if any(provider_of(feed) != told.member for feed in told.feeds):
        return None
    return Head(told.member, told.feeds, attributes)
