"""What one command of a group meets costs the others nothing: how often is anything stored, counted."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts.errors import Broken, ConcurrencyConflict, Invalid, Unavailable
from shared.contracts.event import Recorded
from shared.department.engine import Engine
from shared.eventstore import group_commit
from shared.eventstore.aggregate import Context
from shared.eventstore.append import Row
from shared.eventstore.group_transaction import Patience
from shared.eventstore.read_model import Statement
from shared.eventstore.store import Loaded, prepare
from tests import sample
from tests.sample import HARBOUR_SERVICE, SHIPS, HarbourNoted, Ship, ShipArrived
from tests.statements import appends, listened
from tests.until import until

OF_A_STRANGER = """
insert into events select $1, 1, gen_random_uuid(), 'harbour.HarbourNoted', 1, '{"text":"x"}', '{}', clock_timestamp()
"""
THIRTY_TWO = range(32)


@pytest.fixture
async def harbour(database: DepartmentDatabase, tmp_path: Path) -> AsyncIterator[Engine]:
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path, started=False) as engine:
        yield engine


def arrival(harbour: Engine, ship: int, crates: int = 1, key: str | None = None) -> list[Row]:
    new = Loaded(f"ship-{ship:02}", Ship(), ())
    return prepare(new, [ShipArrived(ship="a ship", crates=crates)], Context(key=key), harbour.registry)


async def store_all(harbour: Engine, commands: list[list[Row]]) -> list[BaseException | None]:
    return await asyncio.gather(*(harbour.store._writer.append(rows) for rows in commands), return_exceptions=True)


def failures(answers: list[BaseException | None]) -> dict[int, type[BaseException]]:
    return {nth: type(answer) for nth, answer in enumerate(answers) if answer is not None}


@asynccontextmanager
async def stranger(database: DepartmentDatabase, ship: int) -> AsyncIterator[asyncpg.Connection]:
    """Another instance in the middle of writing to a ship's stream; rolled back unless it commits."""
    connection = await asyncpg.connect(database.app_url)
    try:
        await connection.execute("begin")
        await connection.execute(OF_A_STRANGER, f"ship-{ship:02}")
        yield connection
    finally:
        await connection.close()


async def test_streams_that_moved_on_are_left_out_by_the_statement_that_stores_the_others(harbour: Engine) -> None:
    for ship in (3, 17, 30):
        await harbour.pool.execute(OF_A_STRANGER, f"ship-{ship:02}")
    statements = await listened(harbour)
    answers = await store_all(harbour, [arrival(harbour, ship) for ship in THIRTY_TWO])
    assert failures(answers) == dict.fromkeys((3, 17, 30), ConcurrencyConflict)
    assert len(appends(statements)) <= 2
    assert await harbour.pool.fetchval("select count(*) from sample_ships") == 29
    assert await harbour.pool.fetchval("select count(*) from outbox") == 29


async def test_a_conflict_at_the_same_moment_is_asked_for_and_costs_one_more_append(
    harbour: Engine, database: DepartmentDatabase
) -> None:
    async with stranger(database, 17) as other:
        statements = await listened(harbour)
        storing = asyncio.create_task(store_all(harbour, [arrival(harbour, ship) for ship in THIRTY_TWO]))
        await until(lambda: waits_for_a_lock(harbour), every=0.001)
        await other.execute("commit")
        answers = await storing
    assert failures(answers) == {17: ConcurrencyConflict}
    assert len(appends(statements)) <= 3


async def waits_for_a_lock(harbour: Engine) -> bool:
    return bool(await harbour.pool.fetchval("select exists (select from pg_locks where not granted)"))


async def test_who_waits_for_a_stranger_waits_alone(harbour: Engine, database: DepartmentDatabase) -> None:
    async with stranger(database, 17) as other:
        storing = [asyncio.create_task(store_all(harbour, [arrival(harbour, ship)])) for ship in THIRTY_TWO]
        done, pending = await until(lambda: all_but_one(storing), what="all but the one in the stranger's way")
        assert len(done) == 31
        assert pending == {storing[17]}
        await other.execute("rollback")
        assert await storing[17] == [None]


def all_but_one(
    tasks: list[asyncio.Task[list[BaseException | None]]],
) -> tuple[set[asyncio.Task[list[BaseException | None]]], set[asyncio.Task[list[BaseException | None]]]] | None:
    pending = {task for task in tasks if not task.done()}
    return (set(tasks) - pending, pending) if len(pending) == 1 else None


async def test_who_waits_too_long_is_told_to_come_again(
    harbour: Engine, database: DepartmentDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "ALONE", Patience(lock_ms=50, statement_ms=1000))
    async with stranger(database, 1):
        assert failures(await store_all(harbour, [arrival(harbour, ship) for ship in range(3)])) == {1: Unavailable}


async def test_a_handled_command_in_a_group_costs_one_more_append(harbour: Engine) -> None:
    await store_all(harbour, [arrival(harbour, 90, key="k")])
    statements = await listened(harbour)
    commands = [arrival(harbour, ship, key="k" if ship == 9 else None) for ship in THIRTY_TWO]
    answers = await store_all(harbour, commands)
    assert failures(answers) == {9: group_commit.AlreadyHandled}
    assert len(appends(statements)) <= 3


async def test_two_commands_of_one_key_in_a_group_are_told_apart(harbour: Engine) -> None:
    commands = [arrival(harbour, ship, key="k" if ship in {4, 20} else None) for ship in THIRTY_TWO]
    answers = failures(await store_all(harbour, commands))
    assert set(answers.values()) == {group_commit.AlreadyHandled}
    assert len(answers) == 1
    assert await harbour.pool.fetchval("select count(*) from events") == 31


@asynccontextmanager
async def spoilt(
    database: DepartmentDatabase, tmp_path: Path, *wrong: Statement, events: type[ShipArrived] = ShipArrived
) -> AsyncIterator[Engine]:
    """A harbour whose read model makes these statements of an arrival with 17 crates."""

    def project(event: Recorded) -> Iterator[Statement]:
        if isinstance(event.data, events) and event.data.crates == 17:
            yield from ((part, (event.stream, *arguments)) for part, arguments in wrong)
        else:
            yield from SHIPS.project(event)

    model = replace(SHIPS, project=project)
    async with sample.engine(replace(HARBOUR_SERVICE, read_models=(model,)), database, tmp_path, started=False) as one:
        yield one


@pytest.mark.parametrize("wrong", [("arrived", ()), ("arrived", (1, 2, 3)), ("departed", (1,))])
async def test_statements_that_do_not_fit_join_no_group(
    database: DepartmentDatabase, tmp_path: Path, wrong: Statement
) -> None:
    async with spoilt(database, tmp_path, wrong) as harbour:
        statements = await listened(harbour)
        answers = await store_all(harbour, [arrival(harbour, ship, crates=ship) for ship in THIRTY_TWO])
        assert failures(answers) == {17: Broken}
        assert len(appends(statements)) <= 2


@pytest.mark.parametrize("crates", [2**40, "many", None])
async def test_a_row_the_database_does_not_take_fails_alone(
    database: DepartmentDatabase, tmp_path: Path, crates: object
) -> None:
    async with spoilt(database, tmp_path, ("arrived", (crates,))) as harbour:
        statements = await listened(harbour)
        answers = await store_all(harbour, [arrival(harbour, ship, crates=ship) for ship in THIRTY_TWO])
        assert failures(answers) == {17: Broken}
        assert len(appends(statements)) <= 14
        assert await harbour.pool.fetchval("select count(*) from events") == 31
        assert await harbour.pool.fetchval("select count(*) from sample_ships") == 31


async def test_a_row_the_driver_cannot_send_is_named_by_it(database: DepartmentDatabase, tmp_path: Path) -> None:
    async with spoilt(database, tmp_path, ("arrived", (2**40,))) as harbour:
        statements = await listened(harbour)
        await store_all(harbour, [arrival(harbour, ship, crates=ship) for ship in THIRTY_TWO])
        assert len(appends(statements)) <= 4


async def test_several_at_fault_are_all_found(harbour: Engine) -> None:
    wrong = set(random.sample(THIRTY_TWO, 5))
    commands = [arrival(harbour, ship, crates=2**40 if ship in wrong else 1) for ship in THIRTY_TWO]
    assert failures(await store_all(harbour, commands)) == dict.fromkeys(sorted(wrong), Broken)
    assert await harbour.pool.fetchval("select count(*) from sample_ships") == 32 - 5


async def test_a_projection_that_fails_joins_no_group(database: DepartmentDatabase, tmp_path: Path) -> None:
    def project(event: Recorded) -> Iterator[Statement]:
        if isinstance(event.data, ShipArrived):
            yield "arrived", (event.stream, 10 // (event.data.crates - 17))

    model = replace(SHIPS, project=project)
    service = replace(HARBOUR_SERVICE, read_models=(model,))
    async with sample.engine(service, database, tmp_path, started=False) as harbour:
        answers = await store_all(harbour, [arrival(harbour, ship, crates=ship) for ship in THIRTY_TWO])
        assert failures(answers) == {17: Broken}


async def test_a_group_is_bounded_in_bytes(harbour: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    statements = await listened(harbour)
    monkeypatch.setattr(harbour.store._writer._commands, "_most", 1000)
    noted = [
        prepare(Loaded(f"ship-{ship}", Ship(), ()), [HarbourNoted(text="x" * 400)], Context(), harbour.registry)
        for ship in range(10)
    ]
    assert failures(await store_all(harbour, noted)) == {}
    assert 5 <= len(appends(statements)) <= 6


async def test_a_command_of_too_many_bytes_is_refused(harbour: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "LARGEST_COMMAND", 100)
    noted = prepare(Loaded("ship-1", Ship(), ()), [HarbourNoted(text="x" * 400)], Context(), harbour.registry)
    with pytest.raises(Invalid, match="too_much_at_once"):
        await harbour.store._writer.append(noted)
