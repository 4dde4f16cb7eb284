"""Keys of persons that were lost with the database: readers of our feeds had been given them, and give them back.

Asked before lost events are stored again, so that these can be read. A key is taken back only if it opens a field of
such an event: nobody can put a key of their own in its place. What no neighbour gives back is read as erased.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import orjson
import structlog
from nats.aio.client import Client

from shared.continuity.claims import Claim
from shared.continuity.known import ask_keys
from shared.continuity.limits import KEYS_AT_ONCE
from shared.contracts.person_key import PersonKey
from shared.contracts.sealing import key_ids, opens
from shared.eventstore.limits import SKEW_SECONDS
from shared.eventstore.person_keys import GivenKey, PersonKeys
from shared.messaging.publisher import BROKER_ERRORS

log = structlog.get_logger(__name__)


class LostKeys:
    """Of one department."""

    def __init__(self, keys: PersonKeys, member: str, neighbours: Sequence[str]) -> None:
        self._keys = keys
        self._member = member
        self._neighbours = neighbours

    async def fetch(self, client: Client, claims: Sequence[Claim]) -> None:
        """Have the keys of these events at hand, if anybody has them.

        What this instance remembers may be of a database that has since given way to one with fewer keys."""
        self._keys.look_anew()
        ids = {one: key_ids(one.data) for one in claims}
        missing = await self._keys.learn({id for of_one in ids.values() for id in of_one})
        if not missing:
            return
        sealed = {id: [one for one in claims if id in ids[one]] for id in missing}
        await self._take(self._keys.remembered(missing), sealed)
        missing = await self._keys.learn(missing)
        own = await self._keys.reader_secret()
        for neighbour in self._neighbours:
            for start in range(0, len(missing), KEYS_AT_ONCE):
                asked = sorted(missing)[start : start + KEYS_AT_ONCE]
                try:
                    given = await ask_keys(client, neighbour, self._member, asked, own)
                except BROKER_ERRORS as error:
                    log.info("lost keys not asked for", of=neighbour, error=type(error).__name__)
                    break
                await self._take(given, sealed)
            missing = await self._keys.learn(missing)
            if not missing:
                return
        log.error("KEYS WERE LOST: what they sealed is read as erased", keys=len(missing))
        await self._keys.give_up({id: {one.feed.local_name for one in sealed[id]} for id in missing})

    async def _take(self, given: Sequence[GivenKey], sealed: Mapping[str, Sequence[Claim]]) -> None:
        for key in given:
            if key.secret is None:
                continue
            own = PersonKey(key.id, key.secret)
            if claims := [one for one in sealed.get(key.id, ()) if _opens(own, one)]:
                made_at = _made_at(key, min(one.recorded_at for one in claims))
                await self._keys.take_back(replace(key, made_at=made_at), {one.feed.local_name for one in claims})
            await asyncio.sleep(0)


def _made_at(key: GivenKey, first: datetime) -> datetime:
    """Before the first of the events that it seals, whatever a neighbour says: an erasure after it drops it again."""
    return first if key.made_at is None else min(key.made_at, first + timedelta(seconds=2 * SKEW_SECONDS))


def _opens(key: PersonKey, claim: Claim) -> bool:
    return opens(key, orjson.loads(claim.data), claim.id, claim.feed.local_name)
