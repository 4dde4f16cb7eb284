"""Consequences of phantoms: found by their cause, decided by two officers."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts.errors import NotFound, Refused
from shared.department.engine import Engine
from shared.messaging import phantom_list
from shared.messaging.phantom_list import Followed
from shared.messaging.phantom_verdicts import answer, propose
from tests.shared.messaging import scripted
from tests.shared.messaging.feeds import FEED
from tests.shared.messaging.scripted import Provider

ADD = """
insert into events (stream, version, id, type, schema, data, metadata, recorded_at)
values ($1, 1, $2, 'customs.Noted', 1, '{}', $3::json, now())
"""
WHY = "checked with the harbour"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    return scripted.provider_of(9, monkeypatch)


@pytest.fixture
async def customs(
    database: DepartmentDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, provider: Provider
) -> AsyncIterator[Engine]:
    async with scripted.subscriber_of(provider, database, tmp_path, monkeypatch) as engine:
        yield engine


async def lose(customs: Engine, provider: Provider, keep: int = 6) -> list[UUID]:
    """Returns the ids of the phantoms."""
    lost = provider.restore(keep)
    provider.begin_epoch()
    await customs.subscriptions[FEED].hear(*provider.head)
    return [one.id for one in lost]


async def followed(customs: Engine) -> dict[UUID, Followed]:
    return {one.id: one for one in await phantom_list.page(customs.pool)}


async def test_what_reactions_made_of_phantoms_is_listed(customs: Engine, provider: Provider) -> None:
    assert await followed(customs) == {}
    phantoms = await lose(customs, provider)
    found = await followed(customs)
    assert sorted(one.phantom for one in found.values()) == sorted(phantoms)
    assert {one.type for one in found.values()} == {"customs.CratesInspected"}
    assert {one.sequence for one in found.values()} == {7, 8, 9}
    assert await phantom_list.undecided(customs.pool) == 3


async def test_what_followed_from_that_is_listed_too(customs: Engine, provider: Provider) -> None:
    [phantom, *_] = await lose(customs, provider, keep=8)
    [first] = await followed(customs)
    second, third, command = uuid4(), uuid4(), uuid4()
    for id, cause in ((second, first), (third, second), (command, None)):
        metadata = orjson.dumps({"causation_id": str(cause)} if cause else {"actor": "citizen:1"}).decode()
        await customs.pool.execute(ADD, f"note-{id}", id, metadata)
    found = await followed(customs)
    assert found.keys() == {first, second, third}
    assert {one.phantom for one in found.values()} == {phantom}


async def test_a_phantom_that_came_again_led_to_nothing_wrong(customs: Engine, provider: Provider) -> None:
    before = list(provider.log)
    await lose(customs, provider)
    assert len(await followed(customs)) == 3
    provider.log += before[6:8]
    await customs._rebuilds.build_all()
    await customs.subscriptions[FEED].take_in(provider.messages())
    assert [one.sequence for one in (await followed(customs)).values()] == [9]


async def test_one_proposes_and_another_confirms(customs: Engine, provider: Provider) -> None:
    await lose(customs, provider, keep=8)
    [event] = await followed(customs)
    proposed = await propose(customs.pool, event, "stands", WHY, "staff:li")
    assert (proposed.nth, proposed.verdict, proposed.reason, proposed.proposed_by) == (1, "stands", WHY, "staff:li")
    with pytest.raises(Refused, match="another_officer_needed"):
        await answer(customs.pool, event, 1, "staff:li", is_confirmed=True)
    settled = await answer(customs.pool, event, 1, "staff:wang", is_confirmed=True)
    assert settled.decided_by == "staff:wang"
    assert await followed(customs) == {}
    assert [one.id for one in await phantom_list.page(customs.pool, with_decided=True)] == [event]
    assert await phantom_list.undecided(customs.pool) == 0
    with pytest.raises(Refused, match="decided_already"):
        await propose(customs.pool, event, "corrected", WHY, "staff:wang")


async def test_a_refused_proposal_makes_room_for_the_next(customs: Engine, provider: Provider) -> None:
    await lose(customs, provider, keep=8)
    [event] = await followed(customs)
    await propose(customs.pool, event, "stands", WHY, "staff:li")
    refused = await answer(customs.pool, event, 1, "staff:wang", is_confirmed=False)
    assert (refused.nth, refused.verdict) == (None, None)
    again = await propose(customs.pool, event, "corrected", WHY, "staff:wang")
    assert again.nth == 2
    with pytest.raises(Refused, match="proposal_changed"):
        await answer(customs.pool, event, 1, "staff:li", is_confirmed=True)
    assert (await answer(customs.pool, event, 2, "staff:li", is_confirmed=True)).verdict == "corrected"


async def test_who_proposed_takes_it_back_and_proposes_anew(customs: Engine, provider: Provider) -> None:
    await lose(customs, provider, keep=8)
    [event] = await followed(customs)
    await propose(customs.pool, event, "stands", WHY, "staff:li")
    assert (await answer(customs.pool, event, 1, "staff:li", is_confirmed=False)).nth is None
    with pytest.raises(Refused, match="proposal_changed"):
        await answer(customs.pool, event, 1, "staff:wang", is_confirmed=True)
    assert (await propose(customs.pool, event, "corrected", WHY, "staff:li")).nth == 2
    assert (await answer(customs.pool, event, 2, "staff:wang", is_confirmed=True)).verdict == "corrected"


async def test_of_many_at_once_one_is_first(customs: Engine, provider: Provider) -> None:
    await lose(customs, provider, keep=8)
    [event] = await followed(customs)

    async def tried(work: object) -> bool:
        try:
            await work  # type: ignore[misc]
        except Refused:
            return False
        return True

    proposed = await asyncio.gather(*(tried(propose(customs.pool, event, "stands", WHY, f"s:{n}")) for n in range(8)))
    assert sum(proposed) == 1
    answers = (answer(customs.pool, event, 1, f"other:{n}", is_confirmed=n % 2 == 0) for n in range(8))
    assert sum(await asyncio.gather(*map(tried, answers))) == 1


async def test_what_followed_from_no_phantom_is_not_decided(customs: Engine) -> None:
    event = await customs.pool.fetchval("select id from events limit 1")
    with pytest.raises(NotFound, match="not_from_a_phantom"):
        await propose(customs.pool, event, "stands", WHY, "staff:li")


async def test_the_database_itself_wants_two_people(customs: Engine, provider: Provider) -> None:
    await lose(customs, provider, keep=8)
    [event] = await followed(customs)
    await propose(customs.pool, event, "stands", WHY, "staff:li")
    for by in ("staff:li", "staff:wang"):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await customs.pool.execute(
                "insert into phantom_answers (event, nth, proposed_by, is_confirmed, decided_by)"
                " values ($1, 1, $2, true, 'staff:li')",
                event,
                by,
            )
