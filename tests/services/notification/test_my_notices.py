"""Events in, rows out, on PostgreSQL; in any batches, with duplicates, and streams interleaved as they come."""

from collections.abc import AsyncIterator
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from deploy.embedded.department_database import DepartmentDatabase
from services.notification.domain.notice import DeliverNotice, Fact, NoticeWritten, deliver
from services.notification.read_models import my_notices
from services.notification.read_models.my_notices import MY_NOTICES, MyNotice
from services.notification.service import SERVICE
from shared.contracts.event import Event, Metadata, Recorded
from shared.contracts.notification import NoticeRead
from shared.contracts.registry import Registry
from shared.eventstore import read_model
from shared.eventstore.database import Pool
from tests.department import running
from tests.services.notification.examples import APPLICATION_STREAM, LI, MORNING, WANG

REGISTRY = Registry("notification", [SERVICE.contract], [NoticeWritten])
DELIVERY_TAKES = timedelta(seconds=2)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def pool(database: DepartmentDatabase) -> AsyncIterator[Pool]:
    async with running(SERVICE, database) as department:
        yield department.engine.pool


def stream(recipient: UUID, minute: int, *, is_read: bool = False) -> list[Recorded]:
    """All that happened to one notice."""
    id = uuid7()
    at = MORNING + minute * MINUTE
    facts: dict[str, Fact] = {"certificate": "residence", "wrong_fields": {"z": "后填的在前", "a": "顺序不变"}}
    events: list[Event] = [
        *deliver(DeliverNotice(id, recipient, "application_sent_back", facts, APPLICATION_STREAM, at))
    ]
    if is_read:
        events.append(NoticeRead(notice=id, recipient=recipient, read_at=at + MINUTE))
    return [
        Recorded(id, f"notice-{id}", version, REGISTRY.type_of(type(event)), event, Metadata(), at + DELIVERY_TAKES)
        for version, event in enumerate(events, 1)
    ]


def expected(history: list[Recorded]) -> MyNotice:
    written, last = history[0].data, history[-1].data
    assert isinstance(written, NoticeWritten)
    return MyNotice(
        notice=history[0].id,
        template=written.template,
        facts=written.facts,
        about=written.about,
        occurred_at=written.occurred_at,
        delivered_at=written.occurred_at + DELIVERY_TAKES,
        read_at=last.read_at if isinstance(last, NoticeRead) else None,
        as_guardian=written.as_guardian,
    )


async def apply(pool: Pool, events: list[Recorded]) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await read_model.group([MY_NOTICES], events).run(connection)


async def test_a_notice_shows_what_was_written_and_when_it_was_delivered_and_read(pool: Pool) -> None:
    history = stream(WANG, 0, is_read=True)
    await apply(pool, history)
    assert await my_notices.find(pool, WANG, history[0].id) == expected(history)


async def test_entries_of_a_form_keep_their_order(pool: Pool) -> None:
    history = stream(WANG, 0)
    await apply(pool, history)
    [notice] = await my_notices.newest(pool, WANG, 10)
    marked = notice.facts["wrong_fields"]
    assert isinstance(marked, dict)
    assert list(marked) == ["z", "a"]


async def test_what_is_written_but_not_delivered_is_not_in_the_inbox(pool: Pool) -> None:
    written, delivered = stream(WANG, 0)
    await apply(pool, [written])
    assert await my_notices.newest(pool, WANG, 10) == []
    assert await my_notices.unread(pool, WANG) == 0
    assert await my_notices.find(pool, WANG, written.id) is None
    await apply(pool, [delivered])
    assert await my_notices.unread(pool, WANG) == 1


async def test_nobody_finds_another_ones_notice(pool: Pool) -> None:
    history = stream(WANG, 0)
    await apply(pool, history)
    assert await my_notices.find(pool, LI, history[0].id) is None
    assert await my_notices.newest(pool, LI, 10) == []
    assert await my_notices.unread(pool, LI) == 0


async def test_however_the_events_come_the_inbox_is_the_same(pool: Pool) -> None:
    """Streams interleaved at random, cut into batches at random, and some batches twice."""
    for seed in range(20):
        random = Random(seed)
        reader = uuid7()
        histories = [stream(reader, random.randrange(5), is_read=random.random() < 0.5) for _ in range(12)]
        events = interleaved(random, histories)
        while events:
            size = random.randint(1, 8)
            batch, events = events[:size], events[size:]
            for _ in range(random.choice((1, 1, 2))):
                await apply(pool, batch)
        newest_first = sorted(map(expected, histories), key=lambda n: (n.occurred_at, n.notice), reverse=True)
        assert await my_notices.newest(pool, reader, 100) == newest_first, f"seed {seed}"
        assert await my_notices.unread(pool, reader) == sum(n.read_at is None for n in newest_first), f"seed {seed}"
        assert await paged(pool, reader, random.randint(1, 6)) == newest_first, f"seed {seed}"


def interleaved(random: Random, histories: list[list[Recorded]]) -> list[Recorded]:
    """All events in one order that keeps each stream's own."""
    left = [list(history) for history in histories]
    events = []
    while left := [history for history in left if history]:
        events.append(random.choice(left).pop(0))
    return events


async def paged(pool: Pool, reader: UUID, size: int) -> list[MyNotice]:
    """The inbox read page by page; several notices of one moment may lie across a page's end."""
    notices: list[MyNotice] = []
    while page := await my_notices.newest(pool, reader, size, notices[-1] if notices else None):
        assert len(page) <= size
        notices += page
    return notices
