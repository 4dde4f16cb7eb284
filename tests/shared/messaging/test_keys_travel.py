"""Keys of personal fields: made at first use, given to readers, missed and asked for, erased, and never in plain."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from deploy.embedded.nats import Nats
from shared.continuity.claims import read_claim
from shared.continuity.lost_keys import LostKeys
from shared.contracts import envelope
from shared.contracts.envelope import Numbered
from shared.contracts.event import Event, Personal, Recorded
from shared.contracts.feed import Contract, Feed
from shared.department.engine import Engine
from shared.department.service import Service
from shared.eventstore import erased_keys, person_keys
from shared.eventstore.aggregate import Aggregate, Context
from shared.eventstore.master_keys import MasterKey
from shared.eventstore.pace import UNHINDERED
from shared.eventstore.read_model import ReadModel, Statement
from shared.eventstore.rebuild import rebuild
from shared.messaging import parking
from shared.standards.text import Text
from tests import older_copy
from tests.databases import Databases
from tests.until import until


class GuestCame(Event):
    person: UUID
    name: Personal[str]
    phone: Personal[str] = ""
    floor: str = ""
    nights: int


FEED = Feed("inn", "guests", Text("旅客", "guests"), (GuestCame,))
INN = Contract("inn", Text("旅店", "inn"), (FEED,))
GUARD = Contract("guard", Text("值班", "guard"), ())
CONTRACTS = (INN, GUARD)
SHARING = """
members: [inn, guard]
feeds:
  inn.guests: {attribute: unconditional, basis: sample, subscribers: [guard]}
"""


@dataclass(frozen=True)
class Come:
    person: UUID
    name: str
    phone: str = ""
    floor: str = ""


def decide(_names: tuple[str, ...], command: Come) -> Sequence[Event]:
    return [GuestCame(person=command.person, name=command.name, phone=command.phone, floor=command.floor, nights=2)]


def evolve(names: tuple[str, ...], event: Event) -> tuple[str, ...]:
    return (*names, event.name) if isinstance(event, GuestCame) else names


ROOM: Aggregate[tuple[str, ...], Come] = Aggregate("room", (), decide, evolve)


def project(event: Recorded) -> Iterator[Statement]:
    if isinstance(event.data, GuestCame):
        of = event.data
        yield "came", (event.stream, event.version, of.name, of.phone, of.floor, of.nights)


GUESTS = ReadModel.beside(
    str(Path(__file__).with_name("sample_guests.py")), version=1, events=(GuestCame,), project=project
)
SERVICES = {"inn": Service(INN, read_models=(GUESTS,)), "guard": Service(GUARD, read_models=(GUESTS,))}
MASTER = MasterKey(b"m" * 32)


class Pair:
    """An inn that publishes its guests, and a guard that is given them. Each may be away."""

    def __init__(self, databases: dict[str, DepartmentDatabase], nats_url: str, folder: Path) -> None:
        self._databases = databases
        self._nats_url = nats_url
        self._sharing = folder / "sharing.yaml"
        self._sharing.write_text(SHARING)

    def share(self, text: str) -> None:
        """The catalogue becomes this one."""
        self._sharing.write_text(text)

    def _masters(self, _name: str) -> Sequence[MasterKey]:
        return [MASTER]

    def prepared(self, name: str) -> Engine:
        """Not started."""
        return Engine(
            SERVICES[name],
            database_url=self._databases[name].app_url,
            database_owner_url=self._databases[name].owner_url,
            nats_url=self._nats_url,
            sharing_file=self._sharing,
            contracts=CONTRACTS,
            key_masters=lambda: self._masters(name),
        )

    @asynccontextmanager
    async def running(self, name: str) -> AsyncIterator[Engine]:
        async with self.prepared(name) as engine:
            await engine.start()
            yield engine

    async def replace_by_a_copy_from_before(self, name: str, what: Callable[[], Awaitable[object]]) -> None:
        await older_copy.take(self._databases[name])
        await what()
        await older_copy.put_back(self._databases[name])

    def url(self, name: str) -> str:
        return self._databases[name].app_url

    async def built_anew(self, engine: Engine) -> None:
        """Its read model, from what it holds."""
        await rebuild(self._databases[engine.service.name].app_url, GUESTS, engine.registry, pace=UNHINDERED)

    async def owner(self, name: str) -> asyncpg.Connection:
        return await asyncpg.connect(self._databases[name].owner_url)


@pytest.fixture
async def pair(databases: Databases, own_nats: Nats, tmp_path: Path) -> AsyncIterator[Pair]:
    async with databases.fresh() as inn, databases.fresh() as guard:
        yield Pair({"inn": inn, "guard": guard}, own_nats.url(), tmp_path)


async def come(inn: Engine, person: UUID, name: str, phone: str = "", floor: str = "") -> None:
    await inn.store.execute(ROOM.stream("1"), ROOM, Come(person, name, phone, floor), Context())


async def erase(inn: Engine, person: UUID) -> None:
    assert await inn.pool.fetchval(erased_keys.DROP_KEYS, str(person), "local.inn", datetime.now(UTC)) == 1


async def names(engine: Engine) -> list[str]:
    return [row["name"] for row in await engine.pool.fetch("select name from guests order by room, version")]


async def see(engine: Engine, *expected: str) -> None:
    async def seen() -> bool:
        return await names(engine) == list(expected)

    await until(seen, what=f"{expected} at {engine.service.name}")


async def test_who_is_given_a_feed_can_read_it(pair: Pair) -> None:
    async with pair.running("inn") as inn, pair.running("guard") as guard:
        await come(inn, uuid4(), "郎咸萍")
        await see(guard, "郎咸萍")
        for engine, table in ((inn, "events"), (guard, "inbox")):
            told = await engine.pool.fetchval(f"select string_agg(t::text, '') from {table} t")
            assert "郎咸萍" not in told
            assert "sealed" in told


async def test_what_nobody_has_opened_yet_waits(pair: Pair) -> None:
    async with pair.running("inn") as inn:
        await come(inn, uuid4(), "甲")
        async with pair.running("guard") as guard:
            await see(guard, "甲")
        await come(inn, uuid4(), "乙")
        async with pair.running("guard") as guard:
            await see(guard, "甲", "乙")
            assert await parking.page(guard.pool) == []


async def test_a_newcomer_is_given_all_keys(pair: Pair) -> None:
    async with pair.running("inn") as inn:
        for name in ("甲", "乙", "丙"):
            await come(inn, uuid4(), name)
        async with pair.running("guard") as guard:
            await see(guard, "甲", "乙", "丙")


async def test_keys_that_a_reader_has_lost_are_asked_for(pair: Pair) -> None:
    person = uuid4()
    async with pair.running("inn") as inn:
        await come(inn, person, "甲")
        async with pair.running("guard") as guard:
            await see(guard, "甲")
        owner = await pair.owner("guard")
        await owner.execute("delete from person_keys where not is_own")
        await owner.close()
        await come(inn, person, "甲二")
        async with pair.running("guard") as guard:
            await see(guard, "甲", "甲二")


async def test_the_keys_survive_a_broker_that_lost_its_store(pair: Pair, own_nats: Nats) -> None:
    async with pair.running("inn") as inn:
        await come(inn, uuid4(), "甲")
        await own_nats.stop()
        own_nats.wipe()
        await own_nats.start()
        async with pair.running("guard") as guard:
            await see(guard, "甲")


async def test_an_erased_person_is_empty_everywhere_and_nothing_is_parked(pair: Pair) -> None:
    person = uuid4()
    async with pair.running("inn") as inn, pair.running("guard") as guard:
        await come(inn, person, "甲")
        await come(inn, uuid4(), "乙")
        await see(guard, "甲", "乙")
        await erase(inn, person)

        async def erased() -> bool:
            return bool(await guard.pool.fetchval("select count(*) = 1 from person_keys where sealed is null"))

        await until(erased, what="the guard has heard of it")
    async with pair.running("inn") as inn, pair.running("guard") as guard:
        assert (await inn.store.stand(ROOM.stream("1"), ROOM)).state == ("", "乙")
        await come(inn, person, "甲三")  # a person who comes back has another key
        await see(guard, "甲", "乙", "甲三")
        assert await parking.page(guard.pool) == []


async def test_a_newcomer_sees_an_erased_person_as_erased(pair: Pair) -> None:
    person = uuid4()
    async with pair.running("inn") as inn:
        await come(inn, person, "甲")
        await come(inn, uuid4(), "乙")
        await erase(inn, person)
        async with pair.running("guard") as guard:
            await see(guard, "", "乙")


async def test_a_provider_restored_older_is_given_its_keys_back(pair: Pair) -> None:
    async with pair.running("guard") as guard:

        async def lives_on() -> None:
            async with pair.running("inn") as inn:
                await come(inn, uuid4(), "甲")
                await see(guard, "甲")

        async with pair.running("inn"):
            pass
        await pair.replace_by_a_copy_from_before("inn", lives_on)
        async with pair.running("inn") as inn:
            await see(inn, "甲")
            assert (await inn.store.stand(ROOM.stream("1"), ROOM)).state == ("甲",)
            await come(inn, uuid4(), "乙")
            await see(guard, "甲", "乙")
            assert await parking.page(guard.pool) == []


async def test_another_provider_cannot_speak_for_a_key(pair: Pair) -> None:
    async with pair.running("guard") as guard:
        assert guard._keys is not None
        await guard._keys.take("local.inn", [person_keys.GivenKey("abcdefghijk", "1", b"k" * 32)])
        await guard._keys.take("local.mill", [person_keys.GivenKey("abcdefghijk", "1", None)])
        assert await guard._keys.learn(["abcdefghijk"], "local.inn") == set()
        assert guard._keys.key("abcdefghijk", "local.inn") is not None


async def test_keys_that_nobody_has_any_more_hold_up_no_reader(pair: Pair) -> None:
    """Both were restored to an older state, and only the broker has the event."""
    async with pair.running("inn"), pair.running("guard"):
        pass

    async def live_on() -> None:
        async with pair.running("inn") as inn, pair.running("guard") as guard:
            await come(inn, uuid4(), "甲")
            await see(guard, "甲")

    async def both() -> None:
        await pair.replace_by_a_copy_from_before("guard", live_on)

    await pair.replace_by_a_copy_from_before("inn", both)
    async with pair.running("inn") as inn, pair.running("guard") as guard:
        await see(inn, "")
        await see(guard, "")
        await come(inn, uuid4(), "乙")
        await see(guard, "", "乙")


async def recover(inn: Engine, owner: asyncpg.Connection) -> None:
    """Keys are looked for as if the event of the inn had just been found at a neighbour's."""
    row = await owner.fetchrow("select id, data::text as data, stream, recorded_at from events")
    assert row is not None
    assert inn._keys is not None
    told = Numbered(
        feed="local.inn.guests",
        sequence=1,
        id=row["id"],
        type="inn.GuestCame",
        schema=1,
        stream=row["stream"],
        version=1,
        data=row["data"],
        metadata="{}",
        recorded_at=row["recorded_at"],
    )
    claim = read_claim(envelope.encode(told), inn.registry.own_feeds[0], is_trusted=True)
    assert claim is not None
    await LostKeys(inn._keys, "local.inn", []).fetch(inn.client, [claim])


async def test_keys_that_were_lost_under_a_running_department_are_remembered(pair: Pair) -> None:
    """A standby that had not got them yet was promoted."""
    async with pair.running("inn") as inn:
        await come(inn, uuid4(), "甲")
        owner = await pair.owner("inn")
        await owner.execute("delete from person_keys where owner <> 'reader'")
        await recover(inn, owner)
        await owner.close()
        assert inn._keys is not None
        inn._keys.look_anew()
        assert (await inn.store.stand(ROOM.stream("1"), ROOM)).state == ("甲",)


async def test_a_key_that_was_given_to_nobody_in_the_older_database_is_given_again(pair: Pair) -> None:
    async with pair.running("inn") as inn:
        person = uuid4()
        await come(inn, person, "甲")
        owner = await pair.owner("inn")
        await owner.execute("update person_keys set feeds = '{}'")
        await owner.execute("delete from key_outbox")
        await recover(inn, owner)
        await owner.close()
        async with pair.running("guard") as guard:
            await see(guard, "甲")


async def test_a_key_that_its_provider_lost_stays_with_who_has_it(pair: Pair) -> None:
    person = uuid4()
    async with pair.running("inn") as inn, pair.running("guard") as guard:
        await come(inn, person, "甲")
        await see(guard, "甲")
        owner = await pair.owner("inn")
        await owner.execute(
            "update person_keys set sealed = null, master = null, in_use = false, owner = '', is_given_up = true,"
            " erased_at = clock_timestamp() where owner = $1",
            str(person),
        )
        await owner.execute("insert into key_outbox (key) select id from person_keys where is_given_up")
        await come(inn, uuid4(), "乙")
        await see(guard, "甲", "乙")

        async def all_told() -> bool:
            return bool(await owner.fetchval("select not exists (select from key_outbox)"))

        await until(all_told, what="it is told")
        await come(inn, uuid4(), "丙")
        await see(guard, "甲", "乙", "丙")
        await owner.close()
        assert await guard.pool.fetchval("select count(*) from person_keys where not is_own and sealed is null") == 0
