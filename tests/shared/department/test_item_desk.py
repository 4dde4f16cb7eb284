"""What cases ask of a department is done once, whatever happens meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from shared.contracts.case_items import ItemTaken
from shared.contracts.event import Event
from shared.department import item_desk, stuck
from shared.department.item_desk import LIST, PATIENCE, Action, ItemDesk
from shared.department.stuck import LONGEST
from shared.department.sweeping import Clock
from shared.eventstore.aggregate import Aggregate, Context
from shared.eventstore.database import Pool
from shared.eventstore.tasks import end
from shared.eventstore.wake import Wake
from shared.messaging import asked_item
from shared.messaging.asked_item import (
    Answer,
    AnswerDone,
    AnswerRefused,
    AnswerUndone,
    AnswerWaiting,
    item_id,
    reference,
)
from tests.databases import Databases
from tests.department import Department, running
from tests.shared.department import works
from tests.shared.department.works import CASE, FROZEN, ITEM, NOW, GroundThawed, requested, withdrawn
from tests.until import until

AS_IT_IS: Aggregate[None, Event] = Aggregate("ground", None, lambda _, event: [event], lambda state, _: state)


class Digger:
    """Lays a pipe as it is told: done, frozen, refused, or with a broken spade."""

    def __init__(self) -> None:
        self.mood: str = "done"
        self.dug: list[str] = []
        self.taken_up: list[str] = []

    async def do(self, request: ItemTaken, context: Context) -> Answer | None:
        assert context.key is not None
        self.dug.append(request.item)
        match self.mood:
            case "frozen":
                return AnswerWaiting(FROZEN, NOW)
            case "refused":
                return AnswerRefused("rock", FROZEN, NOW, may_retry=True)
            case "on its way":
                return None
            case "broken":
                raise LookupError("spade")
            case _:
                return AnswerDone({"metres": request.inputs.get("metres", "1")}, NOW)

    async def undo(self, request: ItemTaken, context: Context) -> AnswerUndone:
        self.taken_up.append(request.item)
        return AnswerUndone(None, NOW)


@pytest.fixture
async def department(databases: Databases, tmp_path: Path) -> AsyncIterator[Department]:
    sharing = tmp_path / "sharing.yaml"
    sharing.write_text(works.SHARING, "utf-8")
    async with (
        databases.fresh() as database,
        running(works.SERVICE, database, sharing_file=sharing, contracts=works.CONTRACTS) as department,
    ):
        yield department


def desk_of(department: Department, digger: Digger, clock: Clock = lambda: NOW) -> ItemDesk:
    engine = department.engine
    return ItemDesk(engine.store, engine.pool, ITEM, {"lay": Action(digger.do, digger.undo)}, clock)


async def ask(department: Department, *events: Event) -> None:
    await department.give(f"case-{CASE}", *events)


async def said(department: Department, item: str = "pipe") -> list[str]:
    loaded = await department.engine.store.load(ITEM.stream(item_id(CASE, item)), ITEM)
    return [type(event.data).__name__ for event in loaded.events]


async def test_what_is_asked_is_done_and_answered_once(department: Department) -> None:
    digger = Digger()
    desk = desk_of(department, digger)
    assert await desk.work() == 0
    await ask(department, requested(metres="12"), requested(metres="12"))
    assert (await desk.work(), await desk.work()) == (1, 0)
    assert await said(department) == ["ItemTaken", "PipeDone"]
    state = (await department.engine.store.load(ITEM.stream(item_id(CASE, "pipe")), ITEM)).state
    assert isinstance(state, asked_item.Done)
    assert state.results == {"metres": "12"}


async def test_what_waits_is_left_alone_until_it_is_woken(department: Department) -> None:
    digger = Digger()
    desk = desk_of(department, digger)
    digger.mood = "frozen"
    await ask(department, requested())
    assert (await desk.work(), await desk.work()) == (1, 0)
    assert digger.dug == ["pipe"]
    thawed = GroundThawed(reference=reference(CASE, "pipe"))
    await department.engine.store.execute("ground-1", AS_IT_IS, thawed, Context())
    digger.mood = "done"
    assert await desk.work() == 1
    assert await said(department) == ["ItemTaken", "PipeWaiting", "PipeDone"]


async def test_what_waits_for_something_on_its_way_is_looked_at_again(department: Department) -> None:
    digger = Digger()
    desk = desk_of(department, digger)
    digger.mood = "on its way"
    await ask(department, requested())
    assert (await desk.work(), await desk.work()) == (0, 0)
    digger.mood = "done"
    assert await desk.work() == 1
    assert await said(department) == ["ItemTaken", "PipeDone"]


async def test_a_refusal_that_allows_it_is_tried_again_when_asked(department: Department) -> None:
    digger = Digger()
    desk = desk_of(department, digger)
    digger.mood = "refused"
    await ask(department, requested())
    assert (await desk.work(), await desk.work()) == (1, 0)
    digger.mood = "done"
    await ask(department, requested(attempt=2))
    await desk.work()
    assert await said(department) == ["ItemTaken", "PipeRefused", "ItemTaken", "PipeDone"]


async def test_an_action_nobody_knows_is_refused(department: Department) -> None:
    await ask(department, requested(action="fly"))
    assert await desk_of(department, Digger()).work() == 1
    assert await said(department) == ["ItemTaken", "PipeRefused"]


async def test_one_items_failure_costs_no_other_and_is_tried_less_and_less_often(department: Department) -> None:
    digger, clock = Digger(), Hands()
    desk = desk_of(department, digger, clock)
    digger.mood = "broken"
    await ask(department, requested())
    with capture_logs() as logs:
        for _ in range(100):
            await desk.work()
            clock.now += timedelta(seconds=10)
    assert len(digger.dug) in range(6, 12)  # of 100 looks in 17 minutes
    assert [line["event"] for line in logs if line.get("list") == LIST] == ["cannot be done now"], "told once"
    digger.mood = "done"
    await ask(department, requested("another"))
    assert await desk.work() == 1
    assert await said(department, "another") == ["ItemTaken", "PipeDone"]


async def test_what_has_been_on_its_way_for_long_is_seen_among_the_stuck(department: Department) -> None:
    digger, clock = Digger(), Hands()
    desk = desk_of(department, digger, clock)
    digger.mood = "on its way"
    await ask(department, requested())
    await desk.work()
    assert await stuck.count(department.engine.pool) == 0
    clock.now += PATIENCE
    await desk.work()
    [one] = (await stuck.of(department.engine.pool, LIST)).values()
    assert (one.id, one.problem.partition(":")[0]) == (reference(CASE, "pipe"), "StillOnItsWay")
    digger.mood = "done"
    assert await desk.work() == 0, "it rests"
    clock.now += LONGEST
    assert await desk.work() == 1
    assert await stuck.count(department.engine.pool) == 0


async def test_what_is_withdrawn_while_it_is_stuck_is_seen_to_at_once(department: Department) -> None:
    digger = Digger()
    desk = desk_of(department, digger)
    digger.mood = "broken"
    await ask(department, requested())
    await desk.work()
    await ask(department, withdrawn(at=NOW + timedelta(seconds=1)))
    assert await desk.work() == 1
    assert await said(department) == ["ItemTaken", "ItemWithdrawalTaken", "PipeUndone"]


async def test_what_is_put_on_the_desk_is_begun_at_once(
    department: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for the slow look."""
    monkeypatch.setattr(item_desk, "EVERY", 3600.0)
    engine, digger = department.engine, Digger()
    desk = desk_of(department, digger)
    async with at_work(desk, engine.waking(*works.SERVICE.read_models[0].events)):
        await until(lambda: engine.state().is_leading, timeout=30)
        await ask(department, requested())
        await until(lambda: digger.dug == ["pipe"], timeout=30)
        digger.mood = "on its way"
        await ask(department, requested("another"))
        await until(lambda: digger.dug.count("another") > 2, timeout=30, what="what is on its way is looked at again")


async def test_an_idle_desk_asks_the_database_at_most_twelve_times_a_minute(department: Department) -> None:
    engine, watch = department.engine, Stopwatch()
    asked: list[str] = []

    class Counting:
        async def fetch(self, query: str, *arguments: object) -> list[Any]:
            asked.append(query)
            found: list[Any] = await engine.pool.fetch(query, *arguments)
            return found

    desk = ItemDesk(engine.store, cast("Pool", Counting()), ITEM, {})
    with pytest.raises(HourOver):
        await desk.keep_working(watch)
    assert len(asked) / 60 <= 12


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class HourOver(Exception):
    """Enough waited."""


class Stopwatch(Wake):
    """Nobody wakes it, and an hour passes in no time."""

    def __init__(self) -> None:
        super().__init__()
        self.waited = 0.0

    async def wait(self, at_most: float) -> None:
        self.waited += at_most
        if self.waited > 3600:
            raise HourOver


@asynccontextmanager
async def at_work(desk: ItemDesk, wake: Wake) -> AsyncIterator[None]:
    task = asyncio.create_task(desk.keep_working(wake))
    try:
        yield
    finally:
        await end(task)


@pytest.mark.parametrize(
    ("undo", "said_then", "taken_up"),
    [
        (False, ["ItemTaken", "PipeDone", "ItemWithdrawalTaken", "PipeUndone"], []),
        (True, ["ItemTaken", "PipeDone", "ItemWithdrawalTaken", "PipeUndone"], ["pipe"]),
    ],
)
async def test_what_is_withdrawn_after_it_was_done_stays_or_is_undone(
    department: Department, undo: bool, said_then: list[str], taken_up: list[str]
) -> None:
    digger = Digger()
    desk = desk_of(department, digger)
    await ask(department, requested())
    await desk.work()
    await ask(department, withdrawn(undo=undo), withdrawn(undo=undo))
    await desk.work()
    assert await said(department) == said_then
    assert digger.taken_up == taken_up
    last = (await department.engine.store.load(ITEM.stream(item_id(CASE, "pipe")), ITEM)).events[-1].data
    assert isinstance(last, works.PipeUndone)
    assert (last.left is None) == undo


async def test_what_is_withdrawn_while_it_waits_is_cleared_away(department: Department) -> None:
    digger = Digger()
    desk = desk_of(department, digger)
    digger.mood = "frozen"
    await ask(department, requested())
    await desk.work()
    await ask(department, withdrawn())
    await desk.work()
    assert await said(department) == ["ItemTaken", "PipeWaiting", "ItemWithdrawalTaken", "PipeUndone"]
    assert digger.taken_up == ["pipe"]


async def test_killed_between_the_work_and_its_answer_it_is_answered_once(department: Department) -> None:
    """Two desks at once, as when the old leader does not know yet that he was followed."""
    diggers = Digger(), Digger()
    await ask(department, requested())
    await asyncio.gather(*(desk_of(department, digger).work() for digger in diggers))
    assert await said(department) == ["ItemTaken", "PipeDone"]
