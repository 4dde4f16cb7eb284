"""A feed waits while a master key is away."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.embedded.nats import Nats
from shared.eventstore.master_keys import MasterKey
from shared.messaging import parking
from tests.databases import Databases
from tests.shared.messaging.attacked import Attacked
from tests.shared.messaging.test_keys_travel import MASTER, come, see
from tests.until import until


@pytest.fixture
async def pair(databases: Databases, own_nats: Nats, tmp_path: Path) -> AsyncIterator[Attacked]:
    async with databases.fresh() as inn, databases.fresh() as guard:
        yield Attacked({"inn": inn, "guard": guard}, own_nats.url(), tmp_path)


@pytest.mark.parametrize("masters", [[], [MasterKey(b"o" * 32)]], ids=["none", "another"])
async def test_a_master_key_that_is_away_parks_nothing(pair: Attacked, masters: list[MasterKey]) -> None:
    person = uuid4()
    async with pair.running("inn") as inn:
        async with pair.running("guard") as guard:
            await come(inn, person, "甲")
            await see(guard, "甲")
        await come(inn, person, "乙")
        pair.masters["guard"] = masters
        async with pair.running("guard") as guard:

            async def stands_still() -> bool:
                waits = guard.subscriptions["local.inn.guests"].trouble is not None
                return waits or bool(await parking.page(guard.pool))

            await until(stands_still, what="it waits for a master key")
            assert await parking.page(guard.pool) == []
            pair.masters["guard"] = [*masters, MASTER]
            await see(guard, "甲", "乙")


async def test_the_trouble_says_which_key_is_missed(pair: Attacked) -> None:
    async with pair.running("inn") as inn:
        async with pair.running("guard") as guard:
            await come(inn, uuid4(), "甲")
            await see(guard, "甲")
        await come(inn, uuid4(), "乙")
        pair.masters["guard"] = [MasterKey(b"o" * 32)]
        async with pair.running("guard") as guard:
            feed = guard.subscriptions["local.inn.guests"]
            trouble = await until(lambda: feed.trouble, what="it tells")
            assert "KEY_MASTER_FILE" in trouble or "1 keys of local.inn have not come yet" in trouble
