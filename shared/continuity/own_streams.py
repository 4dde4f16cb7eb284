"""Reads our own streams at the broker, from the end back to the last event that is in the log.

Only our own login publishes there, so an envelope of our own feed is ours. What is none is junk, and passed over.
"""

import asyncio
import base64
from collections import deque

from nats.aio.client import Client
from nats.js.errors import NotFoundError

from shared.continuity import own_log
from shared.continuity.claims import Claim, read_claim
from shared.continuity.limits import AT_ONCE, MOST_EVENTS, MOST_JUNK
from shared.contracts.member import MemberFeed
from shared.eventstore.database import Pool
from shared.messaging.jetstream_api import ask


async def in_stream(client: Client, pool: Pool, feed: MemberFeed) -> list[Claim]:
    """Those that are not in the log, in their order. No stream: none. Raises BROKER_ERRORS."""
    try:
        state = (await ask(client, f"STREAM.INFO.{feed.jetstream}"))["state"]
    except NotFoundError:
        return []
    first, last = max(1, int(state["first_seq"])), int(state["last_seq"])
    found: deque[Claim] = deque(maxlen=MOST_EVENTS)  # the oldest are kept: those next to the log
    at, step, junk = last, 1, 0
    while at >= first and junk < MOST_JUNK:
        numbers = range(at, max(first, at - step + 1) - 1, -1)
        claims = await asyncio.gather(*(_claim(client, feed, number) for number in numbers))
        unknown = {id(one) for one in await own_log.not_logged(pool, [one for one in claims if one is not None])}
        for claim in claims:
            if claim is None:
                junk += not found
            elif id(claim) in unknown:
                found.append(claim)
            else:
                return list(reversed(found))
        at, step = at - len(numbers), AT_ONCE
    return list(reversed(found))


async def _claim(client: Client, feed: MemberFeed, number: int) -> Claim | None:
    try:
        message = (await ask(client, f"STREAM.MSG.GET.{feed.jetstream}", {"seq": number}))["message"]
    except NotFoundError:
        return None
    return read_claim(base64.b64decode(message.get("data") or ""), feed, is_trusted=True)
