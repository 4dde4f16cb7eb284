"""Events stored just after somebody was erased."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from deploy.embedded.nats import Nats
from shared.contracts.errors import ConcurrencyConflict
from shared.eventstore import person_keys
from tests.databases import Databases
from tests.shared.messaging.attacked import Attacked, keys_of
from tests.shared.messaging.test_keys_travel import ROOM, come, erase


@pytest.fixture
async def pair(databases: Databases, own_nats: Nats, tmp_path: Path) -> AsyncIterator[Attacked]:
    async with databases.fresh() as inn, databases.fresh() as guard:
        yield Attacked({"inn": inn, "guard": guard}, own_nats.url(), tmp_path)


async def test_what_comes_just_after_an_erasure_can_be_read(pair: Attacked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(person_keys, "SEAL_SECONDS", 0.0)
    person = uuid4()
    async with pair.prepared("inn") as inn:
        await come(inn, person, "甲")
        await erase(inn, person)
        await come(inn, person, "乙")
    async with pair.prepared("inn") as inn:
        assert (await inn.store.stand(ROOM.stream("1"), ROOM)).state == ("", "乙")


async def test_what_was_opened_before_an_erasure_is_not_stored_after_it(
    pair: Attacked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(person_keys, "SEAL_SECONDS", 0.0)
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
