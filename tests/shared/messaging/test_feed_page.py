"""A page of a feed: bounded in events and in bytes, in order, and nothing left out."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.department.engine import Engine
from shared.eventstore import append
from shared.eventstore.aggregate import Context
from shared.eventstore.store import fold, prepare
from shared.messaging.relay import FEED_STEP, feed_page, read_feed
from tests import sample
from tests.sample import HARBOUR_SERVICE, SHIP, SHIPS_FEED, ShipArrived


@pytest.fixture
async def harbour(database: DepartmentDatabase, tmp_path: Path) -> AsyncIterator[Engine]:
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path, started=False) as engine:
        yield engine


async def numbered(harbour: Engine, *sizes: int) -> None:
    """One event a size, each with about so many bytes."""
    rows = []
    for nth, size in enumerate(sizes):
        new = fold(f"ship-{nth:04}", SHIP, ())
        rows += prepare(new, [ShipArrived(ship="x" * size)], Context(), harbour.registry)
    async with harbour.pool.acquire() as connection:
        await append.insert(connection, rows)
    while await harbour._sequencer.number():
        pass


async def test_a_page_holds_as_many_bytes_as_it_may(harbour: Engine) -> None:
    await numbered(harbour, *[1000] * 300)
    page = await feed_page(harbour.pool, SHIPS_FEED, after=0, most_bytes=150_000)
    assert 140 <= len(page.events) <= 149
    assert sum(len(event.data) for event in page.events) <= 150_000


async def test_small_events_before_large_ones_do_not_let_them_through(harbour: Engine) -> None:
    await numbered(harbour, *[10] * (FEED_STEP + 20), *[100_000] * 50)
    page = await feed_page(harbour.pool, SHIPS_FEED, after=0, most_bytes=1_000_000)
    assert len(page.events) == FEED_STEP + 20 + 9
    assert page.is_cut


async def test_an_event_larger_than_a_page_comes_alone(harbour: Engine) -> None:
    await numbered(harbour, 10, 5000, 10)
    sizes = [
        len(await read_feed(harbour.pool, SHIPS_FEED, after=after, limit=9, most_bytes=1000)) for after in range(3)
    ]
    assert sizes == [1, 1, 1]


@pytest.mark.parametrize("limit", [1, 7, 64, 65, 200, 1000])
async def test_pages_of_any_size_come_to_the_whole_feed(harbour: Engine, limit: int) -> None:
    await numbered(harbour, *[10, 3000, 200] * 70)
    seen: list[int] = []
    while events := await read_feed(harbour.pool, SHIPS_FEED, after=len(seen), limit=limit, most_bytes=20_000):
        assert len(events) <= limit
        seen += [event.sequence for event in events]
    assert seen == list(range(1, 211))


async def test_the_end_of_a_feed_is_told(harbour: Engine) -> None:
    await numbered(harbour, *[10] * FEED_STEP)
    assert not (await feed_page(harbour.pool, SHIPS_FEED, after=0)).is_cut
    assert not (await feed_page(harbour.pool, SHIPS_FEED, after=FEED_STEP)).events
