"""A feed to measure with: a log filled beforehand, its envelopes, and its stream made anew for every measurement."""

from contextlib import suppress

from nats.aio.client import Client
from nats.js.errors import NotFoundError
from uuid_utils.compat import uuid7

from benchmarks.applications import APPLICATION, of_person
from benchmarks.departments import FEED
from shared.contracts import envelope
from shared.contracts.member import DEFAULT_JURISDICTION, Member
from shared.department.engine import Engine
from shared.eventstore import append
from shared.eventstore.aggregate import Context
from shared.eventstore.person_keys import GivenKey
from shared.eventstore.sequencer import Sequencer
from shared.eventstore.store import Loaded, keys_ready, prepare
from shared.messaging.publisher import BATCH_LIMIT, Message, Publisher
from shared.messaging.relay import read_feed
from shared.messaging.topology_config import consumer_config, stream_config

AT_ONCE = 1000


async def fill_log(office: Engine, events: int) -> None:
    """Store and number so many events; their stream knows nothing of them yet."""
    sequencer = Sequencer(office.pool, office.registry, lambda _feed, _head: None)
    for start in range(0, events, AT_ONCE):
        rows = []
        for nth in range(start, min(start + AT_ONCE, events)):
            new = Loaded(APPLICATION.stream(uuid7()), APPLICATION.initial, ())
            decided = APPLICATION.decide(new.state, of_person(nth))
            await keys_ready(decided, new.stream, office.registry)
            rows += prepare(new, decided, Context(), office.registry)
        async with office.pool.acquire() as connection:
            await append.insert(connection, rows)
        await sequencer.number()
    await office.pool.execute("analyze")


async def messages_of(office: Engine) -> list[Message]:
    """The whole feed, ready to be published."""
    found: list[Message] = []
    while page := await read_feed(office.pool, FEED, after=len(found), limit=AT_ONCE):
        found += [Message(FEED.subject_of(event.type), str(event.id), envelope.encode(event)) for event in page]
    return found


async def keys_of(office: Engine) -> list[GivenKey]:
    """Those of the people in its events, as a reader is given them. None where nothing is sealed."""
    keys = office.registry.sealing
    if keys is None:
        return []
    rows = await office.pool.fetch("select id, owner from person_keys where is_own and feeds <> '{}'")
    await keys.learn([row["id"] for row in rows])
    found = {row["owner"]: keys.key(row["id"]) for row in rows}
    return [GivenKey(key.id, owner, key.content, None) for owner, key in found.items() if key]


async def new_stream(client: Client, subscriber: str | None = None) -> None:
    """The feed's stream, empty, with its durable consumer if one is named."""
    jetstream = client.jetstream()
    with suppress(NotFoundError):
        await jetstream.delete_stream(FEED.jetstream)
    await jetstream.add_stream(stream_config(FEED, replicas=1))
    if subscriber:
        await jetstream.add_consumer(FEED.jetstream, consumer_config(FEED, Member(DEFAULT_JURISDICTION, subscriber)))


async def publish(client: Client, messages: list[Message]) -> None:
    """By atomic batches, as fast as it goes."""
    publisher = Publisher(client)
    for start in range(0, len(messages), BATCH_LIMIT):
        await publisher.publish(FEED.jetstream, messages[start : start + BATCH_LIMIT])
