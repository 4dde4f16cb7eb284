"""What a department's database and the broker hold of each feed, counted; what `tongban reconcile` compares.

Read from outside the department's process, so it may be stopped meanwhile.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import asyncpg
import nats
import nats.errors
from nats.aio.client import Client
from nats.js.errors import NotFoundError

from shared.contracts.member import Member, MemberFeed
from shared.contracts.registry import Registry
from shared.eventstore import hosts
from shared.messaging.broker import close, inbox_of
from shared.messaging.holdings import last_sequence, sequence_at
from shared.messaging.publisher import BROKER_ERRORS
from shared.messaging.topology_config import begun_of

PATIENCE = 5.0  # seconds for a database or the broker to let us in
LONGEST = 120.0  # seconds a statement may take
PART = 10_000  # events a digest

DECIDED = "select feed, type, count(*) as events from events group by feed, type"
WAITING = "select feed, type, count(*) as events from outbox join events using (stream, version) group by feed, type"
LOGGED = "select feed, count(*) as events, max(sequence) as last from log where feed is not null group by feed"
PUBLISHED = "select feed, published from relay"
GIVEN = "select feed, count(*) as events, max(sequence) as last from inbox group by feed"
APPLIED = "select feed, sequence, epoch from checkpoints"
EPOCH = "select coalesce(max(number), 1) from epochs"
DUE = "select name from rebuilds_due order by name"
LOGGED_IDS = """
select sequence, id from log join events using (stream, version) where log.feed = $1 and sequence between $2 and $3
"""
HELD_IDS = "select sequence, id from inbox where feed = $1 and sequence between $2 and $3"
PARKED = """
select feed, count(*) filter (where dropped_at is null) as parked,
       count(*) filter (where dropped_at is not null) as dropped
from parked group by feed
"""
DIGEST = """
select (sequence - 1) / $3 as part, sha256(string_agg(uuid_send(id), ''::bytea order by sequence)) as digest
from ({ids}) as ids group by part
"""
DIGEST_OF_LOG = DIGEST.format(
    ids="select sequence, id from log join events using (stream, version) where log.feed = $1 and sequence <= $2"
)
DIGEST_OF_INBOX = DIGEST.format(ids="select sequence, id from inbox where feed = $1 and sequence <= $2")

NO_DATABASE = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


class Unreachable(Exception):
    """A database or the broker; the message says which, and the kind of error."""


@dataclass(frozen=True, slots=True)
class Party:
    """One department: `database_url` logs in as its application role, `nats_url` as its user at the broker."""

    name: str
    database_url: str
    nats_url: str
    registry: Registry
    listens_to: Sequence[str]

    @property
    def member(self) -> str:
        """'local.identity'"""
        return str(self.registry.member)


@dataclass(frozen=True, slots=True)
class Run:
    """Numbered events: how many, and the last number. Without a gap the two are equal, for numbers are unique."""

    events: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class InBroker:
    """Messages of a stream, the feed sequence that the last one bears, and the one after which the stream begins: that
    of a later epoch begins where the history diverged."""

    messages: int = 0
    last: int = 0
    after: int = 0
    acknowledged: Mapping[str, int] = field(default_factory=dict)  # feed sequences, by readers asked about


@dataclass(frozen=True, slots=True)
class Published:
    """Of an own feed."""

    decided: int
    waiting: int  # decided and not numbered yet
    logged: Run
    published: int
    epoch: int = 1  # the last that has begun


@dataclass(frozen=True, slots=True)
class Given:
    """Of a foreign feed."""

    inbox: Run = Run()
    checkpoint: int = 0
    parked: int = 0
    dropped: int = 0
    epoch: int = 1  # of the provider's, the last that was adopted
    rebuilding: tuple[str, ...] = ()  # read models with phantoms in them


async def read_published(party: Party) -> dict[str, Published]:
    """By feed. Raises Unreachable."""
    own = party.registry.own_feeds
    feed_of = {party.registry.type_of(event): feed.local_name for feed in own for event in feed.events}
    async with database(party) as connection:
        decided = _by_feed(await connection.fetch(DECIDED), feed_of)
        waiting = _by_feed(await connection.fetch(WAITING), feed_of)
        logged = {row["feed"]: Run(row["events"], row["last"]) for row in await connection.fetch(LOGGED)}
        published = {row["feed"]: row["published"] for row in await connection.fetch(PUBLISHED)}
        epoch = await connection.fetchval(EPOCH)
    return {
        feed.full_name: Published(
            decided=decided[feed.local_name],
            waiting=waiting[feed.local_name],
            logged=logged.get(feed.local_name, Run()),
            published=published.get(feed.local_name, 0),
            epoch=epoch,
        )
        for feed in own
    }


def _by_feed(rows: Iterable[asyncpg.Record], feed_of: Mapping[str, str]) -> Counter[str | None]:
    """As the leader numbers: by what is stored, else by the type."""
    events: Counter[str | None] = Counter()
    for row in rows:
        events[row["feed"] or feed_of.get(row["type"])] += row["events"]
    return events


async def read_given(party: Party) -> dict[str, Given]:
    """By each feed it listens to. Raises Unreachable."""
    async with database(party) as connection:
        inbox = {row["feed"]: Run(row["events"], row["last"]) for row in await connection.fetch(GIVEN)}
        applied = {row["feed"]: (row["sequence"], row["epoch"]) for row in await connection.fetch(APPLIED)}
        rebuilding = tuple(row["name"] for row in await connection.fetch(DUE))
        parked = {row["feed"]: (row["parked"], row["dropped"]) for row in await connection.fetch(PARKED)}
    return {
        feed: Given(inbox.get(feed, Run()), checkpoint, *parked.get(feed, (0, 0)), epoch, rebuilding)
        for feed in party.listens_to
        for checkpoint, epoch in [applied.get(feed, (0, 1))]
    }


async def digests_of_log(party: Party, feed: MemberFeed, last: int) -> dict[int, bytes]:
    """One digest for each PART sequences of an own feed: of the ids in order, up to `last`. Raises Unreachable."""
    return await _digests(party, DIGEST_OF_LOG, feed.local_name, last)


async def digests_of_inbox(party: Party, feed: str, last: int) -> dict[int, bytes]:
    """The same of what was given."""
    return await _digests(party, DIGEST_OF_INBOX, feed, last)


async def _digests(party: Party, statement: str, feed: str, last: int) -> dict[int, bytes]:
    async with database(party) as connection:
        return {row["part"]: row["digest"] for row in await connection.fetch(statement, feed, last, PART)}


async def first_other(provider: Party, subscriber: Party, feed: MemberFeed, first: int, end: int) -> int | None:
    """The first number of a range under which the two hold different events. Raises Unreachable."""
    async with database(provider) as connection:
        there = {row["sequence"]: row["id"] for row in await connection.fetch(LOGGED_IDS, feed.local_name, first, end)}
    async with database(subscriber) as connection:
        here = {row["sequence"]: row["id"] for row in await connection.fetch(HELD_IDS, feed.full_name, first, end)}
    return next((n for n in range(first, end + 1) if there.get(n) != here.get(n)), None)


Readers = Mapping[str, Sequence[Member]]
"""By full name of a feed."""


async def read_broker(party: Party, readers: Readers = MappingProxyType({})) -> dict[str, InBroker]:
    """By own feed. `readers`: whose durables are asked about. Raises Unreachable."""
    if not party.nats_url:
        raise Unreachable(f"nothing says where the broker of {party.name} is")
    try:
        client = await nats.connect(
            party.nats_url.split(","),
            inbox_prefix=inbox_of(party.registry.member).encode(),
            connect_timeout=PATIENCE,
            allow_reconnect=False,
            max_reconnect_attempts=1,  # 0 would mean for ever
            error_cb=_told_by_exception,
        )
        try:
            return {
                feed.full_name: replace(
                    await _stream(client, feed),
                    acknowledged=await _acknowledged(client, feed, readers.get(feed.full_name, ())),
                )
                for feed in party.registry.own_feeds
            }
        finally:
            await close(client)
    except BROKER_ERRORS as error:
        raise Unreachable(f"the broker does not answer {party.name} ({type(error).__name__})") from None


async def _stream(client: Client, feed: MemberFeed) -> InBroker:
    try:
        info = await client.jetstream(timeout=PATIENCE).stream_info(feed.jetstream)
    except NotFoundError:
        return InBroker()
    after = begun_of({"metadata": info.config.metadata}).after
    return InBroker(info.state.messages, max(after, await last_sequence(client, feed)), after)


async def _acknowledged(client: Client, feed: MemberFeed, readers: Sequence[Member]) -> dict[str, int]:
    """Up to which event each has, of those that have a durable. Not counted: a stream may hold an event twice."""
    found = {}
    for reader in readers:
        with suppress(NotFoundError):
            durable = await client.jetstream(timeout=PATIENCE).consumer_info(feed.jetstream, reader.dashed)
            floor = durable.ack_floor.stream_seq if durable.ack_floor else 0
            sequence = await sequence_at(client, feed, floor) if floor else 0
            if sequence is not None:
                found[str(reader)] = sequence
    return found


async def _told_by_exception(_error: Exception) -> None:
    """nats-py would print a traceback beside raising."""


@asynccontextmanager
async def database(party: Party) -> AsyncIterator[asyncpg.Connection]:
    """One unchanging view of it. Raises Unreachable."""
    try:
        connection = await hosts.connect(
            party.database_url,
            timeout=PATIENCE,
            command_timeout=LONGEST,
            server_settings={"application_name": "tongban reconcile", "jit": "off"},
        )
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                yield connection
        finally:
            connection.terminate()
    except NO_DATABASE as error:
        raise Unreachable(f"the database of {party.name} cannot be read ({type(error).__name__})") from None
