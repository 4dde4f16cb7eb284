"""A read model that tells on itself: events lost, doubled or out of order show in its rows. Two tables, two sources."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from uuid import uuid4

import asyncpg

from shared.contracts.envelope import Received
from shared.contracts.errors import ConcurrencyConflict
from shared.contracts.event import Recorded
from shared.department.engine import Engine
from shared.eventstore.aggregate import Context
from shared.eventstore.read_model import ReadModel, Statement
from tests.sample import CUSTOMS_SERVICE, INSPECTION, CratesInspected, CratesUnloaded, ShipArrived
from tests.shared.messaging.feeds import FEED, feed_of


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case ShipArrived(crates=crates) | CratesUnloaded(crates=crates) | CratesInspected(crates=crates):
            yield "followed", (event.stream, event.version, crates)
            yield "sighted", (event.stream, event.version)


VOYAGES = ReadModel.beside(__file__, version=1, events=(ShipArrived, CratesUnloaded, CratesInspected), project=project)
SUPERSEDED = asyncpg.OperatorInterventionError
PAUSE = 0.01  # seconds between two commands of one writer: the builder shares this process with them
SERVICE = replace(CUSTOMS_SERVICE, read_models=(*CUSTOMS_SERVICE.read_models, VOYAGES))

# From the truth itself, without any read model's code: events and inbox, less what is parked.
EXPECTED = """
with happened as (
  select stream, version, (data ->> 'crates')::bigint as crates from events where type = 'customs.CratesInspected'
  union all
  select i.stream, (i.event ->> 'streamversion')::int, (i.event -> 'data' ->> 'crates')::bigint
  from inbox i where not exists (select from parked p where p.feed = i.feed and p.sequence = i.sequence)
)
select stream, max(version), sum(crates), 0, count(*) from happened group by stream order by stream
"""
HELD = """
select v.stream, v.version, v.crates, v.disorder, (select sum(times) from sightings s where s.stream = v.stream)
from voyages v order by stream
"""
DOUBLED = "select stream, version from sightings where times > 1"
TABLES = """
select schemaname from pg_tables where tablename = 'voyages' order by 1
"""


async def differs_from_truth(engine: Engine) -> list[tuple[object, ...]]:
    """Rows that are not what events and inbox say; call it when nobody writes."""
    held = {tuple(row) for row in await engine.pool.fetch(HELD)}
    expected = {tuple(row) for row in await engine.pool.fetch(EXPECTED)}
    return [*(held ^ expected), *(tuple(row) for row in await engine.pool.fetch(DOUBLED))]


@asynccontextmanager
async def under_load(engine: Engine, feed: Sequence[Received], seed: int = 1) -> AsyncIterator[None]:
    """Inside, own commands are executed and foreign batches taken in, without end."""
    rng = random.Random(seed)
    ended = asyncio.Event()
    commands = itertools.count()

    async def command() -> None:
        while not ended.is_set():  # some forty streams at a time, each of about thirty events
            stream = f"inspection-own{next(commands) // 1200}.{rng.randrange(40)}"
            with suppress(ConcurrencyConflict, SUPERSEDED):
                await engine.store.execute(stream, INSPECTION, 1, Context())
            await asyncio.sleep(PAUSE)

    async def receive() -> None:
        at = 0
        while not ended.is_set() and at < len(feed):
            try:
                await engine.subscriptions[FEED].take_in(feed[at : (at := at + rng.randint(1, 20))])
            except SUPERSEDED:
                return
            await asyncio.sleep(PAUSE)

    async with asyncio.TaskGroup() as group:
        for _ in range(6):
            group.create_task(command())
        group.create_task(receive())
        try:
            yield
        finally:
            ended.set()


async def stored(engine: Engine, own: int, given: int, seed: int = 1) -> list[Received]:
    """So many events of either kind, applied as they came. Returns the rest of the feed, for later."""
    feed = feed_of(20 * given + 5000, 40, random.Random(seed))
    await engine.subscriptions[FEED].take_in(feed[:given])
    await asyncio.gather(*(engine.store.execute(f"inspection-{uuid4()}", INSPECTION, n, Context()) for n in range(own)))
    return feed[given:]
