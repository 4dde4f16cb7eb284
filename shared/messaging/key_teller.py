"""Gives keys of personal fields to who is given the feeds that hold these fields, and tells when they are erased.

The leader's duty. The stream `<jurisdiction>-<department>-KEYS` holds one message a reader and key, the newest; each
reader has a durable of its own on it. What is to be told stands in `key_outbox` until the broker has stored it, and is
told anew to all when the stream is found missing. A reader asks once in a while, with its public key: a new reader, or
a new public key, is told all keys of its feeds, and so is one that is given other fields than before; one that lacks
some names them.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import Annotated

import asyncpg
import orjson
import structlog
from joserfc.jwk import OKPKey
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.errors import NotFoundError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from uuid_utils.compat import uuid4

from shared.contracts.errors import Away
from shared.contracts.event import Json
from shared.contracts.member import KeyFeed, Member
from shared.contracts.person_key import ID, FieldKeys, PersonKey
from shared.eventstore.database import Pool
from shared.eventstore.master_keys import MasterKey, Masters
from shared.eventstore.masters_away import masters_away
from shared.eventstore.person_keys import GivenKey, unwrapped
from shared.eventstore.transient import described
from shared.eventstore.wake import Wake
from shared.messaging import key_wrapping
from shared.messaging.durables import Durables
from shared.messaging.jetstream_api import ask
from shared.messaging.publisher import BROKER_ERRORS, Message, Publisher
from shared.messaging.topology_config import differences, durable_wanted, keys_wanted

log = structlog.get_logger(__name__)

EVERY = 2.0  # seconds between looks at stream and durables
LOOK = 0.5  # seconds between looks at the outbox; what this instance stores wakes it at once
AT_ONCE = 200  # keys
MOST_ASKED = 1_000  # keys in one question
ALL_AGAIN = 10.0  # seconds in which a reader is told everything once
ANSWER_AGAIN = 1.0  # seconds in which a reader is answered once
TOO_SOON = b'{"error": "too soon: ask again in a while"}'

Reader = tuple[FieldKeys, OKPKey]
"""What it is given, and its public key."""

Readers = Callable[[], Mapping[Member, FieldKeys]]
"""Present readers, and what each is given."""

# A key that cannot be opened waits there, and keeps no other waiting; nor does a reader who is told many.
OUTBOX = """
select o.nth, o.reader, k.id, k.owner, k.sealed, k.master, k.feeds, k.made_at, k.is_given_up
from (select null as reader union select reader from key_readers union select unnest($4::text[])) r
cross join lateral (
  select o.* from key_outbox o left join person_keys k on k.id = o.key and k.is_own
  where o.reader is not distinct from r.reader and (k.sealed is null or (k.master = any($2) and k.id <> all($3)))
  order by o.nth limit $1
) o
left join person_keys k on k.id = o.key and k.is_own
order by o.nth
"""
TOLD = "delete from key_outbox where nth = any($1)"
KNOWN = "select reader, public_key from key_readers"
REGISTER = """
insert into key_readers as r (reader, public_key) values ($1, $2)
on conflict (reader) do update set public_key = excluded.public_key, since = clock_timestamp()
where (r.public_key <> excluded.public_key or $3) and r.since < clock_timestamp() - make_interval(secs => $4)
"""
IS_ANOTHER = "select public_key <> $2 from key_readers where reader = $1"
GIVEN_OTHERS = """
update key_readers set given = $2 where reader = $1 and given <> $2
"""
# What is to be told already stands in the outbox once, however often it is asked for.
TELL_ALL = """
insert into key_outbox (key, reader)
select id, $1 from person_keys k
where is_own and feeds && $2::text[] and not exists (select from key_outbox o where o.key = k.id and o.reader = $1)
order by made_at
"""
TELL_SOME = """
with asked as (
  select id from person_keys where is_own and feeds && $2::text[] and id = any($3::text[])
), told as (
  insert into key_outbox (key, reader) select id, $1 from asked
  where not exists (select from key_outbox o where o.key = asked.id and o.reader = $1)
)
select id from asked
"""


def _is_public(text: str) -> str:
    key_wrapping.public_key(text)
    return text


class AskKeys(BaseModel):
    """`public_key`: of the asking reader. `need`: ids of keys that it lacks. `all`: tell everything anew."""

    model_config = ConfigDict(extra="ignore")

    public_key: Annotated[str, Field(max_length=100), AfterValidator(_is_public)]
    need: list[Annotated[str, Field(pattern=f"^{ID.pattern}$")]] = Field(default_factory=list, max_length=MOST_ASKED)
    all: bool = False


class TooSoon(Exception):
    """It was told everything a moment ago."""


class KeyTeller:
    """Of one member."""

    def __init__(
        self, pool: Pool, member: Member, masters: Masters, readers: Readers, changed: Wake, replicas: int = 1
    ) -> None:
        self.feed = KeyFeed(member)
        self._pool = pool
        self._masters = masters
        self._readers = readers
        self._changed = changed
        self._replicas = replicas
        self._durables = Durables()
        self._away: tuple[str, ...] = ()  # master keys that were missed when it was last told
        self._unopened: set[str] = set()  # keys that their master key does not open

    async def run(self, client: Client) -> None:
        """For ever. While the broker is away everything stays in the outbox."""
        publisher = Publisher(client)
        while True:
            try:
                await self._round(client, publisher)
            except BROKER_ERRORS as error:
                log.warning("telling keys waits for the broker", error=type(error).__name__)
                await asyncio.sleep(LOOK)

    async def _round(self, client: Client, publisher: Publisher) -> None:
        await self.keep(client)
        await self._tell_of_masters()
        until = asyncio.get_running_loop().time() + EVERY
        while asyncio.get_running_loop().time() < until:
            while await self.tell(publisher):
                pass
            await self._changed.wait(LOOK)

    async def keep(self, client: Client) -> None:
        """Stream and durables as they should be; who is given other fields is told them."""
        await self._tell_those_given_others(self._readers())
        stream, wanted = self.feed.jetstream, keys_wanted(self.feed, self._replicas)
        try:
            there = await ask(client, f"STREAM.INFO.{stream}")
        except NotFoundError:
            await self._tell_all()
            await ask(client, f"STREAM.CREATE.{stream}", wanted)
            log.info("stream of keys declared", stream=stream)
        else:
            if differences(there["config"], wanted):
                await ask(client, f"STREAM.UPDATE.{stream}", wanted)
        durables = {one.dashed: durable_wanted(one, self.feed.subject_for(one)) for one in self._readers()}
        for name in await self._durables.keep(client, stream, durables):
            await self._durables.end(client, stream, name)

    async def _tell_those_given_others(self, readers: Mapping[Member, FieldKeys]) -> None:
        """Tell all keys anew to who is given other fields than it was told."""
        for reader, given in readers.items():
            if await self._pool.execute(GIVEN_OTHERS, str(reader), _told(given)) != "UPDATE 0":
                await self._pool.execute(TELL_ALL, str(reader), sorted(given))

    async def _tell_all(self) -> None:
        for reader, feeds in self._readers().items():
            await self._pool.execute(TELL_ALL, str(reader), sorted(feeds))

    async def tell(self, publisher: Publisher) -> int:
        """Publish the outbox, as much as goes at once. Returns how many rows that was."""
        masters = self._at_hand()
        known_masters, unopened = [one.id for one in masters], list(self._unopened)
        rows = await self._pool.fetch(OUTBOX, AT_ONCE, known_masters, unopened, list(map(str, self._readers())))
        if not rows:
            return 0
        known = _read(await self._pool.fetch(KNOWN))
        given = self._readers()
        await self._tell_those_given_others(given)
        readers: dict[Member, Reader] = {one: (of, known[str(one)]) for one, of in given.items() if str(one) in known}
        newest = {(row["id"], row["reader"]): row for row in rows if row["id"] is not None}
        messages: list[Message] = []
        for row in newest.values():
            messages += self._messages(row, readers, masters)
            await asyncio.sleep(0)
        for start in range(0, len(messages), AT_ONCE):
            await publisher.publish(self.feed.jetstream, messages[start : start + AT_ONCE])
        await self._pool.execute(TOLD, [row["nth"] for row in rows if row["id"] not in self._unopened])
        return len(rows)

    def _at_hand(self) -> Sequence[MasterKey]:
        """None while the file is away: erasures are told all the same."""
        try:
            return self._masters()
        except Away:
            return ()

    async def _tell_of_masters(self) -> None:
        """Once in the log; to whoever asks, the department's health tells it as long as it stands."""
        away = (await masters_away(self._pool, self._masters)).ids
        if away and away != self._away:
            log.error("keys are not told, for KEY_MASTER_FILE lacks their master key", masters=away)
        self._away = away

    def _messages(
        self, row: asyncpg.Record, readers: Mapping[Member, Reader], masters: Sequence[MasterKey]
    ) -> Sequence[Message]:
        id, sealed = row["id"], row["sealed"]
        try:
            secret = None if sealed is None else unwrapped(id, sealed, row["master"], masters)
        except Away:
            self._unopened.add(id)
            log.error("a key is not told: its master key does not open it", key=id, master=row["master"])  # noqa: TRY400
            return ()
        key = None if secret is None else PersonKey(id, secret)
        messages = []
        for one, (given, public) in readers.items():
            feeds = [feed for feed in row["feeds"] if feed in given]
            if feeds and row["reader"] in (None, str(one)):
                part = None if key is None else key.part(given, feeds)
                told = GivenKey(id, row["owner"] or id, part, row["made_at"], bool(row["is_given_up"]))
                messages.append(
                    Message(self.feed.subject_for(one, id), uuid4().hex, key_wrapping.message(told, public))
                )
        return messages


def _told(given: FieldKeys) -> str:
    """Which fields, as text that is another when they are others."""
    limited = {feed: sorted(fields) for feed, fields in sorted(given.items()) if fields is not None}
    return orjson.dumps(limited).decode()


def _read(known: Sequence[asyncpg.Record]) -> Mapping[str, OKPKey]:
    """Public keys by reader. One that is none stops no other: its reader asks again, and is told so."""
    keys: dict[str, OKPKey] = {}
    for row in known:
        with suppress(ValueError):
            keys[row["reader"]] = key_wrapping.public_key(row["public_key"])
    return keys


async def answer_asks(client: Client, pool: Pool, member: Member, readers: Readers, changed: Wake) -> None:
    """Answer readers; the instances of a department share the work. Whoever asks too often keeps no other waiting."""
    feed = KeyFeed(member)
    again: dict[str, float] = {}  # by subject: when it is answered again

    async def asked(message: Msg) -> None:
        with suppress(*BROKER_ERRORS):
            if again.get(message.subject, 0.0) > monotonic():
                await message.respond(TOO_SOON)
                return
            given = {feed.asked_by(reader): (reader, feeds) for reader, feeds in readers().items()}
            if message.subject not in given:
                await message.respond(b'{"error": "no feed of ours is given to you"}')
                return
            await message.respond(await _answer(message, pool, *given[message.subject], changed))
            again[message.subject] = monotonic() + ANSWER_AGAIN

    await client.subscribe(feed.asked_by_any, queue=member.dashed, cb=asked)


async def _answer(message: Msg, pool: Pool, reader: Member, feeds: Collection[str], changed: Wake) -> bytes:
    try:
        question = AskKeys.model_validate_json(message.data)
        return orjson.dumps(await register(pool, str(reader), feeds, question, changed))
    except ValidationError:
        return b'{"error": "ask with your public_key, and with the ids of keys that you need"}'
    except TooSoon:
        return TOO_SOON
    except Exception as error:  # noqa: BLE001 - the reader asks again
        log.warning("a reader of keys was not answered", reader=str(reader), problem=described(error))
        return b'{"error": "not ready"}'


async def register(pool: Pool, reader: str, feeds: Collection[str], question: AskKeys, changed: Wake) -> Json:
    """{"lacking": ids of keys that are not given to it}. `feeds`: local names of those it is given.

    Raises TooSoon: it comes with one public key after another.
    """
    given = sorted(feeds)
    if await pool.execute(REGISTER, reader, question.public_key, question.all, ALL_AGAIN) == "INSERT 0 0":
        if await pool.fetchval(IS_ANOTHER, reader, question.public_key):
            raise TooSoon
    else:
        await pool.execute(TELL_ALL, reader, given)
    found = {row["id"] for row in await pool.fetch(TELL_SOME, reader, given, question.need)}
    changed.set()
    return {"lacking": [id for id in question.need if id not in found]}
