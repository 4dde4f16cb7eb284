"""A parked event whose person is erased meanwhile."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.embedded.nats import Nats
from shared.contracts.event import Recorded
from shared.department.service import Service
from shared.eventstore.read_model import Statement
from shared.messaging import parking
from tests.databases import Databases
from tests.shared.messaging import test_keys_travel
from tests.shared.messaging.attacked import Attacked
from tests.shared.messaging.test_keys_travel import GUARD, GUESTS, come, erase, names, project
from tests.until import until

FEED = "local.inn.guests"


@pytest.fixture
async def pair(databases: Databases, own_nats: Nats, tmp_path: Path) -> AsyncIterator[Attacked]:
    async with databases.fresh() as inn, databases.fresh() as guard:
        yield Attacked({"inn": inn, "guard": guard}, own_nats.url(), tmp_path)


async def test_it_is_shown_without_a_name_and_applied_empty(pair: Attacked, monkeypatch: pytest.MonkeyPatch) -> None:
    is_broken, person = [True], uuid4()

    def faulty(event: Recorded) -> Iterator[Statement]:
        if is_broken[0]:
            raise ValueError
        yield from project(event)

    service = Service(GUARD, read_models=(replace(GUESTS, project=faulty),))
    monkeypatch.setitem(test_keys_travel.SERVICES, "guard", service)
    async with pair.running("inn") as inn, pair.running("guard") as guard:
        await come(inn, person, "甲")

        async def is_parked() -> bool:
            return bool(await parking.page(guard.pool))

        async def is_erased() -> bool:
            return bool(await guard.pool.fetchval("select exists (select from person_keys where sealed is null)"))

        await until(is_parked, what="it is parked")
        await erase(inn, person)
        await until(is_erased, what="the guard has heard of it")
        shown = await parking.shown(guard.pool, guard.registry, FEED, 1)
        assert shown["data"] == {"person": str(person), "name": "…", "phone": "…", "floor": "", "nights": 2}
        is_broken[0] = False
        assert await parking.retry(guard.pool, guard.handling) == parking.Retried(applied=1, still_parked=0)
        assert await names(guard) == [""]
