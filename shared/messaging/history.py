"""History by request-reply: any range of a feed, from its department's own log.

`history.<jurisdiction>.<department>.<feed>`, request {"after": n}: answer one JSON object a line. The first is
{"head": h, "epochs": [...]}, the feed's last sequence and its epochs after the first; then the envelopes with
sequences n+1, n+2 … as many as fit into one message, as they were published; none at the end. What cannot be understood
is answered {"error": ...}, and so is everything while it is not known whether this log is whole. Who may ask is the
broker's permission on the subject.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import orjson
from faststream.nats import NatsBroker
from nats.aio.client import Client
from pydantic import BaseModel, Field

from shared.contracts import envelope
from shared.contracts.envelope import Received
from shared.contracts.epochs import THE_FIRST, Epochs
from shared.contracts.errors import Poison, Unavailable
from shared.contracts.member import MemberFeed
from shared.eventstore.database import Pool
from shared.eventstore.epochs import own_epochs, told
from shared.messaging.answers import Misanswered, read_epochs, read_number, read_object, said
from shared.messaging.question import NOT_READY, IsReady, reads
from shared.messaging.relay import read_feed
from shared.messaging.stamps import Stamps

PAGE_EVENTS = 1000
MOST_EVENTS = 10_000  # that are read of a page; other releases may give more than we do
PAGE_BYTES = 512 * 1024  # below the broker's max_payload of 1 MiB
TIMEOUT = 10.0  # seconds

HEAD = "select coalesce(max(sequence), 0) from log where feed = $1"


def subject(feed_name: str) -> str:
    """'history.local.identity.people'"""
    return f"history.{feed_name}"


class Ask(BaseModel):
    """Events after this sequence, please."""

    after: int = Field(ge=0, lt=2**63)


def answer_history(
    broker: NatsBroker, pool: Pool, feeds: Sequence[MemberFeed], is_ready: IsReady, stamps: Stamps
) -> None:
    """Declare the responders, one a feed; the instances of a department share the work."""
    for feed in feeds:
        _answer(broker, pool, feed, is_ready, stamps)


def _answer(broker: NatsBroker, pool: Pool, feed: MemberFeed, is_ready: IsReady, stamps: Stamps) -> None:
    async def history(ask: Ask | None) -> bytes:
        if ask is None:
            return b'{"error": "ask with {\\"after\\": <sequence>}"}'
        return await page(pool, feed, ask.after, stamps) if await is_ready() else NOT_READY

    broker.subscriber(
        subject(feed.full_name), queue=feed.member.dashed, decoder=reads(Ask), title=f"history of {feed.full_name}"
    )(history)


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a feed's history, how far the feed goes in all, and its member's epochs."""

    head: int
    events: list[Received]
    epochs: Epochs = THE_FIRST


async def page(pool: Pool, feed: MemberFeed, after: int, stamps: Stamps) -> bytes:
    """As many envelopes as fit into one message, at least one if there is one."""
    events: list[bytes] = []
    size = 0
    for event in await read_feed(pool, feed, after=after, limit=PAGE_EVENTS):
        body = envelope.encode(event, stamps.of(event))
        size += len(body) + 1
        if events and size > PAGE_BYTES:
            break
        events.append(body)
    head = await pool.fetchval(HEAD, feed.local_name)  # asked last, so it is never below what is given
    epochs = told((await own_epochs(pool, feed.member.jurisdiction)).of_feed(feed.full_name))
    return b"\n".join([orjson.dumps({"head": head, "epochs": epochs}), *events])


async def ask_history(client: Client, feed_name: str, after: int) -> Page:
    """The next page after a sequence.

    Raises Misanswered when it is no such page, Unavailable or nats errors when the department does not answer.
    """
    answer = await client.request(subject(feed_name), orjson.dumps({"after": after}), timeout=TIMEOUT)
    return read_page(feed_name, after, answer.data)


def read_page(feed_name: str, after: int, answer: bytes) -> Page:
    """What a department answered, checked: events of this feed, one after the other, none beyond its head.

    Raises Misanswered, or Unavailable when the department says that it cannot answer.
    """
    what = f"history of {feed_name}"
    first, *lines = answer.split(b"\n", MOST_EVENTS + 1)
    answered = read_object(first, what)
    if "error" in answered:
        raise Unavailable(f"{what}: {said(answered['error'])}")
    head = read_number(answered, "head", what)
    epochs = read_epochs(answered, what).of_feed(feed_name)
    if len(lines) > MOST_EVENTS:
        raise Misanswered(f"{what}: more than {MOST_EVENTS} events")
    try:
        events = [envelope.parse(line) for line in lines]
    except Poison:
        raise Misanswered(f"{what}: a line that is no event") from None
    if any(event.feed != feed_name for event in events):
        raise Misanswered(f"{what}: an event of another feed")
    if [event.sequence for event in events] != list(range(after + 1, after + 1 + len(events))):
        raise Misanswered(f"{what}: events that do not follow {after}")
    if any(later.previous not in (None, event.id) for event, later in pairwise(events)):
        raise Misanswered(f"{what}: events that do not follow one another")
    if events and events[-1].sequence > head:
        raise Misanswered(f"{what}: events beyond its head")
    if any(event.epoch != epochs.of_event(feed_name, event.sequence) for event in events):
        raise Misanswered(f"{what}: an event of another epoch")
    return Page(head, events, epochs)
