"""One behaviour suite over every path into the store: alone, in a group, one by one after a conflict, by a reaction."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts.errors import Broken, KeyReused, Refused, Unavailable
from shared.contracts.event import Metadata
from shared.department.engine import Engine
from shared.eventstore import sources
from shared.eventstore.aggregate import Context
from shared.eventstore.append import Row
from shared.eventstore.group_commit import GroupCommit
from shared.eventstore.read_model import ReadModel
from shared.eventstore.store import prepare
from shared.eventstore.wake import Wake
from tests import sample
from tests.sample import HARBOUR_SERVICE, SHIP, Arrive, Note, Unload
from tests.statements import appends, listened
from tests.until import until

INSTEAD = """
update events set id = gen_random_uuid(), type = 'harbour.HarbourNoted', data = '{"text": "x"}', feed = null
where stream = $1 and version = 2
"""


@pytest.fixture
async def harbour(database: DepartmentDatabase, tmp_path: Path) -> AsyncIterator[Engine]:
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path) as engine:
        yield engine


def keyed(key: str, request: str = "r") -> Context:
    return Context(Metadata(request=request), key=key)


async def test_a_command_is_stored_and_read_back_at_once(harbour: Engine) -> None:
    done = await harbour.store.execute("ship-1", SHIP, Arrive(5), Context())
    assert [event.version for event in done.events] == [1]
    loaded = await harbour.store.load("ship-1", SHIP)
    assert loaded.state.crates == 5
    assert await harbour.pool.fetchval("select crates from sample_ships where ship = 'ship-1'") == 5


async def test_streams_without_an_event_are_told_apart_in_the_order_asked(harbour: Engine) -> None:
    await harbour.store.execute("ship-2", SHIP, Arrive(5), Context())
    assert await harbour.store.unwritten(["ship-3", "ship-2", "ship-1"]) == ["ship-3", "ship-1"]
    assert await harbour.store.unwritten([]) == []


async def test_a_refused_command_stores_nothing(harbour: Engine) -> None:
    with pytest.raises(Refused, match="not_arrived"):
        await harbour.store.execute("ship-1", SHIP, Unload(1), Context())
    assert await harbour.pool.fetchval("select count(*) from events") == 0


async def test_a_command_that_changes_nothing_stores_nothing(harbour: Engine) -> None:
    await harbour.store.execute("ship-1", SHIP, Arrive(5), Context())
    done = await harbour.store.execute("ship-1", SHIP, Arrive(5), Context())
    assert done.events == ()
    assert done.version == 1


async def test_concurrent_commands_on_one_stream_all_count_once(harbour: Engine) -> None:
    await harbour.store.execute("ship-1", SHIP, Arrive(30), Context())
    await asyncio.gather(*(harbour.store.execute("ship-1", SHIP, Unload(1), Context()) for _ in range(30)))
    assert (await harbour.store.load("ship-1", SHIP)).state.crates == 0
    assert await harbour.pool.fetchval("select unloaded from sample_ships") == 30


async def test_a_session_that_ends_while_it_begins_keeps_nobody_waiting(
    harbour: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As often as there are writers: each has to be there again afterwards."""
    with monkeypatch.context() as patched:
        patched.setattr(harbour.store._writer, "_pool", _Ending())
        for _ in range(3):
            with pytest.raises(Unavailable):
                await asyncio.wait_for(harbour.store.execute("ship-1", SHIP, Arrive(5), Context()), 5)
    await asyncio.wait_for(harbour.store.execute("ship-1", SHIP, Arrive(5), Context()), 5)


class _Ending:
    def acquire(self) -> Any:
        raise asyncpg.InternalClientError("cannot switch to state 11; another operation (2) is in progress")


@pytest.mark.parametrize("others", [0, 1, 3])
@pytest.mark.parametrize("comes_instead", [False, True])
async def test_what_a_lost_server_decided_leaves_no_hole(
    harbour: Engine, database: DepartmentDatabase, monkeypatch: pytest.MonkeyPatch, others: int, comes_instead: bool
) -> None:
    """Between decision and storing another server takes over, which has fewer events, or another one."""
    for ship in range(1 + others):
        await harbour.store.execute(f"ship-{ship}", SHIP, Arrive(9), Context())
    await harbour.store.execute("ship-0", SHIP, Unload(2), Context())
    append = GroupCommit.append
    tries: list[Sequence[Row]] = []

    async def become_older(writer: GroupCommit, rows: Sequence[Row]) -> None:
        if rows[0].event.stream == "ship-0":
            tries.append(rows)
            if len(tries) == 1:
                await _lose_the_last(database, "ship-0", comes_instead)
        await append(writer, rows)

    monkeypatch.setattr(GroupCommit, "append", become_older)
    await asyncio.gather(
        *(harbour.store.execute(f"ship-{ship}", SHIP, Unload(1), Context()) for ship in range(1 + others))
    )
    loaded = await harbour.store.load("ship-0", SHIP)
    assert [event.version for event in loaded.events] == ([1, 2, 3] if comes_instead else [1, 2])
    assert loaded.state.crates == 8
    assert len(tries) == 2, "it was decided anew"


async def _lose_the_last(database: DepartmentDatabase, stream: str, comes_instead: bool) -> None:
    connection = await asyncpg.connect(database.admin_url)
    try:
        await connection.execute("set session_replication_role = replica")
        await connection.execute("delete from outbox where stream = $1 and version = 2", stream)
        if comes_instead:
            await connection.execute(INSTEAD, stream)
        else:
            await connection.execute("delete from events where stream = $1 and version = 2", stream)
    finally:
        await connection.close()


async def test_one_conflict_costs_no_other_command(harbour: Engine) -> None:
    """Another process writes the version that one command of a group wants."""
    await harbour.store.execute("ship-0", SHIP, Arrive(9), Context())
    blocker = await asyncpg.connect(harbour._database_url)
    try:
        transaction = blocker.transaction()
        await transaction.start()
        await blocker.execute(
            "insert into events select stream, 2, gen_random_uuid(), 'harbour.HarbourNoted', 1, "
            "'{\"text\":\"x\"}', metadata, recorded_at from events where stream = 'ship-0'"
        )
        commands = [
            asyncio.create_task(harbour.store.execute(f"ship-{n}", SHIP, Arrive(n) if n else Unload(1), Context()))
            for n in range(10)
        ]
        await asyncio.wait(commands, timeout=0.2)
        await transaction.commit()
        results = await asyncio.gather(*commands)
    finally:
        await blocker.close()
    assert [result.version for result in results] == [3] + [1] * 9


async def test_a_repeated_key_tells_the_first_outcome(harbour: Engine) -> None:
    first = await harbour.store.execute("ship-1", SHIP, Arrive(5), keyed("k"))
    await harbour.store.execute("ship-1", SHIP, Unload(1), keyed("other"))
    again = await harbour.store.execute("ship-1", SHIP, Arrive(5), keyed("k"))
    assert again.is_repeat
    assert [event.id for event in again.events] == [event.id for event in first.events]
    assert await harbour.pool.fetchval("select count(*) from events") == 2


async def test_the_same_key_twenty_times_at_once_stores_once(harbour: Engine) -> None:
    results = await asyncio.gather(
        *(harbour.store.execute("ship-1", SHIP, Note("hello"), keyed("k")) for _ in range(20))
    )
    assert len({event.id for result in results for event in result.events}) == 1
    assert await harbour.pool.fetchval("select count(*) from events") == 1


async def test_a_key_with_another_request_is_refused(harbour: Engine) -> None:
    await harbour.store.execute("ship-1", SHIP, Note("hello"), keyed("k", "one"))
    with pytest.raises(KeyReused):
        await harbour.store.execute("ship-1", SHIP, Note("bye"), keyed("k", "two"))
    with pytest.raises(KeyReused):
        await harbour.store.execute("ship-2", SHIP, Note("bye"), keyed("k", "two"))
    assert await harbour.pool.fetchval("select count(*) from events") == 1


async def test_a_failing_read_model_takes_back_only_its_own_command(harbour: Engine) -> None:
    """Six commands in one group; the read model cannot take one of them (a crate count no int holds)."""
    rows = [await prepared(harbour, f"ship-{n}", Arrive(2**40 if n == 3 else n)) for n in range(6)]
    results = await asyncio.gather(*(harbour.store._writer.append(row) for row in rows), return_exceptions=True)
    assert [isinstance(result, Exception) for result in results] == [False, False, False, True, False, False]
    assert await harbour.pool.fetchval("select count(*) from events") == 5
    assert await harbour.pool.fetchval("select count(*) from sample_ships") == 5


async def test_history_cannot_be_changed_not_even_by_the_owner(harbour: Engine, database: DepartmentDatabase) -> None:
    await harbour.store.execute("ship-1", SHIP, Arrive(5), Context())
    owner = await asyncpg.connect(database.owner_url)
    try:
        for statement in ("update events set version = 7", "delete from events", "truncate events, log"):
            with pytest.raises(asyncpg.RestrictViolationError):
                await owner.execute(statement)
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await harbour.pool.execute(statement)
    finally:
        await owner.close()


async def test_what_was_handed_in_is_written_before_the_engine_stops(
    database: DepartmentDatabase, tmp_path: Path
) -> None:
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path) as engine:
        commands = [
            asyncio.create_task(engine.store.execute(f"ship-{n}", SHIP, Arrive(1), Context())) for n in range(50)
        ]
        await asyncio.wait(commands, return_when=asyncio.FIRST_COMPLETED)
    answers = await asyncio.gather(*commands, return_exceptions=True)
    connection = await asyncpg.connect(database.app_url)
    stored = await connection.fetchval("select count(*) from events")
    await connection.close()
    refused = [answer for answer in answers if isinstance(answer, (Unavailable, asyncpg.InterfaceError))]
    assert stored + len(refused) == 50
    assert stored > 0


async def test_a_lone_command_costs_one_read_and_four_statements(harbour: Engine) -> None:
    """Counted, not timed: load, begin, append (events and outbox by one), read model, commit."""
    statements = await listened(harbour)
    await harbour.store.execute("ship-1", SHIP, Arrive(5), Context())
    own = list(statements)
    assert [s.split()[0].lower().rstrip(";") for s in own] == ["select", "begin", "with", "insert", "commit"]
    assert "insert into events" in own[2]
    assert "insert into outbox" in own[2]


async def test_thirty_commands_at_once_cost_a_handful_of_transactions(harbour: Engine) -> None:
    """Group commit, counted: 30 commands by far fewer than 30 appends."""
    statements = await listened(harbour)
    rows = [await prepared(harbour, f"ship-{n}") for n in range(30)]
    await asyncio.gather(*(harbour.store._writer.append(row) for row in rows))
    assert await harbour.pool.fetchval("select count(*) from sample_ships") == 30
    assert len(appends(statements)) <= 2


async def test_a_single_writer_never_falls_asleep_on_a_command(harbour: Engine) -> None:
    """Who is answered and at once hands in the next meets the writer just as it ends."""
    async with GroupCommit(harbour.pool, (), Wake(), writers=1) as writer, asyncio.timeout(30):
        for n in range(20):
            await writer.append(await prepared(harbour, f"ship-{n}"))


async def prepared(harbour: Engine, stream: str, command: Arrive | None = None) -> list[Row]:
    loaded = await harbour.store.load(stream, SHIP)
    return prepare(loaded, SHIP.decide(loaded.state, command or Arrive(1)), Context(), harbour.registry)


async def test_a_read_model_may_not_take_a_name_of_the_store(database: DepartmentDatabase, tmp_path: Path) -> None:
    """Its view would hide the store's own table, or be hidden by it."""
    model = ReadModel("given", 1, (), lambda _: (), {"tables": "create table inbox (x int)"})
    with pytest.raises(Broken, match="inbox"):
        async with sample.engine(replace(HARBOUR_SERVICE, read_models=(model,)), database, tmp_path):
            pass


async def test_a_new_read_model_is_filled_from_what_was_stored_before(
    database: DepartmentDatabase, tmp_path: Path
) -> None:
    async with sample.engine(replace(HARBOUR_SERVICE, read_models=()), database, tmp_path) as engine:
        for n in range(5):
            await engine.store.execute(f"ship-{n}", SHIP, Arrive(n), Context())
        await engine.store.execute("ship-4", SHIP, Unload(2), Context())
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path) as engine:
        rows = await engine.pool.fetch("select ship, crates, unloaded from sample_ships order by ship")
    assert [tuple(row) for row in rows] == [(f"ship-{n}", n, 2 if n == 4 else 0) for n in range(5)]


async def test_a_page_of_a_build_is_bounded_in_bytes(
    database: DepartmentDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages of one event each come to the same read model."""
    monkeypatch.setattr(sources, "BUILD_BYTES", 1)
    async with sample.engine(replace(HARBOUR_SERVICE, read_models=()), database, tmp_path) as engine:
        for n in range(5):
            await engine.store.execute(f"ship-{n}", SHIP, Arrive(n), Context())
        await engine.store.execute("ship-4", SHIP, Note("x"), Context())
        await engine.store.execute("ship-4", SHIP, Unload(2), Context())

        async def are_numbered() -> bool:
            return bool(await engine.pool.fetchval("select count(*) = 7 from log"))

        await until(are_numbered, what="the log has all events")
    pages: list[int] = []
    read = sources.OwnEvents.page

    async def counted(self: sources.OwnEvents, *given: Any) -> sources.Page:
        page = await read(self, *given)
        pages.append(len(page.events))
        return page

    monkeypatch.setattr(sources.OwnEvents, "page", counted)
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path) as engine:
        rows = await engine.pool.fetch("select ship, crates, unloaded from sample_ships order by ship")
    assert [tuple(row) for row in rows] == [(f"ship-{n}", n, 2 if n == 4 else 0) for n in range(5)]
    assert max(pages) == 1
