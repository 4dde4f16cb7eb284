"""Long streams: they keep nobody waiting, and a command reads only what came after their snapshot."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts.errors import KeyReused
from shared.contracts.event import Event, Metadata
from shared.department.engine import Engine
from shared.eventstore import append, folding, snapshots
from shared.eventstore.aggregate import Aggregate, Context
from shared.eventstore.group_load import GroupLoad
from shared.eventstore.limits import LOAD_EVENTS, SNAPSHOT_AGAIN, SNAPSHOT_EVENTS
from shared.eventstore.state_json import state_json
from shared.eventstore.store import Loaded, prepare, stand_many
from tests import sample
from tests.sample import HARBOUR_SERVICE, SHIP, Arrive, HarbourNoted, Note, Ship, ShipArrived, Unload, evolve_ship
from tests.statements import listened

LONG = SNAPSHOT_EVENTS + 300


@pytest.fixture
async def harbour(database: DepartmentDatabase, tmp_path: Path) -> AsyncIterator[Engine]:
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path, started=False) as engine:
        yield engine


async def give(harbour: Engine, stream: str, events: int, text: str = "x", after: int = 1) -> None:
    """A ship of 1,000 crates arrives (unless it did), then so many notes are taken of it."""
    if after == 1:
        await harbour.store.execute(stream, SHIP, Arrive(1000), Context())
    ship = Loaded(stream, Ship(), (), before=after)
    rows = prepare(ship, [HarbourNoted(text=text)] * events, Context(), harbour.registry)
    async with harbour.pool.acquire() as connection:
        await append.insert(connection, rows)


async def taken(harbour: Engine, stream: str) -> int | None:
    """The version of its snapshot, once what was offered is written."""
    await harbour.store.finish()
    version: int | None = await harbour.pool.fetchval("select version from snapshots where stream = $1", stream)
    return version


async def count_rows(harbour: Engine, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with the versions of all rows that are read into states."""
    seen: list[int] = []

    def counted(row, registry):  # type: ignore[no-untyped-def]
        seen.append(row["version"])
        return recorded(row, registry)

    recorded = folding.recorded
    monkeypatch.setattr(folding, "recorded", counted)
    return seen


async def test_a_command_on_a_long_stream_leaves_a_snapshot_behind(harbour: Engine) -> None:
    await give(harbour, "ship-long", LONG)
    done = await harbour.store.execute("ship-long", SHIP, Unload(1), Context())
    assert done.version == LONG + 2
    assert await taken(harbour, "ship-long") == LONG + 1


async def test_a_short_stream_leaves_none(harbour: Engine) -> None:
    await give(harbour, "ship-1", SNAPSHOT_EVENTS - 10)
    await harbour.store.execute("ship-1", SHIP, Unload(1), Context())
    assert await taken(harbour, "ship-1") is None


async def test_the_next_command_reads_what_came_after_it(harbour: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    await give(harbour, "ship-long", LONG)
    await harbour.store.execute("ship-long", SHIP, Unload(1), Context())
    await harbour.store.finish()
    seen = await count_rows(harbour, monkeypatch)
    done = await harbour.store.execute("ship-long", SHIP, Unload(999), Context())
    assert seen == [LONG + 2]
    assert done.state.crates == 0
    assert done.version == LONG + 3


async def test_it_is_taken_again_once_enough_has_come(harbour: Engine) -> None:
    await give(harbour, "ship-long", LONG)
    await harbour.store.stand("ship-long", SHIP)
    assert await taken(harbour, "ship-long") == LONG + 1
    await give(harbour, "ship-long", SNAPSHOT_AGAIN + 50, after=LONG + 1)
    await harbour.store.stand("ship-long", SHIP)
    assert await taken(harbour, "ship-long") == LONG + SNAPSHOT_AGAIN + 51


@pytest.mark.parametrize(
    "spoil",
    [
        "update snapshots set code = 'other'",
        "update snapshots set state = '{}'",
        "update snapshots set state = 'x', kind = 'Boat'",
        "update snapshots set event_id = gen_random_uuid()",
        "delete from snapshots",
    ],
)
async def test_one_that_does_not_fit_is_passed_over(harbour: Engine, spoil: str) -> None:
    await give(harbour, "ship-long", LONG)
    await harbour.store.stand("ship-long", SHIP)
    await harbour.store.finish()
    await harbour.pool.execute(spoil)
    done = await harbour.store.execute("ship-long", SHIP, Unload(1), Context())
    assert (done.state, done.version) == (Ship("a ship", 999), LONG + 2)


async def test_other_code_has_snapshots_of_its_own(harbour: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    await give(harbour, "ship-long", LONG)
    await harbour.store.stand("ship-long", SHIP)
    await harbour.store.finish()
    monkeypatch.setattr(snapshots, "_fingerprint", lambda module: f"newer {module}")
    seen = await count_rows(harbour, monkeypatch)
    await harbour.store.stand("ship-long", SHIP)
    assert len(seen) == LONG + 1
    await harbour.store.finish()
    assert await harbour.pool.fetchval("select count(*) from snapshots") == 2


async def test_a_repeated_key_tells_the_first_outcome_of_long_ago(harbour: Engine) -> None:
    keyed = Context(Metadata(request="r"), key="k")
    await harbour.store.execute("ship-long", SHIP, Arrive(5), Context())
    first = await harbour.store.execute("ship-long", SHIP, Note("hello"), keyed)
    await give(harbour, "ship-long", LONG, after=2)
    for _ in range(2):  # folded from the beginning, then from the snapshot
        again = await harbour.store.execute("ship-long", SHIP, Note("hello"), keyed)
        assert again.is_repeat
        assert [event.id for event in again.events] == [event.id for event in first.events]
        await harbour.store.finish()
    with pytest.raises(KeyReused):
        await harbour.store.execute("ship-long", SHIP, Note("bye"), Context(Metadata(request="other"), key="k"))
    assert await harbour.pool.fetchval("select max(version) from events") == LONG + 2


def notes(_: Ship, count: int) -> list[Event]:
    return [HarbourNoted(text=str(nth)) for nth in range(count)]


async def test_a_command_of_many_events_is_told_whole_when_repeated(harbour: Engine) -> None:
    many: Aggregate[Ship, int] = Aggregate("ship", Ship(), notes, evolve_ship)
    await give(harbour, "ship-long", LONG)
    keyed = Context(key="k")
    first = await harbour.store.execute("ship-long", many, 7, keyed)
    await harbour.store.execute("ship-long", SHIP, Note("later"), Context())
    again = await harbour.store.execute("ship-long", many, 7, keyed)
    assert [event.id for event in again.events] == [event.id for event in first.events]


async def test_short_streams_are_answered_while_a_long_one_is_read(
    harbour: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await give(harbour, "ship-long", LOAD_EVENTS * 3)
    held = asyncio.Event()
    rest = GroupLoad.rest

    async def held_up(self: GroupLoad, stream: str, after: int) -> AsyncIterator[list[asyncpg.Record]]:
        await held.wait()
        async for page in rest(self, stream, after):
            yield page

    monkeypatch.setattr(GroupLoad, "rest", held_up)
    long = asyncio.create_task(harbour.store.execute("ship-long", SHIP, Unload(1), Context()))
    short = [harbour.store.execute(f"ship-{n}", SHIP, Arrive(1), Context()) for n in range(20)]
    async with asyncio.timeout(30):
        assert [done.version for done in await asyncio.gather(*short)] == [1] * 20
    assert not long.done()
    held.set()
    assert (await long).version == LOAD_EVENTS * 3 + 2


async def test_other_tasks_get_their_turn_while_one_is_folded(harbour: Engine) -> None:
    await give(harbour, "ship-long", 3000)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    rows = await harbour.pool.fetch("select * from events where stream = 'ship-long' order by version")
    beside = asyncio.create_task(others())
    await folding.recorded_of(rows, harbour.registry)
    beside.cancel()
    assert turns >= 3000 / 50 - 2


@pytest.mark.parametrize(("size", "longest"), [(10, 450), (100_000, 100)])
async def test_streams_of_any_length_are_read_whole(harbour: Engine, size: int, longest: int) -> None:
    lengths = [1, 2, 30, longest, *([LOAD_EVENTS, LOAD_EVENTS + 1] if longest > LOAD_EVENTS else [])]
    for length in lengths:
        await give(harbour, f"ship-{length}", length - 1, text="x" * size)
    loaded = await asyncio.gather(*(harbour.store.load(f"ship-{length}", SHIP) for length in lengths))
    assert [[event.version for event in one.events] for one in loaded] == [list(range(1, n + 1)) for n in lengths]
    async with harbour.pool.acquire() as connection:
        streams = [*(f"ship-{length}" for length in lengths), "ship-none"]
        found = await stand_many(connection, dict.fromkeys(streams, SHIP), harbour.registry)
    assert {stream: one.version for stream, one in found.items()} == {f"ship-{n}": n for n in lengths} | {
        "ship-none": 0
    }


async def test_many_stand_at_once_long_ones_from_their_snapshots(
    harbour: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await give(harbour, "ship-long", LONG)
    await harbour.store.stand("ship-long", SHIP)
    await harbour.store.finish()
    await give(harbour, "ship-short", 3)
    seen = await count_rows(harbour, monkeypatch)
    async with harbour.pool.acquire() as connection:
        stood = await stand_many(
            connection, {"ship-long": SHIP, "ship-short": SHIP, "ship-none": SHIP}, harbour.registry
        )
    assert {stream: (one.version, one.state.crates) for stream, one in stood.items()} == {
        "ship-long": (LONG + 1, 1000),
        "ship-short": (4, 1000),
        "ship-none": (0, None),
    }
    assert len(seen) == 4


async def test_a_long_load_is_read_in_pages(harbour: Engine) -> None:
    await give(harbour, "ship-long", 2500)
    statements = await listened(harbour)
    await harbour.store.load("ship-long", SHIP)
    assert len(statements) == 4


@dataclass(frozen=True)
class Sunk:
    """The same fields as another state, so JSON cannot tell them apart by these."""

    name: str = ""
    crates: int | None = None


@dataclass(frozen=True)
class Tally:
    seen: frozenset[str] = frozenset()
    last: ShipArrived | None = None


@dataclass(frozen=True)
class Odd:
    what: object = None


def evolve_sunk(state: Ship | Sunk, event: Event) -> Ship | Sunk:
    return Sunk("a", 1)


def evolve_tally(state: Tally, event: Event) -> Tally:
    return state


def evolve_odd(state: Odd, event: Event) -> Odd:
    return state


def written(aggregate: Aggregate[object, object], state: object) -> object:
    json = state_json(aggregate)
    assert json is not None
    kept = json.write(state)
    return kept and json.read(*kept)


def test_a_state_is_read_back_as_the_class_it_was() -> None:
    sunk: Aggregate[object, object] = Aggregate("ship", Ship(), lambda *_: [], evolve_sunk)  # type: ignore[arg-type]
    assert written(sunk, Sunk("a", 1)) == Sunk("a", 1)
    assert written(sunk, Ship("a", 1)) == Ship("a", 1)


def test_events_and_sets_within_a_state_are_read_back() -> None:
    tally: Aggregate[object, object] = Aggregate("t", Tally(), lambda *_: [], evolve_tally)  # type: ignore[arg-type]
    state = Tally(frozenset("ab"), ShipArrived(ship="a", crates=3))
    assert written(tally, state) == state


@pytest.mark.parametrize("what", [(1, 2), {"a"}, b"x", Ship(), {1: 2}])
def test_a_state_that_would_be_read_back_as_something_else_is_not_written(what: object) -> None:
    odd: Aggregate[object, object] = Aggregate("odd", Odd(), lambda *_: [], evolve_odd)  # type: ignore[arg-type]
    assert written(odd, Odd(what)) is None


def test_an_aggregate_whose_states_have_no_type_has_no_snapshots() -> None:
    untyped: Aggregate[None, Event] = Aggregate("told", None, lambda _, event: [event], lambda state, _: state)
    assert snapshots.code_of(untyped) == snapshots.NO_CODE


def test_a_state_may_hold_a_dict() -> None:
    tally: Aggregate[object, object] = Aggregate("t", {"a": 1}, lambda *_: [], evolve_tally)  # type: ignore[arg-type]
    assert state_json(tally) is not None
