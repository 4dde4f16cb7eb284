"""Keys of personal fields among readers who ask too much, or with a key that is none."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import orjson
import pytest
from pydantic import ValidationError

from deploy.embedded.nats import Nats
from shared.contracts.errors import Poison
from shared.eventstore.person_keys import GivenKey
from shared.eventstore.wake import Wake
from shared.messaging import key_wrapping
from shared.messaging.key_teller import AskKeys, register
from tests.databases import Databases
from tests.shared.messaging.attacked import Attacked
from tests.shared.messaging.test_keys_travel import come, see

NO_POINT = "A" * 43  # 32 bytes of zero: with it no secret can be agreed upon
GUESTS = frozenset({"inn.guests"})


@pytest.fixture
async def pair(databases: Databases, own_nats: Nats, tmp_path: Path) -> AsyncIterator[Attacked]:
    async with databases.fresh() as inn, databases.fresh() as guard:
        yield Attacked({"inn": inn, "guard": guard}, own_nats.url(), tmp_path)


async def test_a_reader_whose_key_is_no_point_stops_nobody(pair: Attacked) -> None:
    async with pair.running("inn") as inn, pair.running("guard") as guard:
        await come(inn, uuid4(), "甲")
        await see(guard, "甲")
        question = orjson.dumps({"public_key": NO_POINT})
        answer = await inn.client.request("keysfor.local.inn.local.spy", question, timeout=5)
        await come(inn, uuid4(), "乙")
        await see(guard, "甲", "乙")
        assert "error" in orjson.loads(answer.data)


async def test_a_reader_known_by_a_bad_key_stops_nobody(pair: Attacked) -> None:
    async with pair.running("inn") as inn, pair.running("guard") as guard:
        await inn.pool.execute("insert into key_readers (reader, public_key) values ('local.spy', $1)", NO_POINT)
        await come(inn, uuid4(), "甲")
        await see(guard, "甲")


async def test_asking_again_and_again_fills_no_outbox(pair: Attacked) -> None:
    async with pair.prepared("inn") as inn:
        for name in ("甲", "乙"):
            await come(inn, uuid4(), name)
        ids = [row["id"] for row in await inn.pool.fetch("select id from person_keys where feeds <> '{}'")]
        await inn.pool.execute("delete from key_outbox")
        for _ in range(5):
            public_key = key_wrapping.public_text(uuid4().bytes * 2)
            asked = AskKeys(public_key=public_key, need=[*ids, *ids], all=True)
            assert await register(inn.pool, "local.spy", GUESTS, asked, Wake()) == {"lacking": []}
        assert await inn.pool.fetchval("select count(*) from key_outbox") == len(ids)


def test_an_owner_that_no_database_can_keep_is_no_key() -> None:
    own = bytes(range(32))
    message = key_wrapping.message(GivenKey("abcdefghijk", "a\0b", own), key_wrapping.private_key(own))
    with pytest.raises(Poison):
        key_wrapping.read(message, key_wrapping.private_key(own))


@pytest.mark.parametrize("need", ["", "\0", "abc", "abcdefghijk\n", "a" * 60_000])
def test_what_is_no_id_of_a_key_is_not_asked_for(need: str) -> None:
    public_key = key_wrapping.public_text(uuid4().bytes * 2)
    with pytest.raises(ValidationError):
        AskKeys(public_key=public_key, need=[need])
