"""Duties are kept singly: one that fails is begun again, the others go on, and what is not done is known."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import nats
import orjson
import pytest
import structlog
from nats.aio.msg import Msg

from deploy.embedded.department_database import DepartmentDatabase
from deploy.embedded.nats import Nats
from shared.department import duties as duties_module
from shared.department.duties import Duties, Duty, name_of
from shared.department.sweeping import keep_sweeping
from shared.eventstore.aggregate import Context
from shared.eventstore.tasks import end
from shared.eventstore.wake import Wake
from tests import sample
from tests.sample import CUSTOMS_SERVICE, INSPECTION
from tests.until import until


async def a_sweep() -> None:
    """One of a department."""


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duties_module, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(duties_module, "LONGEST_WAIT", 0.01)


@asynccontextmanager
async def kept(**named: Duty) -> AsyncIterator[Duties]:
    duties = Duties("harbour")
    task = asyncio.create_task(duties.run(named))
    try:
        yield duties
    finally:
        await end(task)


class Failing:
    """Fails so many times, then runs for ever."""

    def __init__(self, times: int, error: BaseException) -> None:
        self.times = times
        self.error = error
        self.calls = 0

    async def __call__(self) -> None:
        self.calls += 1
        if self.calls <= self.times:
            raise self.error
        await asyncio.Event().wait()


async def test_one_that_fails_is_begun_again() -> None:
    failing = Failing(5, KeyError("a name"))
    async with kept(failing=failing):
        await until(lambda: failing.calls == 6, what="it runs")


async def test_the_others_are_not_even_begun_anew() -> None:
    failing, other = Failing(50, KeyError()), Failing(0, KeyError())
    async with kept(failing=failing, other=other):
        await until(lambda: failing.calls > 20, what="it has failed often")
        assert other.calls == 1


async def test_its_trouble_is_known_and_holds_no_value() -> None:
    async with kept(failing=Failing(1000, KeyError("苏安"))) as duties:
        await until(lambda: duties.troubles(), what="the trouble is known")
        trouble = duties.troubles()["failing"]
        assert trouble.reason.startswith("KeyError at tests/")
        assert "苏安" not in trouble.reason
        await until(lambda: duties.troubles()["failing"].failures > 3, what="failures are counted")
        assert duties.troubles()["failing"].since == trouble.since


async def test_one_that_ran_well_for_a_while_has_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duties_module, "WELL_AFTER", 0.05)
    failing = Failing(2, KeyError())
    async with kept(failing=failing) as duties:
        await until(lambda: failing.calls == 3, what="it runs")
        await until(lambda: not duties.troubles(), what="it is well")


async def test_a_kind_of_trouble_is_logged_at_rising_intervals() -> None:
    with structlog.testing.capture_logs() as lines:
        failing = Failing(40, KeyError())
        async with kept(failing=failing):
            await until(lambda: failing.calls > 40, what="it failed forty times")
    assert [line["times"] for line in lines] == [1, 2, 4, 8, 16, 32]


async def test_a_cancellation_that_nobody_asked_for_is_a_failure() -> None:
    """nats-py lets one out while it reconnects; it must not end a duty for ever."""
    failing = Failing(1, asyncio.CancelledError())
    async with kept(failing=failing):
        await until(lambda: failing.calls == 2, what="it was begun again")


async def test_all_end_when_leadership_does() -> None:
    ended: list[str] = []

    async def duty(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(name)

    async with kept(one=partial(duty, "one"), failing=Failing(1000, KeyError())) as duties:
        await until(lambda: duties.troubles(), what="both have begun")
    assert ended == ["one"]
    assert duties.troubles() == {}


async def test_a_duty_is_called_by_what_it_does() -> None:
    assert name_of(partial(keep_sweeping, Wake(), a_sweep)) == "test_duties.a_sweep"
    assert name_of(a_sweep) == "test_duties.a_sweep"


RUBBISH = [b"{}", b"\xff"]  # test_strangers.py has the others


@pytest.mark.parametrize("answer", RUBBISH)
async def test_a_neighbour_that_answers_rubbish_costs_only_its_own_feed(
    database: DepartmentDatabase, tmp_path: Path, own_nats: Nats, answer: bytes
) -> None:
    """History answered with `{}` made the leader fall over again and again."""
    harbour = await nats.connect(own_nats.url())
    asked = 0

    async def answer_history(question: Msg) -> None:
        nonlocal asked
        asked += 1
        await question.respond(answer)

    await harbour.subscribe("history.local.harbour.ships", cb=answer_history)
    async with sample.engine(CUSTOMS_SERVICE, database, tmp_path, own_nats.url()) as customs:
        await until(lambda: customs.state().is_leading and customs.state().broker_connected, what="it leads")
        subscription = customs.subscriptions["local.harbour.ships"]
        head = 5

        async def asked_more() -> bool:
            nonlocal head
            head += 1
            told = {"member": "local.harbour", "feeds": {"local.harbour.ships": head}}
            await harbour.publish("heads.local.harbour.ships", orjson.dumps(told))
            return asked >= 4

        await until(asked_more, what="the neighbour was asked for what is missing")
        assert customs.state().is_leading
        assert customs.state().duties.keys() <= {"topology keeper"}  # nothing else has fallen over
        assert subscription.checkpoint == 0
        await customs.store.execute("inspection-1", INSPECTION, 1, Context())
        await until(lambda: customs.pool.fetchval("select count(*) = 1 from log"), what="it numbers")
    await harbour.close()
