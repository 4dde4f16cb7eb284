"""Reactions that write what requests write: they get through, and so do the requests. Counted, not timed."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts.envelope import Received
from shared.contracts.errors import ConcurrencyConflict
from shared.department.engine import Engine
from shared.eventstore.aggregate import Context
from shared.eventstore.tasks import end
from shared.messaging import parking
from shared.messaging.batch_size import BatchSize
from shared.messaging.intake import Applied, Standing, is_contention
from tests import sample
from tests.sample import CUSTOMS_SERVICE, INSPECTION, CratesUnloaded, ShipArrived
from tests.shared.messaging.feeds import FEED, feed_of, received, spoilt
from tests.until import until

RATE = 500  # commands a second
MOST_CONFLICTS = 20  # transactions given up
INSPECTED = """
select count(*) filter (where metadata ->> 'causation_id' is not null) as reactions,
       count(*) filter (where metadata ->> 'causation_id' is null) as commands
from events
"""


@pytest.fixture
async def instances(database: DepartmentDatabase, tmp_path: Path) -> AsyncIterator[Sequence[Engine]]:
    """Of customs; the second is another process to the first, as far as turns go."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(sample.engine(CUSTOMS_SERVICE, database, tmp_path, started=False))
            for _ in range(2)
        ]


@asynccontextmanager
async def hammering(engines: Sequence[Engine], streams: int, rate: float | None) -> AsyncIterator[Counter[str]]:
    """Commands on streams at random: so many a second, or without a pause by eight writers."""
    outcomes: Counter[str] = Counter()
    rng = random.Random(1)

    async def command(engine: Engine) -> None:
        try:
            await engine.store.execute(INSPECTION.stream(f"{rng.randrange(streams)}"), INSPECTION, 1, Context())
            outcomes["done"] += 1
        except ConcurrencyConflict:
            outcomes["conflict"] += 1

    async def at_a_rate() -> None:
        assert rate is not None
        async with asyncio.TaskGroup() as group:
            while True:
                group.create_task(command(rng.choice(engines)))
                await asyncio.sleep(rng.expovariate(rate))

    async def without_pause(engine: Engine) -> None:
        while True:
            await command(engine)

    work = [at_a_rate()] if rate else [without_pause(engines[n % len(engines)]) for n in range(8)]
    tasks = [asyncio.create_task(one) for one in work]
    try:
        await until(lambda: outcomes["done"] > 20, what="they hammer")
        yield outcomes
    finally:
        await end(*tasks)


def counted(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Transactions of the intake that were given up because others were first."""
    conflicts: Counter[str] = Counter()
    intake = engine.subscriptions[FEED]._intake
    apply = intake.apply

    async def applied(standing: Standing, messages: Sequence[Received]) -> Applied:
        try:
            return await apply(standing, messages)
        except Exception as error:
            conflicts["given up"] += is_contention(error)
            raise

    monkeypatch.setattr(intake, "apply", applied)
    return conflicts


def unloadings(ships: int, times: int, after: int) -> list[Received]:
    return [
        received(after + 1 + n, f"ship-{n % ships}", 2 + n // ships, CratesUnloaded(ship="a", crates=1))
        for n in range(ships * times)
    ]


def arrivals(ships: int) -> list[Received]:
    return [received(1 + n, f"ship-{n}", 1, ShipArrived(ship="a", crates=9)) for n in range(ships)]


@pytest.mark.parametrize(
    ("ships", "times", "rate"), [(1000, 1, RATE), (1, 200, None), (20, 25, None)], ids=["wide", "one", "few"]
)
async def test_a_batch_of_reactions_gets_through_while_writers_hammer(
    instances: Sequence[Engine], monkeypatch: pytest.MonkeyPatch, ships: int, times: int, rate: float | None
) -> None:
    leader = instances[0]
    await leader.subscriptions[FEED].take_in(arrivals(ships))
    conflicts = counted(leader, monkeypatch)
    async with hammering(instances, ships, rate) as outcomes:
        before = outcomes["done"]
        async with asyncio.timeout(60):
            await leader.subscriptions[FEED].take_in(unloadings(ships, times, ships))
        assert conflicts["given up"] <= MOST_CONFLICTS
        await until(lambda: outcomes["done"] > before + 20, what="the commands go on")
    row = await leader.pool.fetchrow(INSPECTED)
    assert row is not None
    assert row["reactions"] == ships * times
    assert row["commands"] >= outcomes["done"]
    assert outcomes["conflict"] <= outcomes["done"] / 2  # the two instances meet each other


async def test_parked_events_are_retried_while_writers_hammer(instances: Sequence[Engine]) -> None:
    leader = instances[0]
    feed = [*arrivals(1), *unloadings(1, 50, 1)]
    newer = spoilt(feed[1], b"Unloaded:1", b"Unloaded:9")
    await leader.subscriptions[FEED].take_in([feed[0], newer, *feed[2:]])
    await parking.drop(leader.pool, FEED, newer.sequence, "operator", "sent by mistake")
    async with hammering(instances, 1, None):
        retried = await parking.retry(leader.pool, leader.handling)
    assert (retried.applied, retried.still_parked) == (49, 0)


async def test_a_poisoned_event_slows_only_those_about_it(
    instances: Sequence[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One by one go those near it; a thousand savepoints would hold the streams of a thousand commands."""
    leader = instances[0]
    feed = feed_of(1000, 50, random.Random(3))
    bad = next(n for n, message in enumerate(feed) if n > 400 and message.attributes["streamversion"] > 1)
    feed[bad] = spoilt(feed[bad], b"Unloaded:1", b"Unloaded:9")
    intake = leader.subscriptions[FEED]._intake
    slow: list[int] = []
    one_by_one = intake._one_by_one

    async def watched(*given: object) -> Applied:
        slow.append(len(given[2]))  # type: ignore[arg-type]
        return await one_by_one(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(intake, "_one_by_one", watched)
    await leader.subscriptions[FEED].take_in(feed)
    assert len(slow) == 1
    assert slow[0] <= 16
    assert (await parking.count(leader.pool))[FEED] >= 1


def test_a_batch_shrinks_fast_and_grows_slowly() -> None:
    size = BatchSize(1000)
    for _ in range(20):
        size.shrink()
    assert size.now == 1
    sizes = []
    while size.now < 1000:
        size.grow()
        sizes.append(size.now)
    assert sizes[:8] == [2, 3, 4, 5, 6, 7, 8, 9]
    assert 30 < len(sizes) < 100
