"""The end of a feed in its stream: the last of its messages that is an event of the log.

What else lies in it is junk: whoever holds the department's own login can put it there. It is passed over.
"""

import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from nats.aio.client import Client
from nats.js.errors import NotFoundError

from shared.contracts import envelope
from shared.contracts.errors import Poison
from shared.contracts.member import MemberFeed
from shared.messaging.jetstream_api import Answer, ask

MOST_JUNK = 100  # messages looked at from the end; beyond them the stream counts as empty and all is published again

IsLogged = Callable[[int, UUID], Awaitable[bool]]
"""Whether the log has this event at this sequence of the feed."""


@dataclass(frozen=True, slots=True)
class Holding:
    """`junk`: messages after the last event of the log."""

    sequence: int = 0
    junk: int = 0


async def held(client: Client, feed: MemberFeed, is_logged: IsLogged) -> Holding:
    """Looks from the stream's end."""
    try:
        message = await _get(client, feed, {"last_by_subj": feed.subject})
    except NotFoundError:
        return Holding()
    at = int(message["seq"])
    for junk in range(MOST_JUNK):
        sequence = await _event(message, feed, is_logged)
        if sequence is not None:
            return Holding(sequence, junk)
        try:
            message, at = await _before(client, feed, at)
        except NotFoundError:
            return Holding(0, junk + 1)
    return Holding(0, MOST_JUNK)


async def last_sequence(client: Client, feed: MemberFeed) -> int:
    """The feed sequence of the last event that the broker holds, whether or not it is in the log; 0 for none."""

    return (await held(client, feed, _any_event)).sequence


async def sequence_at(client: Client, feed: MemberFeed, number: int) -> int | None:
    """The feed sequence of the stream's message with this number. None: there is none, or it is no event."""
    try:
        message = await _get(client, feed, {"seq": number})
    except NotFoundError:
        return None
    return await _event(message, feed, _any_event)


async def _any_event(_sequence: int, _id: UUID) -> bool:
    return True


async def all_logged(client: Client, feed: MemberFeed, is_logged: IsLogged, first: int, last: int) -> bool:
    """Whether nothing would be lost with the stream: each of these messages is an event of the log."""
    for number in range(max(1, first), last + 1):
        try:
            message = await _get(client, feed, {"seq": number})
        except NotFoundError:
            continue
        if await _event(message, feed, is_logged) is None:
            return False
    return True


async def _event(message: Answer, feed: MemberFeed, is_logged: IsLogged) -> int | None:
    """Its sequence in the feed, if it is an event of the log."""
    try:
        received = envelope.parse(base64.b64decode(message.get("data") or ""))
    except Poison:
        return None
    is_ours = received.feed == feed.full_name and await is_logged(received.sequence, received.id)
    return received.sequence if is_ours else None


async def _before(client: Client, feed: MemberFeed, at: int) -> tuple[Answer, int]:
    for number in range(at - 1, max(0, at - MOST_JUNK), -1):
        try:
            return await _get(client, feed, {"seq": number}), number
        except NotFoundError:
            continue  # it was deleted
    raise NotFoundError


async def _get(client: Client, feed: MemberFeed, which: Answer) -> Answer:
    message: Answer = (await ask(client, f"STREAM.MSG.GET.{feed.jetstream}", which))["message"]
    return message
