"""A key that does not come: what waits for it says so, and an operator can give it up."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from deploy.embedded.nats import Nats
from shared.department.engine import Engine
from shared.department.service import Service
from shared.department.vitals import Vitals
from shared.eventstore import missing_keys, person_keys
from shared.eventstore.missing_keys import MissingKey
from shared.messaging import key_reader, parking
from tests.databases import Databases
from tests.shared.messaging import test_keys_travel
from tests.shared.messaging.attacked import Attacked
from tests.shared.messaging.test_keys_travel import GUARD, GUESTS, come, names, see
from tests.until import until

HIDE = "with gone as (delete from person_keys where owner = $1 returning *) insert into hidden select * from gone"


@pytest.fixture
async def pair(
    databases: Databases, own_nats: Nats, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Attacked]:
    monkeypatch.setattr(person_keys, "NOTE_AFTER", 0.0)
    monkeypatch.setattr(key_reader, "ASK_ANYWAY", 0.5)
    monkeypatch.setattr(key_reader, "LOOK_EVERY", 0.2)
    async with databases.fresh() as inn, databases.fresh() as guard:
        yield Attacked({"inn": inn, "guard": guard}, own_nats.url(), tmp_path)


async def hide(pair: Attacked, person: UUID) -> None:
    """The inn has lost a key before it told it."""
    owner = await pair.owner("inn")
    await owner.execute("create table hidden (like person_keys)")
    await owner.execute(HIDE, str(person))
    await owner.close()


async def find_again(pair: Attacked) -> None:
    owner = await pair.owner("inn")
    await owner.execute("insert into person_keys select * from hidden")
    await owner.close()


async def missing(guard: Engine) -> MissingKey:
    async def one() -> MissingKey | None:
        found = await missing_keys.waited_for(guard.pool)
        return found[0] if found else None

    return await until(one, what="it is noted")


async def test_a_key_that_never_comes_can_be_given_up(pair: Attacked) -> None:
    """Then the feed goes on with empty fields; who did it and why is kept."""
    lost = uuid4()
    async with pair.prepared("inn") as inn:
        await come(inn, lost, "甲")
        await come(inn, uuid4(), "乙")
    await hide(pair, lost)
    async with pair.running("inn"), pair.running("guard") as guard:
        one = await missing(guard)
        assert (one.provider, one.feed, one.given_up_at) == ("local.inn", "local.inn.guests", None)
        assert await names(guard) == []
        assert await missing_keys.give_up(guard.pool, one.provider, one.id, "operator:li", "the inn has lost it")
        await see(guard, "", "乙")
        assert await parking.page(guard.pool) == []
        [kept] = await missing_keys.page(guard.pool, with_given_up=True)
        assert (kept.given_up_by, kept.reason, kept.came_at) == ("operator:li", "the inn has lost it", None)
        assert await missing_keys.waited_for(guard.pool) == ()
        assert not await missing_keys.give_up(guard.pool, one.provider, one.id, "operator:li", "once more")


async def test_a_key_that_comes_after_all_opens_again(pair: Attacked) -> None:
    lost = uuid4()
    async with pair.prepared("inn") as inn:
        await come(inn, lost, "甲")
    await hide(pair, lost)
    async with pair.running("inn"), pair.running("guard") as guard:
        one = await missing(guard)
        await missing_keys.give_up(guard.pool, one.provider, one.id, "operator:li", "the inn has lost it")
        await see(guard, "")
        await find_again(pair)
        await see(guard, "甲")
        [kept] = await missing_keys.page(guard.pool, with_given_up=True)
        assert kept.came_at is not None
        await until(lambda: guard.subscriptions["local.inn.guests"].trouble is None, what="the feed goes on")


async def test_a_missing_key_is_told_by_the_department(pair: Attacked) -> None:
    lost = uuid4()
    async with pair.prepared("inn") as inn:
        await come(inn, lost, "甲")
    await hide(pair, lost)
    async with pair.running("inn"), pair.running("guard") as guard:
        one = await missing(guard)
        vitals = Vitals(guard, pair.url("guard"))
        _, _, remarks = await vitals.told()
        await vitals.close()
        told = [(remark.about, remark.since) for remark in remarks if remark.code == "key_missing"]
        assert told == [(f"{one.id} of local.inn, for local.inn.guests", one.since)]
        await find_again(pair)
        await see(guard, "甲")

        async def is_gone() -> bool:
            return await missing_keys.page(guard.pool, with_given_up=True) == []

        await until(is_gone, what="nothing is left of it")


async def test_a_build_waits_for_its_keys(pair: Attacked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where nobody leads who would bring them, as at a start: nothing is parked."""
    async with pair.running("inn") as inn:
        await come(inn, uuid4(), "甲")
        async with pair.running("guard") as guard:
            await see(guard, "甲")
        owner = await pair.owner("guard")
        await owner.execute("delete from person_keys where not is_own")
        await owner.close()
        newer = Service(GUARD, read_models=(replace(GUESTS, version=2),))
        monkeypatch.setitem(test_keys_travel.SERVICES, "guard", newer)
        async with pair.running("guard") as guard:
            assert await names(guard) == ["甲"]
            assert await parking.page(guard.pool) == []
            await come(inn, uuid4(), "乙")
            await see(guard, "甲", "乙")
