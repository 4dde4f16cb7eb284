"""Keys of persons that were lost with the database: readers of our feeds had been given them, and give them back.

Asked before lost events are stored again, so that these can be read. A key is taken back only if it opens a field of
such an event: nobody can put a key of their own in its place. What no neighbour gives back is read as erased.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic

import orjson
import structlog
from nats.aio.client import Client

from shared.continuity.claims import Claim
from shared.continuity.known import ask_keys
from shared.continuity.limits import KEYS_AT_ONCE, NEIGHBOURS_AGAIN, NEIGHBOURS_WITHIN
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
        """Have the keys of these events at hand, if anybody has them, and let readers of their feeds have them.

        What this instance remembers may be of a database that has since given way to one with fewer keys.
        """
        sealed: dict[str, list[Claim]] = {}
        for one in claims:
            for id in key_ids(one.data):
                sealed.setdefault(id, []).append(one)
        self._keys.look_anew()
        missing = await self._keys.learn(sealed)
        if missing:
            await self._look_for(client, missing, sealed)
        await self._keys.give_again({id: {one.feed.local_name for one in of_key} for id, of_key in sealed.items()})

    async def _look_for(self, client: Client, missing: set[str], sealed: Mapping[str, Sequence[Claim]]) -> None:
        await self._take(self._keys.remembered(missing), sealed)
        missing = await self._keys.learn(missing)
        own = await self._keys.reader_secret()
        for neighbour in self._neighbours:
            for start in range(0, len(missing), KEYS_AT_ONCE):
                asked = sorted(missing)[start : start + KEYS_AT_ONCE]
                try:
                    given = await self._asked(client, neighbour, asked, own)
                except BROKER_ERRORS as error:
                    log.info("lost keys not asked for", of=neighbour, error=type(error).__name__)
                    break
                await self._take(given, sealed)
            missing = await self._keys.learn(missing)
            if not missing:
                return
        log.error("KEYS WERE LOST: what they sealed is read as erased", keys=len(missing))
        await self._keys.give_up(missing)

    async def _asked(self, client: Client, neighbour: str, ids: Sequence[str], own: bytes) -> Sequence[GivenKey]:
        """Raises BROKER_ERRORS. One that is away is given a moment to come back, as for history."""
        until = monotonic() + NEIGHBOURS_WITHIN
        while True:
            try:
                return await ask_keys(client, neighbour, self._member, ids, own)
            except BROKER_ERRORS:
                if monotonic() >= until:
                    raise
            await asyncio.sleep(NEIGHBOURS_AGAIN)

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
