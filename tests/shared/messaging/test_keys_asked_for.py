"""Keys of personal fields among readers who ask too much, or with a key that is none."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from uuid import uuid4

import orjson
import pytest
from nats.aio.msg import Msg
from pydantic import ValidationError

from deploy.embedded.nats import Nats
from shared.contracts.errors import Poison
from shared.eventstore.person_keys import GivenKey
from shared.eventstore.wake import Wake
from shared.messaging import key_teller, key_wrapping
from shared.messaging.jetstream_api import ask
from shared.messaging.key_teller import TOO_SOON, AskKeys, TooSoon, register
from shared.messaging.publisher import Message
from tests.databases import Databases
from tests.shared.messaging.attacked import Attacked
from tests.shared.messaging.test_keys_travel import come, see
from tests.until import until

NO_POINT = "A" * 43  # 32 bytes of zero: with it no secret can be agreed upon
GUESTS = frozenset({"inn.guests"})
MANY = 500  # questions


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


async def test_asking_again_and_again_fills_no_outbox(pair: Attacked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_teller, "ALL_AGAIN", 0.0)
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


async def test_one_public_key_after_another_is_told_nothing(pair: Attacked) -> None:
    async with pair.prepared("inn") as inn:
        await come(inn, uuid4(), "甲")
        asked = [AskKeys(public_key=key_wrapping.public_text(uuid4().bytes * 2)) for _ in range(2)]
        await register(inn.pool, "local.spy", GUESTS, asked[0], Wake())
        await inn.pool.execute("delete from key_outbox")
        with pytest.raises(TooSoon):
            await register(inn.pool, "local.spy", GUESTS, asked[1], Wake())
        await register(inn.pool, "local.spy", GUESTS, asked[0].model_copy(update={"all": True}), Wake())
        assert await inn.pool.fetchval("select count(*) from key_outbox") == 0


async def test_a_flood_of_questions_keeps_no_other_waiting(pair: Attacked) -> None:
    async with pair.running("inn") as inn, pair.running("guard") as guard:
        await come(inn, uuid4(), "甲")
        await see(guard, "甲")
        client, answers = inn.client, []
        inbox = client.new_inbox()

        async def take(message: Msg) -> None:
            answers.append(message.data)

        await client.subscribe(inbox, cb=take)
        for number in range(MANY):
            public_key = key_wrapping.public_text(number.to_bytes(32, "big"))
            question = orjson.dumps({"public_key": public_key, "all": True})
            await client.publish("keysfor.local.inn.local.spy", question, reply=inbox)
        honest = orjson.dumps({"public_key": key_wrapping.public_text(bytes(range(32)))})
        asked = await client.request("keysfor.local.inn.local.guard", honest, timeout=5)
        assert orjson.loads(asked.data)
        await until(lambda: len(answers) == MANY, what="all are answered")
        assert answers.count(TOO_SOON) >= MANY - 3


async def test_an_answer_never_lies_among_keys(pair: Attacked) -> None:
    question = orjson.dumps({"public_key": key_wrapping.public_text(bytes(range(32)))})
    async with pair.running("inn") as inn, pair.running("guard") as guard:
        await come(inn, uuid4(), "甲")
        await see(guard, "甲")
        forged = "keys.local.inn.local-guard.abcdefghijk"
        for subject in ("keysfor.local.inn.local.spy", "known.local.inn.local.guard"):
            await guard.client.publish(subject, question, reply=forged)
            await guard.client.request("keysfor.local.inn.local.guard", question, timeout=5)
        told = await ask(inn.client, "STREAM.INFO.local-inn-KEYS", {"subjects_filter": ">"})
        assert forged not in told["state"]["subjects"]


async def test_a_reader_who_is_told_many_keys_keeps_no_other_waiting(
    pair: Attacked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each reader some are told, by turns."""
    monkeypatch.setattr(key_teller, "AT_ONCE", 2)
    async with pair.prepared("inn") as inn:
        people = [uuid4() for _ in range(5)]
        for nth, person in enumerate(people):
            await come(inn, person, str(nth))
        await inn.pool.execute("delete from key_outbox")
        for reader in ("local.spy", "local.guard"):
            asked = AskKeys(public_key=key_wrapping.public_text(bytes(range(32))))
            await register(inn.pool, reader, GUESTS, asked, Wake())
        published: list[str] = []
        assert inn._key_road is not None
        await inn._key_road._teller.tell(Noting(published))  # type: ignore[arg-type]
        assert [subject.split(".")[3] for subject in published].count("local-guard") == 2


class Noting:
    """A publisher that notes the subjects."""

    def __init__(self, published: list[str]) -> None:
        self._published = published

    async def publish(self, _stream: str, messages: Sequence[Message]) -> None:
        self._published += [one.subject for one in messages]


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
