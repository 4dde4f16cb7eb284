"""A department whose database was replaced by an older copy goes on in a new epoch, and recovers what others have."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from deploy.embedded.department_database import with_database
from deploy.embedded.nats import Nats
from shared.continuity import known, limits
from shared.continuity.keeper import Continuity
from shared.department import counting
from shared.messaging.witness import Witness
from tests import older_copy
from tests.connected import connected
from tests.databases import Databases
from tests.sample import SHIPS_FEED
from tests.shared.continuity.port import FEED, Port, port
from tests.until import until

OLD = [f"old{n}" for n in range(10)]
LOST = [f"lost{n}" for n in range(5)]
NEW = [f"new{n}" for n in range(8)]
FORGED = UUID(int=66)
INVENT = """
insert into inbox (feed, sequence, id, stream, type, event)
select feed, 11, $1::uuid, 'ship-forged', type, replace(replace(replace(
  event::text, '"sequence":10', '"sequence":11'), stream, 'ship-forged'), id::text, $1::uuid::text)::json
from inbox where sequence = 10
"""


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ASK_AGAIN", 0.3)


@pytest.fixture
async def two(databases: Databases, own_nats: Nats, tmp_path: Path) -> AsyncIterator[Port]:
    """Ten ships have arrived, and customs knows of them."""
    async with databases.fresh() as one, databases.fresh() as other, port(own_nats, (one, other), tmp_path) as made:
        await made.arrive(*OLD)
        await made.all_is_known(10, 10)
        yield made


async def test_without_a_loss_no_epoch_begins(two: Port) -> None:
    await two.stop_harbour()
    await two.start_harbour()
    await two.arrive(*NEW)
    await two.all_have_answered()
    await two.published(18)
    assert await two.epochs() == []
    assert await two.in_stream() == [(1, n) for n in range(1, 19)]


async def test_what_the_broker_holds_is_recovered(two: Port) -> None:
    await two.loses(lambda: two.arrive(*LOST), (15, 15))
    await two.stop_customs()
    before = await _held_in(two)
    await two.start_harbour()
    await two.arrive(*NEW)
    await two.numbered(23)
    await two.published(23)
    assert (await two.history())[:15] == before, "the same events have the same numbers"
    assert await two.epochs() == [(2, 10, '{"harbour.ships": 10}')]
    assert await two.lost() == [(n, True) for n in range(11, 16)]
    ships = await two.harbour.pool.fetchval("select count(*) from sample_ships")
    assert ships == 23, "own read models took in what was recovered"
    assert await two.in_stream() == [(2, n) for n in range(11, 24)], "no old number is read again"


async def test_a_subscriber_holds_exactly_the_history_afterwards(two: Port) -> None:
    await two.loses(lambda: two.arrive(*LOST), (15, 15))
    await two.start_harbour()
    await two.arrive(*NEW)
    await two.numbered(23)
    await until(lambda: _is_same(two), what="customs holds harbour's history")
    await two.all_is_known(23, 23)


async def test_once_recovered_it_stays_recovered(two: Port) -> None:
    await two.loses(lambda: two.arrive(*LOST), (15, 15))
    for _ in range(2):
        await two.start_harbour()
        await two.all_have_answered()
        await two.numbered(15)
        assert len(await two.epochs()) == 1
        assert len(await two.lost()) == 5
        await two.stop_harbour()
    await two.start_harbour()


async def test_what_a_wiped_broker_has_not_a_neighbour_gives_back(two: Port) -> None:
    await two.loses(lambda: two.arrive(*LOST), (15, 15))
    before = await two.held()
    await two.wipe_the_broker()
    await two.start_harbour()
    await two.arrive(*NEW)
    await two.numbered(23)
    await two.published(23)
    assert (await two.history())[:15] == before
    assert await two.epochs() == [(2, 10, '{"harbour.ships": 10}')]
    assert await two.lost() == [(n, True) for n in range(11, 16)]


async def test_an_epoch_that_was_lost_itself_is_not_begun_again(two: Port) -> None:
    """The same old copy twice. The broker is wiped: what customs has witnessed tells that there was a second epoch."""
    await two.loses(lambda: two.arrive(*LOST), (15, 15))
    await older_copy.take(two.harbour_database)
    await two.start_harbour()
    await two.arrive(*NEW)
    await two.all_is_known(23, 23)
    before = await two.held()
    await two.stop_harbour()
    await older_copy.put_back(two.harbour_database)
    await two.wipe_the_broker()
    await two.start_harbour()
    await two.numbered(23)
    assert await two.epochs() == [(2, 10, '{"harbour.ships": 10}'), (3, 10, '{"harbour.ships": 10}')]
    assert await two.history() == before
    await two.arrive("one more")
    await two.all_is_known(24, 24)
    assert await two.customs.pool.fetchval("select count(*) from witness_alarms") == 0


async def test_a_log_that_was_altered_begins_no_epoch(two: Port) -> None:
    """It is no loss: the events that follow are the same. The witness raises its alarm."""
    await two.stop_harbour()
    connection = await asyncpg.connect(two.harbour_database.admin_url)
    await connection.execute("set session_replication_role = replica")
    await connection.execute("update log set leaf = sha256('another') where position = 4")
    await connection.close()
    await two.start_harbour()
    await two.all_have_answered()
    await two.arrive("new")
    alarms = "select count(*) from witness_alarms"
    await until(lambda: two.customs.pool.fetchval(alarms), what="customs raises an alarm")
    assert await two.epochs() == []


async def test_who_comes_late_is_heard_late(two: Port) -> None:
    """Broker wiped and the neighbour away: harbour numbers on, and learns afterwards what it has lost."""
    await two.loses(lambda: two.arrive(*LOST), (15, 15))
    lost = (await two.held())[10:]
    await two.stop_customs()
    await two.nats.stop()
    two.nats.wipe()
    await two.start_harbour()
    await two.arrive(*NEW)
    await two.numbered(18)
    assert await two.epochs() == []
    await two.nats.restart()
    await two.published(18)
    assert await two.epochs() == []
    await two.start_customs()
    await two.numbered(23)
    await two.published(23)
    assert await two.epochs() == [(2, 10, '{"harbour.ships": 10}')]
    assert (await two.history())[18:] == lost
    assert await two.in_stream() == [(2, n) for n in range(11, 24)]


async def test_a_broker_that_comes_late_is_read_before_it_is_written(two: Port) -> None:
    await two.loses(lambda: two.arrive(*LOST), (15, 15))
    await two.stop_customs()
    lost = (await _held_in(two))[10:]
    await two.nats.stop()
    await two.start_harbour()
    await two.arrive(*NEW)
    await two.numbered(18)
    await two.nats.restart()
    await two.published(23)
    assert (await two.history())[18:] == lost
    assert await two.epochs() == [(2, 10, '{"harbour.ships": 10}')]
    assert await two.in_stream() == [(2, n) for n in range(11, 24)]


async def test_what_nobody_was_given_is_named_and_what_follows_on_it_too(two: Port) -> None:
    async def lost() -> None:
        await two.arrive("a", "b")
        await two.note("a")
        await two.unload("a")  # its stream has a gap now
        await two.unload("b")

    await two.loses(lost, (15, 14))
    await two.start_harbour()
    await two.numbered(13)
    await two.published(13)
    assert await two.epochs() == [(2, 10, '{"harbour.ships": 10}')]
    named = await two.harbour.pool.fetch("select position, sequence, recovered from lost_events order by position")
    assert [tuple(row) for row in named] == [
        (11, 11, True),
        (12, 12, True),
        (13, None, False),
        (14, 13, False),
        (15, 14, True),
    ]


async def test_an_event_of_a_stream_that_went_on_is_named(two: Port) -> None:
    await two.loses(lambda: two.unload("old0"), (11, 11))
    await two.nats.stop()
    await two.start_harbour()
    await two.unload("old0")
    await two.numbered(11)
    await two.nats.restart()
    await until(two.lost, what="the loss is known")
    assert await two.lost() == [(11, False)]
    await two.numbered(11)


async def _held_in(two: Port) -> list[object]:
    """By customs, which is stopped."""
    connection = await asyncpg.connect(two.customs_database.admin_url)
    try:
        return [row["id"] for row in await connection.fetch("select id from inbox order by sequence")]
    finally:
        await connection.close()


async def _is_same(two: Port) -> bool:
    return await two.held() == await two.history()


async def test_what_a_neighbour_invents_costs_nothing_and_is_told(two: Port) -> None:
    """Its leaf is in no tree that harbour has signed."""
    await two.stop_harbour()
    await two.customs.pool.execute(INVENT, FORGED)
    await two.start_harbour()
    await two.all_have_answered()
    assert two.harbour._continuity is not None
    assert two.harbour._continuity.unproven == {FEED: 1}
    await two.arrive("new")
    await two.published(11)
    assert await two.lost() == []
    assert FORGED not in await two.history()
    assert await two.epochs() == []


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TAKEN_EVENTS", 2)
    monkeypatch.setattr(known, "PAGE_EVENTS", 1)


async def _lose_many(two: Port) -> list[UUID]:
    async def more() -> None:
        await two.arrive(*LOST)
        await two.unload("lost0")
        await two.unload("lost4")

    await two.loses(more, (17, 17))
    return await two.held()


async def _is_recovered(two: Port, before: list[UUID]) -> None:
    await two.arrive(*NEW)
    await two.numbered(25)
    await two.published(25)
    assert (await two.history())[:17] == before, "the same events have the same numbers"
    assert [number for number, _, _ in await two.epochs()] == [2]
    assert await two.lost() == [(n, True) for n in range(11, 18)]


@pytest.mark.usefixtures("small_pages")
async def test_more_than_a_page_is_recovered_from_the_broker(two: Port) -> None:
    before = await _lose_many(two)
    await two.stop_customs()
    await two.start_harbour()
    await _is_recovered(two, before)


@pytest.mark.usefixtures("small_pages")
async def test_more_than_a_page_is_recovered_from_a_neighbour(two: Port) -> None:
    before = await _lose_many(two)
    await two.wipe_the_broker()
    await two.start_harbour()
    await _is_recovered(two, before)


async def test_of_many_that_nobody_has_the_others_are_named_by_ranges(
    two: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_NAMED", 2)

    async def lost() -> None:
        for ship in OLD[:6]:
            await two.note(ship)

    await two.loses(lost, (16, 10))
    for _ in range(2):
        await two.start_harbour()
        await two.all_have_answered()
        named = "select position from lost_events order by position"
        assert [row["position"] for row in await two.harbour.pool.fetch(named)] == [11, 12]
        ranges = await two.harbour.pool.fetch("select epoch, first, last from lost_ranges")
        assert [tuple(row) for row in ranges] == [(2, 13, 16)], "asked again, nothing is named twice"
        assert [(one.recovered, one.lost) for one in await counting.epochs(two.harbour.pool)] == [(0, 6)]
        await two.stop_harbour()
    await two.start_harbour()


async def test_what_was_not_witnessed_yet_comes_back_by_its_stamp(two: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker is wiped as well: no signed head tells of the last moments."""
    monkeypatch.setattr(Witness, "hear", lambda _witness, _head: None)

    async def unwitnessed() -> None:
        await two.arrive(*LOST)
        await two.all_is_known(10, 15)

    await two.loses(unwitnessed, None)
    before = await two.held()
    await two.wipe_the_broker()
    await two.start_harbour()
    await two.arrive(*NEW)
    await two.numbered(23)
    assert (await two.history())[:15] == before
    assert await two.epochs() == [(2, 10, '{"harbour.ships": 10}')]
    assert await two.lost() == [(n, True) for n in range(11, 16)]


async def test_what_a_neighbour_witnessed_before_it_followed_is_named(
    two: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was away when the epoch began, and follows into it before it is asked what it had witnessed."""

    async def more() -> None:
        await two.note("old0")
        await two.arrive(*LOST)
        await two.note("old1")
        await two.all_is_known(17, 15)
        with monkeypatch.context() as patched:
            patched.setattr(Witness, "hear", lambda _witness, _head: None)
            await two.arrive(*NEW)
            await two.all_is_known(17, 23)

    await two.loses(more, None)
    await two.stop_customs()
    monkeypatch.setattr(limits, "ASK_AGAIN", 1000)
    monkeypatch.setattr(Continuity, "hear", lambda _continuity, _member: None)
    await two.start_harbour()
    await two.numbered(23)
    await two.start_customs()
    await two.all_is_known(23, 23)
    await two.stop_harbour()
    await two.start_harbour()
    await two.all_have_answered()
    asked = "select count(*) from lost_events where not recovered and leaf is not null"
    assert await two.harbour.pool.fetchval(asked) == 2
    assert [number for number, _, _ in await two.epochs()] == [2]


async def test_what_was_witnessed_in_an_epoch_that_was_lost_is_named(
    two: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy is from before it, and the neighbour follows into the next one before it is asked."""
    await two.stop_harbour()
    await older_copy.take(two.harbour_database)
    oldest, old = f"{two.harbour_database.name}_oldest", f"{two.harbour_database.name}_old"
    await _rename(two, old, oldest)
    await two.start_harbour()
    await two.arrive(*LOST)
    await two.all_is_known(15, 15)
    await two.loses(lambda: two.arrive("a", "b"), (17, 17))
    await two.start_harbour()
    await two.numbered(17)
    assert await two.epochs() == [(2, 15, '{"harbour.ships": 15}')]
    await two.note("old0")
    await two.arrive(*NEW)
    await two.note("old1")
    await two.all_is_known(27, 25)
    noted = await two.harbour.pool.fetch(
        "select leaf from log join events using (stream, version) where type = 'harbour.HarbourNoted'"
    )
    await two.stop_harbour()
    await two.stop_customs()
    await _rename(two, oldest, old)
    await older_copy.put_back(two.harbour_database)
    monkeypatch.setattr(limits, "ASK_AGAIN", 1000)
    monkeypatch.setattr(Continuity, "hear", lambda _continuity, _member: None)
    await two.start_harbour()
    await two.numbered(20)
    await two.start_customs()
    await two.all_is_known(20, 20)
    await two.stop_harbour()
    await two.start_harbour()
    await two.all_have_answered()
    named = {row["leaf"] for row in await two.harbour.pool.fetch("select leaf from lost_events")}
    assert len(noted) == 2
    assert {row["leaf"] for row in noted} <= named
    assert [number for number, _, _ in await two.epochs()] == [2, 3]


async def _rename(two: Port, before: str, after: str) -> None:
    connection = await asyncpg.connect(with_database(two.harbour_database.admin_url, "postgres"))
    try:
        await connection.execute(f"alter database {before} rename to {after}")
    finally:
        await connection.close()


async def test_where_something_was_lost_neighbours_are_waited_for(two: Port) -> None:
    """What the broker still has follows on what only a neighbour has, and that one is a moment late."""

    async def more() -> None:
        await two.arrive("lost")
        await two.unload("lost")

    await two.loses(more, (12, 12))
    before = await two.held()
    last = await two.customs.pool.fetchrow("select type, event::text from inbox where sequence = 12")
    assert last is not None
    async with connected(two.nats.url()) as client:
        stream = client.jetstream()
        config = (await stream.stream_info(SHIPS_FEED.jetstream)).config
        await stream.delete_stream(SHIPS_FEED.jetstream)
        await stream.add_stream(config)
        await stream.publish(SHIPS_FEED.subject_of(last["type"]), last["event"].encode())
    await two.stop_customs()
    await two.start_harbour()
    await two.arrive(*NEW)
    await two.start_customs()
    await two.numbered(20)
    assert (await two.history())[:12] == before
    assert await two.lost() == [(11, True), (12, True)]


async def test_a_stamp_is_of_one_event_under_one_number(two: Port) -> None:
    """What a neighbour makes of a stamped event proves nothing."""
    await two.stop_harbour()
    await two.customs.pool.execute(INVENT, FORGED)
    stamps = await two.customs.pool.fetch("select event ->> 'stamp' as stamp from inbox where sequence >= 10")
    assert stamps[0]["stamp"] == stamps[1]["stamp"] is not None
    await two.start_harbour()
    await two.all_have_answered()
    assert await two.epochs() == []


async def test_where_all_was_lost_neighbours_are_waited_for(two: Port) -> None:
    """Who restores one department may restore others as well: each number keeps one meaning."""
    await two.loses(lambda: two.arrive(*LOST), (15, 15))
    before = await two.held()
    await two.wipe_the_broker()
    await two.stop_customs()
    await two.start_harbour()
    await two.arrive(*NEW)
    await two.start_customs()
    await two.numbered(23)
    assert (await two.history())[:15] == before
    assert await two.customs.pool.fetchval("select count(*) from witness_alarms") == 0
