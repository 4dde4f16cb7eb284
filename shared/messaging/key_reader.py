"""Takes in the keys of personal fields that one provider gives, and asks for those that are missed."""

import asyncio
from time import monotonic

import orjson
import structlog
from joserfc.jwk import OKPKey
from nats.aio.client import Client

from shared.contracts.errors import Poison, Unavailable
from shared.contracts.member import KeyFeed, Member
from shared.eventstore.person_keys import Anew, PersonKeys
from shared.messaging import key_wrapping
from shared.messaging.answers import read_object, said
from shared.messaging.key_teller import MOST_ASKED
from shared.messaging.prompt_subscriber import Batch
from shared.messaging.publisher import BROKER_ERRORS
from shared.messaging.rarely import Rarely

log = structlog.get_logger(__name__)

ANSWER_WITHIN = 5.0  # seconds
ASK_AGAIN = 2.0  # seconds between questions to a provider for what is still missed
LOOK_EVERY = 5.0  # seconds between looks for what other processes miss
ASK_ANYWAY = 60.0  # seconds: a provider restored to an older state may have forgotten us


class KeyReader:
    """Of one provider."""

    def __init__(self, provider: Member, reader: Member, keys: PersonKeys, anew: Anew | None = None) -> None:
        self.feed = KeyFeed(provider)
        self._reader = reader
        self._keys = keys
        self._anew = anew
        self._asked_at = -ASK_ANYWAY
        self._rarely = Rarely()

    async def own_key(self) -> OKPKey:
        return key_wrapping.private_key(await self._keys.reader_secret())

    async def receive(self, batch: Batch) -> None:
        """Keep what the broker brought, then acknowledge it. A message that tells of no key is passed over."""
        own = await self.own_key()
        given = []
        for body in batch.bodies:
            try:
                given.append(key_wrapping.read(body, own))
            except Poison as error:
                self._tell(str(error))
            await asyncio.sleep(0)
        if given:
            await self._keys.take(str(self.feed.member), given, self._anew)
        await batch.ack()

    async def run(self, client: Client) -> None:
        """Ask for ever: once at the start, again when a key is missed, and now and then."""
        provider = str(self.feed.member)
        while True:
            is_due = monotonic() >= self._asked_at + ASK_ANYWAY
            needed = (await self._keys.to_ask_for(provider, with_given_up=is_due))[:MOST_ASKED]
            if needed or is_due:
                try:
                    await self.ask(client, needed)
                except BROKER_ERRORS as error:
                    if times := self._rarely.times(type(error).__name__):
                        log.info("keys not asked for", provider=provider, times=times)
                await asyncio.sleep(ASK_AGAIN)
            else:
                await self._keys.asked[provider].wait(LOOK_EVERY)

    async def ask(self, client: Client, needed: list[str]) -> None:
        """Raises BROKER_ERRORS."""
        secret = await self._keys.reader_secret()
        question = {"public_key": key_wrapping.public_text(secret), "need": needed}
        answer = await client.request(self.feed.asked_by(self._reader), orjson.dumps(question), timeout=ANSWER_WITHIN)
        told = read_object(answer.data, f"keys of {self.feed.member}")
        if "error" in told:
            raise Unavailable(f"keys of {self.feed.member}: {said(told['error'])}")
        self._asked_at = monotonic()
        if told.get("lacking"):
            self._tell("keys are missed that their provider has not")

    def _tell(self, what: str) -> None:
        if times := self._rarely.times(what):
            log.error("keys of personal fields", provider=str(self.feed.member), problem=what, times=times)
