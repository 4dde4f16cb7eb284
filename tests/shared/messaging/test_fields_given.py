"""Fields by subscriber: who is not given all fields of a feed reads the others as empty, and can prove its own."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import orjson
import pytest

from deploy.embedded.nats import Nats
from shared.contracts.envelope import parse
from shared.contracts.errors import Misconfigured
from shared.contracts.member import Member
from shared.contracts.sharing import parse_catalogue
from shared.department.engine import Engine
from shared.eventstore import ledger
from shared.eventstore.merkle import leaf_hash
from shared.messaging import parking
from tests.databases import Databases
from tests.shared.messaging.test_keys_travel import CONTRACTS, SHARING, Pair, come
from tests.until import until

GUARD = Member("local", "guard")
WHOLE = ("郎咸萍", "13800138000", "三楼", 2)


def sharing(*fields: str) -> str:
    return SHARING.replace("subscribers: [guard]", f"subscribers: [guard], fields: {{guard: [{', '.join(fields)}]}}")


@pytest.fixture
async def pair(databases: Databases, own_nats: Nats, tmp_path: Path) -> AsyncIterator[Pair]:
    async with databases.fresh() as inn, databases.fresh() as guard:
        yield Pair({"inn": inn, "guard": guard}, own_nats.url(), tmp_path)


async def guests(engine: Engine) -> list[tuple[object, ...]]:
    rows = await engine.pool.fetch("select name, phone, floor, nights from guests order by room, version")
    return [tuple(row) for row in rows]


async def see(engine: Engine, *expected: tuple[object, ...]) -> None:
    async def seen() -> bool:
        return await guests(engine) == list(expected)

    await until(seen, what=f"{expected} at {engine.service.name}")


async def stays(inn: Engine) -> None:
    await come(inn, uuid4(), "郎咸萍", "13800138000", "三楼")


async def test_fields_that_are_not_given_come_out_empty(pair: Pair) -> None:
    pair.share(sharing("name", "nights"))
    async with pair.running("inn") as inn, pair.running("guard") as guard:
        await stays(inn)
        await see(inn, WHOLE)
        await see(guard, ("郎咸萍", "", "", 2))
        assert await parking.page(guard.pool) == []
        told = await guard.pool.fetchval("select string_agg(t::text, '') from inbox t")
        assert "三楼" not in told, "sealed, though it is no personal field"


async def test_a_field_whose_type_knows_nothing_empty_comes_out_as_none(pair: Pair) -> None:
    pair.share(sharing("name"))
    async with pair.running("inn") as inn, pair.running("guard") as guard:
        await stays(inn)
        await see(guard, ("郎咸萍", "", "", None))


async def test_what_it_is_given_is_proven_by_the_ledger(pair: Pair) -> None:
    """The leaf is of the bytes that everybody gets, and a field opens to no other value than these bytes tell."""
    pair.share(sharing("name"))
    async with pair.running("inn") as inn, pair.running("guard") as guard:
        await stays(inn)
        await see(guard, ("郎咸萍", "", "", None))
        body = await guard.pool.fetchval("select event::text from inbox")
        told = parse(body.encode()).attributes
        data = body.partition('"data":')[2].removesuffix("}")
        assert orjson.loads(data) == told["data"]
        entry = ledger.entry(
            UUID(told["id"]),
            told["type"],
            1,
            told["subject"],
            1,
            datetime.fromisoformat(told["time"]),
            told["metadatahash"],
            data,
        )
        assert await inn.pool.fetchval("select leaf from log") == leaf_hash(entry)


async def test_who_is_given_more_reads_it_once_it_builds_anew(pair: Pair) -> None:
    pair.share(sharing("name"))
    async with pair.running("inn") as inn, pair.running("guard") as guard:
        await stays(inn)
        await see(guard, ("郎咸萍", "", "", None))
        pair.share(SHARING)

        async def whole() -> bool:
            await pair.built_anew(guard)
            return await guests(guard) == [WHOLE]

        await until(whole, every=0.5, what="the guard reads the rest")
        pair.share(sharing("floor"))

        async def less() -> bool:
            await pair.built_anew(guard)
            return await guests(guard) == [("", "", "三楼", None)]

        await until(less, every=0.5, what="what is not given any more is not read again")


def test_a_catalogue_that_names_fields_for_a_stranger_is_refused() -> None:
    text = SHARING.replace("subscribers: [guard]", "subscribers: [], fields: {guard: [name]}")
    with pytest.raises(Misconfigured, match=r"who is no subscriber: local\.guard"):
        parse_catalogue(text, "sharing.yaml", CONTRACTS)


def test_a_field_that_no_event_has_is_remarked() -> None:
    catalogue = parse_catalogue(sharing("name", "nmae"), "sharing.yaml", CONTRACTS)
    assert catalogue.remarks == ("sharing.yaml names fields that no event of local.inn.guests has: nmae",)
    assert catalogue.readers_of(Member("local", "inn"))[GUARD] == {"inn.guests": frozenset({"name"})}
    assert catalogue.withheld == {"local.inn.guests": frozenset({"phone", "floor", "nights"})}
