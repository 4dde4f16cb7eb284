"""No event skipped, numbers dense, each stream in the order decided: whatever writers and rollbacks do."""

import asyncio
import random
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts.errors import ConcurrencyConflict
from shared.contracts.event import Metadata
from shared.department.engine import Engine
from shared.eventstore import append, sequencer
from shared.eventstore.aggregate import Context
from shared.eventstore.leader import LOCK
from shared.eventstore.sequencer import NUMBER
from shared.eventstore.store import prepare, stand_many
from tests import sample
from tests.sample import HARBOUR_SERVICE, SHIP, Arrive, Note, Unload
from tests.until import until

WRITERS = 16
COMMANDS = 60  # a writer
COMMANDS_OF: list[Arrive | Unload | Note] = [Arrive(10**6), Note("x")]
STREAMS = 40

TAIL = "select position, feed, sequence, stream, version from log where position > $1 order by position"
DENSE = """
select count(*) = coalesce(max(position), 0) as positions,
       count(*) filter (where feed is not null) = coalesce(max(sequence), 0) as sequences from log
"""


async def test_sixteen_writers_with_delays_and_rollbacks_and_a_reader_that_misses_nothing(
    database: DepartmentDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writers of three kinds race: through group commit, in long transactions of their own, and rolled back ones."""
    monkeypatch.setattr(sequencer, "FENCE_EVERY", 0.001)
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path) as harbour:
        writing = asyncio.create_task(write_all(harbour, seed))
        seen = await tail_while(harbour, writing)
        stored = {(r["stream"], r["version"]) for r in await harbour.pool.fetch("select stream, version from events")}
        dense = await harbour.pool.fetchrow(DENSE)
    assert [position for position, *_ in seen] == list(range(1, len(stored) + 1))
    assert {(stream, version) for *_, stream, version in seen} == stored
    assert dense is not None
    assert tuple(dense) == (True, True)
    sequences = [sequence for _, feed, sequence, _, _ in seen if feed]
    assert sequences == list(range(1, len(sequences) + 1))
    last: dict[str, int] = {}
    for *_, stream, version in seen:
        assert version == last.get(stream, 0) + 1, "a stream's events are numbered in the order decided"
        last[stream] = version


async def write_all(harbour: Engine, seed: int) -> None:
    await asyncio.gather(*(write(harbour, random.Random(f"{seed} {n}")) for n in range(WRITERS)))


async def write(harbour: Engine, rng: random.Random) -> None:
    for _ in range(COMMANDS):
        stream = f"ship-{rng.randrange(STREAMS)}"
        if rng.random() < 0.7:
            with suppress(ConcurrencyConflict):  # four times second to somebody slow
                await harbour.store.execute(stream, SHIP, rng.choice(COMMANDS_OF), Context())
        else:
            await write_slowly(harbour, stream, rng)


async def write_slowly(harbour: Engine, stream: str, rng: random.Random) -> None:
    """A transaction that stays open a while, as a subscription's does, and is often rolled back."""
    async with harbour.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            loaded = (await stand_many(connection, {stream: SHIP}, harbour.registry))[stream]
            rows = prepare(loaded, SHIP.decide(loaded.state, Note("slow")), Context(Metadata()), harbour.registry)
            await append.insert(connection, rows)
            await connection.execute("select pg_sleep($1)", rng.uniform(0, 0.02))
        except asyncpg.UniqueViolationError:
            await transaction.rollback()
            return
        await (transaction.rollback() if rng.random() < 0.4 else transaction.commit())


async def tail_while(harbour: Engine, writing: asyncio.Task[None]) -> list[tuple[int, str | None, int, str, int]]:
    """A reader that only ever asks for what comes after the last position it saw."""
    seen: list[tuple[int, str | None, int, str, int]] = []

    async def drained() -> bool:
        seen.extend(tuple(row) for row in await harbour.pool.fetch(TAIL, seen[-1][0] if seen else 0))
        if not writing.done():
            return False
        waiting = await harbour.pool.fetchval("select count(*) from outbox")
        logged = await harbour.pool.fetchval("select coalesce(max(position), 0) from log")
        return bool(waiting == 0 and logged == len(seen))

    await until(drained, timeout=60, what="every event logged and seen")
    await writing
    return seen


async def test_two_sequencers_never_give_one_number_twice(database: DepartmentDatabase, tmp_path: Path) -> None:
    """A leader that does not know it lost its lock numbers from an old view: the primary key turns it away."""
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path, started=False) as harbour:
        await harbour.store.execute("ship-1", SHIP, Note("one"), Context())
        async with harbour.pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            await connection.fetch(NUMBER, 10, [], [], 0, None)  # the true leader is about to commit
            await harbour.store.execute("ship-2", SHIP, Note("two"), Context())
            false_leader = asyncio.create_task(harbour._sequencer.number())
            await until(lambda: blocked(harbour.pool), what="the false leader waits for the true one's row")
            await transaction.commit()
        with pytest.raises(asyncpg.UniqueViolationError):
            await false_leader
        assert await harbour._sequencer.number() == 1
        rows = await harbour.pool.fetch("select position, stream from log order by position")
    assert [tuple(row) for row in rows] == [(1, "ship-1"), (2, "ship-2")]


async def test_nothing_is_numbered_where_the_lock_is_not_held(database: DepartmentDatabase, tmp_path: Path) -> None:
    """A standby that was promoted answers in the place of the primary before anybody has led there."""
    async with (
        sample.engine(HARBOUR_SERVICE, database, tmp_path, started=False) as harbour,
        harbour.pool.acquire() as leader,
    ):
        await harbour.store.execute("ship-1", SHIP, Note("one"), Context())
        pid = leader.get_server_pid()
        assert await harbour._sequencer.number(pid) == 0
        assert await harbour._sequencer.number(0) == 0
        await leader.execute("select pg_advisory_lock($1)", LOCK)
        assert await harbour._sequencer.number(0) == 0
        assert await harbour._sequencer.number(pid) == 1
        await leader.execute("select pg_advisory_unlock($1)", LOCK)


async def blocked(pool: asyncpg.Pool) -> bool:
    return bool(await pool.fetchval("select exists (select from pg_locks where not granted)"))


async def test_a_private_event_has_a_position_and_no_feed(database: DepartmentDatabase, tmp_path: Path) -> None:
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path, started=False) as harbour:
        await harbour.store.execute("ship-1", SHIP, Note("private"), Context())
        await harbour.store.execute("ship-1", SHIP, Arrive(3), Context())
        await harbour.store.execute("ship-1", SHIP, Unload(3), Context())
        await harbour._sequencer.number()
        rows = await harbour.pool.fetch("select position, feed, sequence from log order by position")
    assert [tuple(row) for row in rows] == [(1, None, None), (2, "harbour.ships", 1), (3, "harbour.ships", 2)]
