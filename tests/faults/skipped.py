"""Events that were skipped: a subscriber should have them, and does not.

A subscriber *should have* an event of a feed that it listens to when the provider's log numbers it
- at or below the subscriber's checkpoint, which says that all up to there was taken in, or
- anywhere, once all has settled, or
- in no feed although its type belongs to one: then nobody will ever be given it.

It *has* an event whose id is in its inbox. What is parked is there as well, beside the name under which it waits for an
operator; whether read models took in what the inbox holds, a build from scratch tells. A phantom is no substitute: one
that is history again has to be in the inbox. Each pair of event and subscriber counts once.
"""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from deploy.books import (
    LOGGED_IDS,
    PART,
    Party,
    database,
    digests_of_inbox,
    digests_of_log,
)
from shared.contracts.member import MemberFeed
from shared.contracts.sharing import Catalogue

FAR = 2**62  # beyond every sequence
CHECKPOINT = "select coalesce(max(sequence), 0) from checkpoints where feed = $1"
IN_NO_FEED = """
select id from log join events using (stream, version)
where log.feed is distinct from $2 and type = any($1::text[])
"""
HELD = "select id from inbox where feed = $1 and id = any($2::uuid[])"


async def skipped(parties: Sequence[Party], catalogue: Catalogue, *, has_settled: bool) -> int:
    """Over all feeds and their subscribers. Raises Unreachable."""
    listening = [
        (provider, subscriber, feed)
        for provider in parties
        for feed in provider.registry.own_feeds
        for subscriber in parties
        if feed.full_name in subscriber.listens_to and subscriber.registry.member in catalogue.subscribers(feed)
    ]
    found = await asyncio.gather(*(skipped_by(*one, has_settled=has_settled) for one in listening))
    return sum(map(len, found))


async def skipped_by(provider: Party, subscriber: Party, feed: MemberFeed, *, has_settled: bool) -> set[UUID]:
    """Ids of the events of one feed that one subscriber skipped. Raises Unreachable."""
    async with database(subscriber) as connection:
        upto = FAR if has_settled else await connection.fetchval(CHECKPOINT, feed.full_name)
    there, here = await asyncio.gather(
        digests_of_log(provider, feed, upto), digests_of_inbox(subscriber, feed.full_name, upto)
    )
    should: set[UUID] = set()
    async with database(provider) as connection:
        types = [provider.registry.type_of(event) for event in feed.events]
        should |= {row["id"] for row in await connection.fetch(IN_NO_FEED, types, feed.local_name)}
        for part in (part for part in there if there[part] != here.get(part)):
            first, end = part * PART + 1, min((part + 1) * PART, upto)
            should |= {row["id"] for row in await connection.fetch(LOGGED_IDS, feed.local_name, first, end)}
    async with database(subscriber) as connection:
        return should - {row["id"] for row in await connection.fetch(HELD, feed.full_name, list(should))}
