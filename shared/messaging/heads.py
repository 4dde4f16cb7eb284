"""Heads: every member tells, every 2 s, how far each of its feeds goes; of each feed to those who are given it.

`heads.<jurisdiction>.<department>.<feed>`, core NATS, JSON: {"member": "local.identity",
"feeds": {"local.identity.people": 1234}, "ids": {"local.identity.people": <id of event 1234>}, "epochs": [...]}.
Whoever stands below a head with nothing on its way has lost a tail and asks for it. A lost head costs nothing: the next
comes soon.

`heads.<jurisdiction>.<department>`, for the departments around it: {"member": "local.identity", "feeds": {}, ...}, with
the signed head of its ledger. It says that the member is there, and nothing of its feeds.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

import asyncpg
import orjson
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from pydantic import BaseModel, Field

from shared.contracts.epochs import MOST, THE_FIRST, Epochs
from shared.contracts.epochs import read as read_epochs
from shared.contracts.errors import TongbanError
from shared.contracts.event import Json
from shared.contracts.member import Member, MemberFeed, provider_of
from shared.eventstore.database import Pool
from shared.eventstore.epochs import own_epochs, told
from shared.messaging.answers import LARGEST
from shared.messaging.publisher import BROKER_ERRORS
from shared.messaging.rarely import Rarely

log = structlog.get_logger(__name__)

EVERY = 2.0  # seconds
PUBLISH_WITHIN = 5.0  # seconds
LONGEST_HEAD = 256 * 1024  # bytes

HEADS = """
select f.feed, coalesce(l.sequence, 0) as head, e.id
from unnest($1::text[]) as f (feed)
left join lateral (
  select sequence, stream, version from log where log.feed = f.feed order by sequence desc limit 1
) l on true
left join events e on e.stream = l.stream and e.version = l.version
"""

Add = Callable[[], Awaitable[Json]]
"""What else a head tells, under names of its own."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a member announced. `attributes` is the whole message."""

    member: str  # 'local.identity'
    feeds: Mapping[str, int]  # full name -> last sequence
    attributes: Json
    ids: Mapping[str, UUID] = field(default_factory=dict)  # full name -> id of the event of that sequence
    epochs: Epochs = THE_FIRST


async def announce(
    client: Client, pool: Pool, member: Member, feeds: Sequence[MemberFeed], add: Sequence[Add] = ()
) -> None:
    """Tell our heads for ever; the leader's duty. `add`: what the member's own head tells besides."""
    while True:
        messages = await standing(pool, member, feeds)
        whole: Json = {"member": str(member), "feeds": {}}
        for more in add:
            whole |= await more()
        try:
            if client.is_connected:
                async with asyncio.timeout(PUBLISH_WITHIN):
                    for name, message in {**messages, str(member): whole}.items():
                        await client.publish(subject(name), orjson.dumps(message))
        except BROKER_ERRORS as error:
            log.info("heads not announced", error=type(error).__name__)
        await asyncio.sleep(EVERY)


async def standing(pool: Pool, member: Member, feeds: Sequence[MemberFeed]) -> Mapping[str, Json]:
    """What is told of each own feed, by its full name: its last sequence, 0 for one without events, that event's id,
    and the epochs that it is counted in."""
    rows = {row["feed"]: row for row in await pool.fetch(HEADS, [feed.local_name for feed in feeds])}
    epochs = await own_epochs(pool, member.jurisdiction)
    return {
        feed.full_name: {
            "member": str(member),
            "feeds": {feed.full_name: rows[feed.local_name]["head"]},
            "ids": {feed.full_name: str(id)} if (id := rows[feed.local_name]["id"]) else {},
            "epochs": told(epochs.of_feed(feed.full_name)),
        }
        for feed in feeds
    }


def subject(name: str) -> str:
    """'heads.local.identity' of a member, 'heads.local.identity.people' of a feed."""
    return f"heads.{name}"


async def listen(client: Client, hear: Callable[[Head], Awaitable[None]], name: str = "*.*") -> None:
    """Hand the heads of a feed, of a member, or of all members, to `hear` for ever, one at a time; of each member the
    newest only.

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

    subscription = await client.subscribe(subject(name), cb=take)
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
    ids: dict[str, UUID] = Field(default_factory=dict, max_length=1000)
    epochs: list[Json] = Field(default_factory=list, max_length=MOST)


def read(came_on: str, body: bytes) -> Head | None:
    """None for what is no head, or speaks for a member or a feed whose subject it did not come on."""
    if len(body) > LONGEST_HEAD:
        return None
    try:
        attributes = orjson.loads(body)
        message = _Told.model_validate(attributes)
        epochs = read_epochs(message.epochs)
    except ValueError:  # no JSON, nested too deeply, or no head
        return None
    if any(provider_of(feed) != message.member for feed in message.feeds):
        return None
    if came_on != subject(message.member) and [came_on] != [*map(subject, message.feeds)]:
        return None
    return Head(message.member, message.feeds, attributes, message.ids, epochs)
