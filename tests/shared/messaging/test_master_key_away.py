"""A feed waits while a master key is away."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.embedded.nats import Nats
from shared.eventstore.aggregate import Context
from shared.eventstore.master_keys import MasterKey
from shared.messaging import parking
from tests.databases import Databases
from tests.shared.messaging.attacked import Attacked
from tests.shared.messaging.test_keys_travel import MASTER, ROOM, Come, come, erase, see
from tests.until import until

HAS_KEY = "select exists (select from person_keys where owner = $1 and sealed is not null)"


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


async def test_a_key_under_a_lost_master_keeps_no_other_from_readers(pair: Attacked) -> None:
    """It is told once its master key is there again; what is told stands in the order of the outbox else."""
    pair.masters["inn"] = [MasterKey(b"o" * 32)]
    async with pair.prepared("inn") as inn:
        await come(inn, uuid4(), "甲")
    later = uuid4()
    pair.masters["inn"] = [MASTER]
    async with pair.running("inn") as inn, pair.running("guard") as guard:
        await inn.store.execute(ROOM.stream("2"), ROOM, Come(later, "乙"), Context())

        async def has_come() -> bool:
            return bool(await guard.pool.fetchval(HAS_KEY, str(later)))

        await until(has_come, what="the key that can be opened has come")
        pair.masters["inn"] = [MASTER, MasterKey(b"o" * 32)]
        await see(guard, "甲", "乙")


async def test_a_key_that_does_not_open_keeps_no_other_from_readers(pair: Attacked) -> None:
    broken, later = uuid4(), uuid4()
    async with pair.prepared("inn") as inn:
        await come(inn, broken, "甲")
        await inn.pool.execute("update person_keys set sealed = '\\x00' where owner = $1", str(broken))
    async with pair.running("inn") as inn, pair.running("guard") as guard:
        await inn.store.execute(ROOM.stream("2"), ROOM, Come(later, "乙"), Context())

        async def has_come() -> bool:
            return bool(await guard.pool.fetchval(HAS_KEY, str(later)))

        await until(has_come, what="the key that can be opened has come")


async def test_erasures_are_told_while_the_master_key_is_away(pair: Attacked) -> None:
    person = uuid4()
    async with pair.running("inn") as inn, pair.running("guard") as guard:
        await come(inn, person, "甲")
        await see(guard, "甲")
        pair.masters["inn"] = []
        await erase(inn, person)

        async def is_erased() -> bool:
            return bool(await guard.pool.fetchval("select exists (select from person_keys where sealed is null)"))

        await until(is_erased, what="the guard has heard of it")
