"""Events stored just after somebody was erased."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from deploy.embedded.nats import Nats
from shared.contracts.errors import ConcurrencyConflict
from shared.department.engine import Engine
from shared.eventstore import append
from shared.eventstore.aggregate import Context
from shared.eventstore.erased_keys import DROP_KEYS
from shared.eventstore.person_keys import GivenKey, PersonKeys
from shared.eventstore.store import keys_ready, prepare
from tests.databases import Databases
from tests.shared.messaging.attacked import Attacked, keys_of
from tests.shared.messaging.test_keys_travel import ROOM, Come, come, erase
from tests.until import until

DEAF = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and application_name like '%read models%'
"""


@pytest.fixture
async def pair(databases: Databases, own_nats: Nats, tmp_path: Path) -> AsyncIterator[Attacked]:
    async with databases.fresh() as inn, databases.fresh() as guard:
        yield Attacked({"inn": inn, "guard": guard}, own_nats.url(), tmp_path)


async def test_what_comes_just_after_an_erasure_can_be_read(pair: Attacked) -> None:
    person = uuid4()
    async with pair.prepared("inn") as inn:
        await come(inn, person, "甲")
        await erase(inn, person)
        await come(inn, person, "乙")
    async with pair.prepared("inn") as inn:
        assert (await inn.store.stand(ROOM.stream("1"), ROOM)).state == ("", "乙")


async def test_all_instances_hear_of_an_erasure_at_once(pair: Attacked) -> None:
    person = uuid4()
    async with pair.prepared("inn") as one, pair.prepared("inn") as other:
        await come(one, person, "甲")
        for engine in (one, other):
            assert (await engine.store.stand(ROOM.stream("1"), ROOM)).state == ("甲",)
        await erase(one, person)
        for engine in (one, other):
            await until(lambda engine=engine: forgotten(engine), timeout=5, what="it is forgotten")  # type: ignore[misc]


async def test_a_reader_s_instances_hear_of_an_erasure_at_once(pair: Attacked) -> None:
    given = GivenKey("abcdefghijk", "1", b"k" * 32)
    async with pair.prepared("guard") as one, pair.prepared("guard") as other:
        await keys_of(one).take("local.inn", [given])
        assert await keys_of(other).learn([given.id], "local.inn") == set()
        assert keys_of(other).key(given.id, "local.inn") is not None
        await keys_of(one).take("local.inn", [replace(given, secret=None)])
        await until(lambda: keys_of(other).key(given.id, "local.inn") is None, timeout=5, what="it is forgotten")


async def test_whoever_did_not_hear_looks_anew(pair: Attacked) -> None:
    person = uuid4()
    async with pair.prepared("inn") as one, pair.prepared("inn") as other:
        await come(one, person, "甲")
        assert (await other.store.stand(ROOM.stream("1"), ROOM)).state == ("甲",)
        await one.pool.execute(DEAF)
        await erase(one, person)
        await until(lambda: forgotten(other), timeout=20, what="it has come back and looks anew")


async def forgotten(engine: Engine) -> bool:
    return (await engine.store.stand(ROOM.stream("1"), ROOM)).state == ("",)


async def test_an_instance_that_has_heard_nothing_stores_nothing_under_an_erased_key(
    pair: Attacked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PersonKeys, "dropped", lambda *_: None)
    person = uuid4()
    async with pair.prepared("inn") as one, pair.prepared("inn") as other:
        await come(one, person, "甲")
        await erase(other, person)
        await come(one, person, "乙")
    async with pair.prepared("inn") as inn:
        assert (await inn.store.stand(ROOM.stream("1"), ROOM)).state == ("", "乙")


async def test_an_erasure_waits_for_who_stores_under_its_key(pair: Attacked) -> None:
    person = uuid4()
    async with pair.prepared("inn") as inn:
        await come(inn, person, "甲")
        loaded = await inn.store.stand(ROOM.stream("1"), ROOM)
        decided = ROOM.decide(loaded.state, Come(person, "乙"))
        await keys_ready(decided, loaded.stream, inn.registry)
        rows = prepare(loaded, decided, Context(), inn.registry)
        async with inn.pool.acquire() as storing, inn.pool.acquire() as erasing:
            await erasing.execute("set lock_timeout = '100ms'")
            async with storing.transaction():
                await append.insert(storing, rows)
                with pytest.raises(asyncpg.LockNotAvailableError):
                    await erasing.fetchval(DROP_KEYS, str(person), "local.inn", datetime.now(UTC))
            assert await erasing.fetchval(DROP_KEYS, str(person), "local.inn", datetime.now(UTC)) == 1
            with pytest.raises(append.NotStanding):
                await append.insert(storing, [replace(row, follows=None) for row in rows])


async def test_what_was_opened_before_an_erasure_is_not_stored_after_it(pair: Attacked) -> None:
    person = str(uuid4())
    async with pair.prepared("inn") as one, pair.prepared("inn") as other:
        await keys_of(other).make_ready({person: set()})
        id = keys_of(other).key_for(person).id
        await keys_of(one).learn([id])
        await erase(one, UUID(person))
        with pytest.raises(ConcurrencyConflict):
            await keys_of(one).make_ready({person: set()})
        assert keys_of(one).key(id) is None
        await keys_of(one).make_ready({person: set()})
        assert keys_of(one).key_for(person).id != id
