"""Keys of persons that were lost with the database: readers of our feeds had been given them, and give them back.

Asked before lost events are stored again, so that these can be read. A key is taken back only if it opens a field of
such an event: nobody can put a key of their own in its place. What no neighbour gives back is read as erased.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated

import orjson
import structlog
from nats.aio.client import Client
from pydantic import BaseModel, ConfigDict, Field

from shared.continuity.claims import Claim
from shared.continuity.limits import ANSWER_WITHIN, KEYS_AT_ONCE
from shared.contracts.errors import Poison
from shared.contracts.sealing import FieldKey, key_ids, opens
from shared.eventstore.database import Pool
from shared.eventstore.person_keys import GivenKey, PersonKeys
from shared.messaging import key_wrapping
from shared.messaging.publisher import BROKER_ERRORS

log = structlog.get_logger(__name__)

GIVEN = """
select id, owner, sealed, master from person_keys
where provider = $1 and id = any($2) and sealed is not null and not is_own
"""


class AskKeysBack(BaseModel):
    """`public_key`: of the asking member, whose keys these are."""

    model_config = ConfigDict(extra="forbid")

    keys: list[Annotated[str, Field(max_length=20)]] = Field(max_length=KEYS_AT_ONCE)
    public_key: str = Field(max_length=100)


async def keys_page(pool: Pool, neighbour: str, ask: AskKeysBack, keys: PersonKeys) -> bytes:
    """Those of its own keys that we have, a message a line."""
    reader = key_wrapping.public_key(ask.public_key)
    rows = await pool.fetch(GIVEN, neighbour, ask.keys)
    found = [GivenKey(row["id"], row["owner"], keys.opened(row["id"], row["sealed"], row["master"])) for row in rows]
    return b"\n".join([b"{}", *(key_wrapping.message(one, reader) for one in found)])


class LostKeys:
    """Of one department."""

    def __init__(self, keys: PersonKeys, member: str, neighbours: Sequence[str]) -> None:
        self._keys = keys
        self._member = member
        self._neighbours = neighbours

    async def fetch(self, client: Client, claims: Sequence[Claim]) -> None:
        """Have the keys of these events at hand, if anybody has them."""
        ids = {one: key_ids(one.data) for one in claims}
        missing = await self._keys.learn({id for of_one in ids.values() for id in of_one})
        if not missing:
            return
        sealed = {id: [one for one in claims if id in ids[one]] for id in missing}
        own = await self._keys.reader_secret()
        for neighbour in self._neighbours:
            for start in range(0, len(missing), KEYS_AT_ONCE):
                asked = sorted(missing)[start : start + KEYS_AT_ONCE]
                try:
                    given = await ask_back(client, neighbour, self._member, asked, own)
                except BROKER_ERRORS as error:
                    log.info("lost keys not asked for", of=neighbour, error=type(error).__name__)
                    break
                await self._take(given, sealed)
            missing = await self._keys.learn(missing)
            if not missing:
                return
        log.error("KEYS WERE LOST: what they sealed is read as erased", keys=len(missing))
        await self._keys.give_up(missing)

    async def _take(self, given: Sequence[GivenKey], sealed: Mapping[str, Sequence[Claim]]) -> None:
        for key in given:
            claims = sealed.get(key.id, ())
            if key.secret is not None and any(_opens(FieldKey(key.id, key.secret), one) for one in claims):
                await self._keys.take_back(key, {one.feed.local_name for one in claims})
            await asyncio.sleep(0)


async def ask_back(client: Client, neighbour: str, member: str, ids: Sequence[str], own: bytes) -> list[GivenKey]:
    """Raises BROKER_ERRORS."""
    question = AskKeysBack(keys=list(ids), public_key=key_wrapping.public_text(own)).model_dump_json().encode()
    answer = await client.request(f"known.{neighbour}.{member}", question, timeout=ANSWER_WITHIN)
    private = key_wrapping.private_key(own)
    found = []
    for line in answer.data.split(b"\n")[1 : len(ids) + 1]:
        try:
            found.append(key_wrapping.read(line, private))
        except Poison:
            continue
    return [one for one in found if one.id in set(ids)]


def _opens(key: FieldKey, claim: Claim) -> bool:
    return opens(key, orjson.loads(claim.data), claim.id)
