"""A provider's history that is another than the one taken in: compared by ids, taken back, built anew."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from structlog.testing import capture_logs

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts.epochs import Epochs
from shared.department.engine import Engine
from shared.eventstore.differences import differences
from shared.eventstore.pace import UNHINDERED
from shared.eventstore.rebuild import filled, only_builder
from shared.messaging import alignment
from shared.messaging.divergence import COMING_BACK, FORGOT, HELD, TOO_OFTEN, UNNOTICED, UNTRUE, Diverges, Held
from shared.messaging.rebuilds_due import due
from shared.messaging.subscription import Subscription
from tests.sample import SHIPS
from tests.shared.messaging import scripted
from tests.shared.messaging.feeds import FEED
from tests.shared.messaging.scripted import Provider

STANDS_AT = "select epoch, sequence from checkpoints where feed = $1"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    return scripted.provider_of(20, monkeypatch)


@pytest.fixture
async def customs(
    database: DepartmentDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, provider: Provider
) -> AsyncIterator[Engine]:
    async with scripted.subscriber_of(provider, database, tmp_path, monkeypatch) as engine:
        yield engine


@pytest.fixture
def ships(customs: Engine) -> Subscription:
    return customs.subscriptions[FEED]


async def ids(customs: Engine) -> list[UUID]:
    return [row["id"] for row in await customs.pool.fetch("select id from inbox order by sequence")]


async def phantoms(customs: Engine) -> list[int]:
    rows = await customs.pool.fetch("select sequence from phantoms where again_at is null order by nth")
    return [row["sequence"] for row in rows]


async def test_while_nothing_diverges_nothing_is_asked(ships: Subscription, provider: Provider) -> None:
    for _ in range(3):
        provider.grow(3)
        await ships.take_in(provider.messages())
        await ships.hear(*provider.head)
    assert (ships.checkpoint, ships.trouble, provider.asked) == (29, None, [])


async def test_an_epoch_in_which_all_came_back_is_adopted(
    customs: Engine, ships: Subscription, provider: Provider
) -> None:
    lost = provider.restore(12)
    provider.begin_epoch()
    provider.log += lost
    provider.grow(4)
    await ships.hear(*provider.head)
    assert tuple(await customs.pool.fetchrow(STANDS_AT, FEED) or ()) == (2, 20)
    assert await phantoms(customs) == []
    assert await due(customs.pool) == []
    await ships.take_in(provider.messages(15))
    assert (ships.checkpoint, ships.trouble) == (24, None)


async def test_phantoms_leave_the_inbox_and_the_read_models(
    customs: Engine, ships: Subscription, provider: Provider, database: DepartmentDatabase
) -> None:
    provider.restore(12)
    provider.begin_epoch()
    provider.grow(8, ships=5)
    await ships.hear(*provider.head)
    assert await phantoms(customs) == list(range(13, 21))
    assert tuple(await customs.pool.fetchrow(STANDS_AT, FEED) or ()) == (2, 12)
    with pytest.raises(Held, match=HELD):
        await ships.take_in(provider.messages())
    await ships.hear(*provider.head)
    assert str(ships.trouble) == HELD

    await customs._rebuilds.build_all()
    await ships.take_in(provider.messages())
    await ships.hear(*provider.head)
    assert (ships.checkpoint, ships.trouble) == (20, None)
    assert await ids(customs) == provider.ids
    assert await differences(database.app_url, SHIPS, customs.registry) == []


async def test_a_message_alone_tells_a_later_epoch(customs: Engine, ships: Subscription, provider: Provider) -> None:
    provider.restore(15)
    provider.begin_epoch()
    provider.grow(9)
    with pytest.raises(Held):
        await ships.take_in(provider.messages(20))
    await customs._rebuilds.build_all()
    await ships.take_in(provider.messages(20))
    assert await ids(customs) == provider.ids


async def test_messages_of_an_old_epoch_are_passed_over(
    customs: Engine, ships: Subscription, provider: Provider
) -> None:
    """The broker may still hand out what its stream held before."""
    provider.grow(5)
    old = provider.messages(20)
    lost = provider.restore(20)
    provider.begin_epoch()
    provider.grow(5)
    assert lost[0].id != provider.log[20].id
    await ships.hear(*provider.head)
    await ships.take_in(old)
    assert ships.checkpoint == 20
    await ships.take_in([*old, *provider.messages(20)])
    assert await ids(customs) == provider.ids


@pytest.mark.parametrize("how", ["head", "number", "previous", "fewer"])
async def test_a_provider_that_has_not_noticed_stops_its_feed(
    customs: Engine, ships: Subscription, provider: Provider, how: str
) -> None:
    await ships.hear(*provider.head)
    provider.restore(12)
    provider.grow({"head": 8, "number": 4, "previous": 11, "fewer": 5}[how])
    if how in ("head", "fewer"):
        with capture_logs() as logs:
            for _ in range(2):
                await ships.hear(*provider.head)
        assert [one["event"] for one in logs if one["log_level"] == "error"] == ["histories diverge"]
    else:
        with pytest.raises(Diverges, match="tells no epoch"):
            await ships.take_in(provider.messages(12 if how == "number" else 20))
        await ships.hear(*provider.head)
        await ships.hear(*provider.head)
    assert how == "number" or ships.trouble == UNNOTICED
    assert ships.checkpoint == 20
    provider.begin_epoch(12)
    await ships.hear(*provider.head)
    await customs._rebuilds.build_all()
    await ships.take_in(provider.messages())
    await ships.hear(*provider.head)
    assert ships.trouble is None
    assert await ids(customs) == provider.ids


async def test_a_forged_message_is_not_taken_for_history(
    customs: Engine, ships: Subscription, provider: Provider
) -> None:
    """Whoever has the provider's login at the broker puts it there; the provider's own history says otherwise."""
    forger = Provider(log=list(provider.log))
    forger.restore(19)
    forger.grow(3)
    provider.grow(2)
    await ships.take_in(forger.messages(19))
    await ships.take_in(provider.messages(20))
    assert await ids(customs) == provider.ids
    assert ships.trouble is None


async def test_what_comes_again_under_another_number_is_no_phantom(
    customs: Engine, ships: Subscription, provider: Provider, database: DepartmentDatabase
) -> None:
    reacted = await customs.pool.fetch("select id, data::text from events order by id")
    lost = provider.restore(12)
    provider.begin_epoch()
    provider.grow(1, ships=40)
    provider.log += lost
    await ships.hear(*provider.head)
    await customs._rebuilds.build_all()
    await ships.take_in(provider.messages())
    assert await ids(customs) == provider.ids
    assert await phantoms(customs) == []
    again = await customs.pool.fetch("select sequence, again_sequence from phantoms order by nth")
    assert [tuple(row) for row in again] == [(number, number + 1) for number in range(13, 21)]
    now = await customs.pool.fetch("select id, data::text from events order by id")
    assert [row for row in now if row in reacted] == reacted
    assert len(now) == len(reacted), "what was decided about it once is not decided again"
    assert await differences(database.app_url, SHIPS, customs.registry) == []


async def test_parked_phantoms_are_kept_with_what_they_met(
    customs: Engine, ships: Subscription, provider: Provider
) -> None:
    await customs.pool.execute(
        "insert into parked (feed, sequence, stream, error, attempts) values ($1, 18, 'ship-2', 'KeyError', 1)", FEED
    )
    provider.restore(12)
    provider.begin_epoch()
    await ships.hear(*provider.head)
    assert await customs.pool.fetchval("select count(*) from parked") == 0
    kept = "select parked ->> 'error' from phantoms where parked is not null"
    assert [row[0] for row in await customs.pool.fetch(kept)] == ["KeyError"]


async def test_a_build_begun_before_is_not_gone_on_with(
    customs: Engine, ships: Subscription, provider: Provider, database: DepartmentDatabase
) -> None:
    """It has read phantoms; and a leader killed while it builds leaves the row, so the next one does it again."""

    async with only_builder(database.app_url, SHIPS) as connection:
        await filled(connection, SHIPS, customs.registry, pace=UNHINDERED)
    provider.restore(12)
    provider.begin_epoch()
    provider.grow(2)
    await ships.hear(*provider.head)
    async with only_builder(database.app_url, SHIPS):
        await customs._rebuilds.build_all()  # another process builds it: it stays due
    assert await customs.pool.fetchval("select count(*) from rebuilds_due") == 1
    await customs._rebuilds.build_all()
    await ships.take_in(provider.messages())
    assert await differences(database.app_url, SHIPS, customs.registry) == []


async def test_restored_again_while_it_is_built_anew(
    customs: Engine, ships: Subscription, provider: Provider, database: DepartmentDatabase
) -> None:
    for keep in (15, 8):
        provider.restore(keep)
        provider.begin_epoch()
        provider.grow(4, ships=5)
        await ships.hear(*provider.head)
    await customs._rebuilds.build_all()
    await ships.take_in(provider.messages())
    assert await ids(customs) == provider.ids
    assert tuple(await customs.pool.fetchrow(STANDS_AT, FEED) or ()) == (3, 12)
    assert await differences(database.app_url, SHIPS, customs.registry) == []


async def test_fewer_events_in_a_new_epoch_are_waited_for(
    ships: Subscription, provider: Provider, customs: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recovered events are numbered within a moment; until then nothing is taken back."""
    monkeypatch.setattr(alignment, "COMES_BACK_WITHIN", 60.0)
    lost = provider.restore(12)
    provider.begin_epoch()
    provider.log += lost[:2]
    await ships.hear(*provider.head)
    assert (ships.trouble, await phantoms(customs)) == (COMING_BACK, [])
    provider.log += lost[2:]
    await ships.hear(*provider.head)
    await ships.hear(*provider.head)
    assert (ships.trouble, ships.checkpoint, await phantoms(customs)) == (None, 20, [])


async def test_epochs_that_shrink_stop_the_feed(ships: Subscription, provider: Provider, customs: Engine) -> None:
    provider.begin_epoch()
    await ships.hear(*provider.head)
    told, provider.epochs = provider.epochs, Epochs()
    await ships.hear(*provider.head)
    assert ships.trouble == FORGOT
    provider.epochs = told
    await ships.hear(*provider.head)
    assert ships.trouble is None


async def test_epochs_told_otherwise_cost_phantoms_and_nothing_else(
    ships: Subscription, provider: Provider, customs: Engine
) -> None:
    """It tells the same number with another point, below what it told before: ids decide, and all is kept."""
    provider.begin_epoch(18)
    await ships.hear(*provider.head)
    provider.epochs = Epochs()
    provider.restore(10)
    provider.begin_epoch()
    provider.grow(3)
    await ships.hear(*provider.head)
    assert await phantoms(customs) == list(range(11, 21))
    told = await customs.pool.fetch("select number, (epoch -> 'feeds' ->> $1)::int from feed_epochs order by nth", FEED)
    assert [tuple(row) for row in told] == [(2, 18), (2, 10)]
    await customs._rebuilds.build_all()
    await ships.take_in(provider.messages())
    assert await ids(customs) == provider.ids


async def test_a_history_that_differs_below_its_epochs_is_not_taken(
    ships: Subscription, provider: Provider, customs: Engine
) -> None:
    provider.restore(5)
    provider.grow(20)
    provider.begin_epoch(15)
    await ships.hear(*provider.head)
    assert (ships.trouble, ships.checkpoint, await phantoms(customs)) == (UNTRUE, 20, [])


async def test_a_thousand_epochs_in_a_row_are_not_followed(
    ships: Subscription, provider: Provider, customs: Engine
) -> None:
    for _ in range(30):
        provider.restore(len(provider.log) - 1)
        provider.begin_epoch()
        provider.grow(1)
        await ships.hear(*provider.head)
    assert ships.trouble == TOO_OFTEN
    assert await customs.pool.fetchval("select count(*) from feed_epochs") == alignment.AT_ONCE


async def test_only_the_store_moves_events_out_of_the_inbox(customs: Engine) -> None:
    for statement in ("delete from inbox", "delete from phantoms", "update phantoms set sequence = 1"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await customs.pool.execute(statement)
