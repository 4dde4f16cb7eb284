"""The clock of cases on a real database: timers of items and of the whole, names looked up, restarts in between."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.cases.domain.answering import RetryItem
from services.cases.domain.case import CASE, Command
from services.cases.domain.consent import OpenCase, WithdrawConsent
from services.cases.domain.supplement import AskSupplement, Supplement
from services.cases.escalating import Escalating
from services.cases.service import SERVICE
from shared.contracts.cases import CaseEscalated
from shared.contracts.identity import Role, StaffAppointed, StaffDismissed
from shared.eventstore.aggregate import Context
from shared.eventstore.group_commit import GroupCommit
from shared.eventstore.store import Store
from shared.eventstore.timer_poller import TimerPoller
from shared.eventstore.timers import beside_events
from shared.eventstore.wake import Wake
from shared.standards.working_days import PUBLISHED, Calendar
from tests.department import Department, running
from tests.services.cases.examples import BIRTH, CLERK, MOTHER, NOW, done, item, opened, refused

TOWNSHIP, COUNTY, CITY = "130123100000", "130123000000", "130100000000"
TOWN_HEAD, TOWN_CLERK, COUNTY_HEAD, CITY_HEAD = (
    UUID(f"0192c000-0000-7000-8000-00000000001{number}") for number in range(4)
)
"""Sorted by id, as those who are told are."""

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
ITEM_DUE = datetime(2023, 12, 26, 16, 0, tzinfo=UTC)  # two working days: Tuesday 24:00 in China
WHOLE_DUE = datetime(2024, 1, 2, 16, 0, tzinfo=UTC)  # six
ONE = OpenCase(opened(item("birth_medical")))
LONG = OpenCase(opened(item("birth_medical", promise_days=20)))
"""Its item is promised later than the whole."""


@dataclass
class Clockwork:
    """A department whose time is moved by hand."""

    department: Department
    store: Store
    now: datetime = NOW

    async def command(self, command: Command) -> None:
        await self.store.execute(CASE.stream(BIRTH), CASE, command, Context())

    async def fire(self) -> None:
        poller = TimerPoller(self.department.engine.pool, self.store, SERVICE.timers, clock=lambda: self.now)
        while not await poller.fire():
            pass

    async def sweep(self) -> int:
        return await Escalating(self.store, self.department.engine.pool, at_once=1).sweep(lambda: self.now)

    async def until(self, moment: datetime) -> None:
        """And let all come of it that is to come of it by then."""
        self.now = moment
        await self.fire()
        while await self.sweep():
            await self.fire()

    async def told(self) -> list[tuple[str | None, str, tuple[UUID, ...]]]:
        events = (one.data for one in (await self.store.load(CASE.stream(BIRTH), CASE)).events)
        return [(one.item, one.level, one.told) for one in events if isinstance(one, CaseEscalated)]

    async def untold(self) -> int:
        count: int = await self.department.engine.pool.fetchval("select count(*) from to_escalate")
        return count

    async def appoint(self, staff: UUID, division: str, *roles: Role) -> None:
        event = StaffAppointed(staff=staff, name="负责人", roles=frozenset(roles), division=division, appointed_at=NOW)
        await self.department.give(f"staff-{staff}", event)

    async def appoint_everywhere(self) -> None:
        await self.appoint(TOWN_HEAD, TOWNSHIP, Role.leader)
        await self.appoint(TOWN_CLERK, TOWNSHIP, Role.window)
        await self.appoint(COUNTY_HEAD, COUNTY, Role.leader)
        await self.appoint(CITY_HEAD, CITY, Role.leader)


@pytest.fixture
async def clockwork(database: DepartmentDatabase) -> AsyncIterator[Clockwork]:
    async with held(database) as clockwork:
        yield clockwork


@asynccontextmanager
async def held(database: DepartmentDatabase, calendar: Calendar = PUBLISHED) -> AsyncIterator[Clockwork]:
    """Timers are written beside the events, and nobody but the test fires them."""
    async with running(replace(SERVICE, on_start=(), timers=()), database) as department:
        engine = department.engine
        beside = (*engine.read_models, *beside_events(SERVICE.timers, engine.registry, calendar))
        async with GroupCommit(engine.pool, beside, Wake()) as writer:
            yield Clockwork(department, Store(engine.pool, engine.registry, writer))


@pytest.mark.parametrize(("opens", "code", "due"), [(ONE, "birth_medical", ITEM_DUE), (LONG, None, WHOLE_DUE)])
async def test_what_is_not_done_in_time_is_told_level_after_level_a_day_apart(
    clockwork: Clockwork, opens: OpenCase, code: str | None, due: datetime
) -> None:
    await clockwork.appoint_everywhere()
    await clockwork.command(opens)
    expected: list[tuple[str | None, str, tuple[UUID, ...]]] = [
        (code, "township", (TOWN_HEAD, TOWN_CLERK)),
        (code, "county", (COUNTY_HEAD,)),
        (code, "city", (CITY_HEAD,)),
    ]
    for days in range(3):
        await clockwork.until(due + days * DAY - MINUTE)
        assert await clockwork.told() == expected[:days]
        await clockwork.until(due + days * DAY)
        assert await clockwork.told() == expected[: days + 1]
    await clockwork.until(due + 5 * DAY)
    assert [one for one in await clockwork.told() if one[0] == code] == expected
    assert await clockwork.untold() == 0


async def test_where_nobody_is_appointed_the_next_level_is_told_at_once(clockwork: Clockwork) -> None:
    await clockwork.appoint(TOWN_HEAD, TOWNSHIP, Role.leader)
    await clockwork.department.give(f"staff-{TOWN_HEAD}", StaffDismissed(staff=TOWN_HEAD, dismissed_at=NOW))
    await clockwork.appoint(COUNTY_HEAD, COUNTY, Role.reviewer)  # not of the bureau
    await clockwork.appoint(CITY_HEAD, CITY, Role.window)
    await clockwork.command(ONE)
    await clockwork.until(ITEM_DUE)
    assert await clockwork.told() == [
        ("birth_medical", "township", ()),
        ("birth_medical", "county", ()),
        ("birth_medical", "city", (CITY_HEAD,)),
    ]


async def test_an_item_that_is_done_in_time_is_told_to_nobody(clockwork: Clockwork) -> None:
    await clockwork.command(ONE)
    await clockwork.command(done("birth_medical"))
    await clockwork.until(WHOLE_DUE + DAY)
    assert await clockwork.told() == []
    assert await clockwork.department.engine.pool.fetchval("select count(*) from timers where fired_at is null") == 0


async def test_what_is_done_after_the_timer_and_before_the_telling_is_told_to_nobody(clockwork: Clockwork) -> None:
    await clockwork.command(ONE)
    clockwork.now = ITEM_DUE
    await clockwork.fire()
    assert await clockwork.untold() == 1
    await clockwork.command(done("birth_medical"))
    assert await clockwork.untold() == 0
    assert await clockwork.sweep() == 0
    assert await clockwork.told() == []


async def test_what_is_done_after_the_township_was_told_goes_no_further(clockwork: Clockwork) -> None:
    await clockwork.appoint_everywhere()
    await clockwork.command(ONE)
    await clockwork.until(ITEM_DUE)
    await clockwork.command(done("birth_medical"))
    await clockwork.until(ITEM_DUE + 3 * DAY)
    assert [level for _, level, _ in await clockwork.told()] == ["township"]


async def test_a_stopped_case_is_told_to_nobody(clockwork: Clockwork) -> None:
    await clockwork.command(ONE)
    clockwork.now = ITEM_DUE
    await clockwork.fire()
    await clockwork.command(WithdrawConsent(MOTHER, ITEM_DUE))
    await clockwork.until(WHOLE_DUE + DAY)
    assert await clockwork.told() == []
    assert await clockwork.untold() == 0


async def test_a_refusal_that_nobody_tries_again_is_overdue_too(clockwork: Clockwork) -> None:
    await clockwork.appoint_everywhere()
    await clockwork.command(ONE)
    await clockwork.command(refused("birth_medical", may_retry=True))
    await clockwork.until(ITEM_DUE)
    assert [level for _, level, _ in await clockwork.told()] == ["township"]
    await clockwork.command(RetryItem("birth_medical", ITEM_DUE))  # Wednesday in China: due on Friday
    await clockwork.until(ITEM_DUE + DAY)
    assert [level for _, level, _ in await clockwork.told()] == ["township"]
    await clockwork.until(ITEM_DUE + 3 * DAY)
    assert [level for _, level, _ in await clockwork.told()] == ["township", "township"]


async def test_every_clock_stands_still_while_the_citizen_supplements(clockwork: Clockwork) -> None:
    await clockwork.appoint_everywhere()
    await clockwork.command(ONE)
    await clockwork.command(AskSupplement(CLERK, "请补充出院小结编号", NOW))
    await clockwork.until(WHOLE_DUE + 7 * DAY)
    assert await clockwork.told() == []
    await clockwork.command(Supplement(MOTHER, "CY-20231220-01", clockwork.now))  # 00:00 of Wednesday 10 January
    await clockwork.until(clockwork.now + 3 * DAY - MINUTE)
    assert await clockwork.told() == []
    await clockwork.until(clockwork.now + MINUTE)
    assert await clockwork.told() == [("birth_medical", "township", (TOWN_HEAD, TOWN_CLERK))]


async def test_a_clock_that_had_run_out_is_told_on_while_the_citizen_supplements(clockwork: Clockwork) -> None:
    await clockwork.appoint_everywhere()
    await clockwork.command(ONE)
    await clockwork.until(ITEM_DUE)
    await clockwork.command(AskSupplement(CLERK, "请补充出院小结编号", ITEM_DUE + MINUTE))
    await clockwork.until(ITEM_DUE + DAY)
    await clockwork.command(Supplement(MOTHER, "CY-20231220-01", ITEM_DUE + DAY + MINUTE))
    await clockwork.until(ITEM_DUE + 2 * DAY)
    assert [level for _, level, _ in await clockwork.told()] == ["township", "county", "city"]


async def test_a_restart_between_the_timer_and_the_telling_loses_nothing(database: DepartmentDatabase) -> None:
    async with held(database) as killed:
        await killed.command(ONE)
        killed.now = ITEM_DUE
        await killed.fire()
    async with held(database) as restarted:
        restarted.now = ITEM_DUE + MINUTE
        assert await restarted.sweep() == 1
        assert await restarted.sweep() == 0
        assert await restarted.told() == [("birth_medical", "township", ())]


async def test_a_restart_before_the_timer_loses_nothing(database: DepartmentDatabase) -> None:
    async with held(database) as killed:
        await killed.command(ONE)
    async with held(database) as restarted:
        await restarted.until(ITEM_DUE)
        assert [level for _, level, _ in await restarted.told()] == ["township", "county", "city"]
