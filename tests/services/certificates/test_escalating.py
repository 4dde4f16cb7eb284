"""The clock of applications on a real database: timers, names looked up, restarts in between."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.certificates.domain.application import APPLICATION, Command, SubmitApplication
from services.certificates.domain.application_state import InReview
from services.certificates.domain.forms import FilledForm
from services.certificates.domain.review import ApproveApplication, ClaimApplication, SendBackApplication
from services.certificates.domain.reviewer import Reviewer
from services.certificates.escalating import Escalating
from services.certificates.read_models.review_queue import waiting_for
from services.certificates.service import SERVICE
from services.certificates.timers import TIMERS
from shared.contracts.certificates import ApplicationEscalated, ApplicationReleased
from shared.contracts.event import Event
from shared.contracts.identity import Role, StaffAppointed, StaffDismissed
from shared.eventstore.aggregate import Context
from shared.eventstore.group_commit import GroupCommit
from shared.eventstore.store import Store
from shared.eventstore.timer_poller import TimerPoller
from shared.eventstore.timers import beside_events
from shared.eventstore.wake import Wake
from shared.standards.working_days import PUBLISHED, Calendar
from tests.department import Department, running
from tests.services.certificates.examples import FORM, MINUTE, NOW, RESIDENCE, REVIEWER, TOWNSHIP, VILLAGE, ZHANG

COUNTY, CITY = "130123000000", "130100000000"
TOWN_HEAD, TOWN_REVIEWER, COUNTY_HEAD, CITY_HEAD = (
    UUID(f"0192c000-0000-7000-8000-00000000001{number}") for number in range(4)
)
"""Sorted by id, as those who are told are."""


@dataclass
class Clockwork:
    """A department whose time is moved by hand."""

    department: Department
    store: Store
    now: datetime = NOW

    async def command(self, application: UUID, command: Command) -> None:
        await self.store.execute(APPLICATION.stream(application), APPLICATION, command, Context())

    async def submit(self, form: FilledForm = FORM) -> UUID:
        application = uuid4()
        await self.command(application, SubmitApplication(application, ZHANG, form, self.now))
        return application

    async def fire(self) -> None:
        poller = TimerPoller(self.department.engine.pool, self.store, TIMERS, clock=lambda: self.now)
        while not await poller.fire():
            pass

    async def sweep(self) -> int:
        return await Escalating(self.store, self.department.engine.pool).sweep(lambda: self.now)

    async def pass_time(self, time: timedelta = timedelta()) -> None:
        """And let all come of it that is to come of it now."""
        self.now += time
        await self.fire()
        while await self.sweep():
            await self.fire()

    async def events(self, application: UUID) -> list[Event]:
        loaded = await self.store.load(APPLICATION.stream(application), APPLICATION)
        return [event.data for event in loaded.events]

    async def told(self, application: UUID) -> list[tuple[str, tuple[UUID, ...]]]:
        return [
            (one.level, one.told) for one in await self.events(application) if isinstance(one, ApplicationEscalated)
        ]

    async def appoint(self, staff: UUID, division: str, *roles: Role) -> None:
        event = StaffAppointed(staff=staff, name="负责人", roles=frozenset(roles), division=division, appointed_at=NOW)
        await self.department.give(f"staff-{staff}", event)


@pytest.fixture
async def clockwork(database: DepartmentDatabase) -> AsyncIterator[Clockwork]:
    async with held(database) as clockwork:
        yield clockwork


@asynccontextmanager
async def held(database: DepartmentDatabase, calendar: Calendar = PUBLISHED) -> AsyncIterator[Clockwork]:
    """Timers are written beside the events, and nobody but the test fires them."""
    async with running(replace(SERVICE, on_start=(), timers=()), database) as department:
        engine = department.engine
        beside = (*engine.read_models, *beside_events(TIMERS, engine.registry, calendar))
        async with GroupCommit(engine.pool, beside, Wake()) as writer:
            yield Clockwork(department, Store(engine.pool, engine.registry, writer))


async def test_an_application_nobody_decides_is_told_up_to_the_city_to_those_appointed_there(
    clockwork: Clockwork,
) -> None:
    await clockwork.appoint(TOWN_HEAD, TOWNSHIP, Role.leader)
    await clockwork.appoint(TOWN_REVIEWER, TOWNSHIP, Role.reviewer)
    await clockwork.appoint(COUNTY_HEAD, COUNTY, Role.leader)
    await clockwork.appoint(CITY_HEAD, CITY, Role.leader)
    application = await clockwork.submit()
    await clockwork.pass_time(29 * MINUTE)
    assert await clockwork.told(application) == []
    expected: list[tuple[str, tuple[UUID, ...]]] = [
        ("township", (TOWN_HEAD, TOWN_REVIEWER)),
        ("county", (COUNTY_HEAD,)),
        ("city", (CITY_HEAD,)),
    ]
    await clockwork.pass_time(MINUTE)
    assert await clockwork.told(application) == expected[:1]
    await clockwork.pass_time(29 * MINUTE)
    assert await clockwork.told(application) == expected[:1]
    await clockwork.pass_time(MINUTE)
    assert await clockwork.told(application) == expected[:2]
    await clockwork.pass_time(300 * MINUTE)
    assert await clockwork.told(application) == expected
    await clockwork.pass_time(3000 * MINUTE)
    assert await clockwork.told(application) == expected


async def test_a_leader_of_the_police_is_not_told_of_what_villages_issue(clockwork: Clockwork) -> None:
    await clockwork.appoint(TOWN_HEAD, TOWNSHIP, Role.leader, Role.window)
    await clockwork.appoint(COUNTY_HEAD, COUNTY, Role.leader, Role.police_reviewer)
    application = await clockwork.submit()
    await clockwork.pass_time(30 * MINUTE)
    await clockwork.pass_time(30 * MINUTE)
    assert await clockwork.told(application) == [("township", (TOWN_HEAD,)), ("county", ()), ("city", ())]


async def test_where_nobody_is_appointed_the_next_level_is_told_at_once(clockwork: Clockwork) -> None:
    await clockwork.appoint(TOWN_HEAD, TOWNSHIP, Role.leader)
    await clockwork.department.give(f"staff-{TOWN_HEAD}", StaffDismissed(staff=TOWN_HEAD, dismissed_at=NOW))
    await clockwork.appoint(CITY_HEAD, CITY, Role.leader)
    application = await clockwork.submit()
    await clockwork.pass_time(30 * MINUTE)
    assert await clockwork.told(application) == [("township", ()), ("county", ()), ("city", (CITY_HEAD,))]


async def test_what_is_decided_just_before_the_timer_is_not_escalated(clockwork: Clockwork) -> None:
    application = await clockwork.submit()
    await clockwork.command(application, ApproveApplication(REVIEWER, NOW + 30 * MINUTE))
    await clockwork.pass_time(30 * MINUTE)
    assert await clockwork.told(application) == []


async def test_what_is_decided_after_the_timer_and_before_the_telling_is_not_escalated(clockwork: Clockwork) -> None:
    application = await clockwork.submit()
    clockwork.now += 30 * MINUTE
    await clockwork.fire()
    await clockwork.command(application, ApproveApplication(REVIEWER, clockwork.now))
    assert await clockwork.sweep() == 0
    assert await clockwork.told(application) == []


async def test_the_clock_stands_still_while_the_citizen_puts_it_right(clockwork: Clockwork) -> None:
    application = await clockwork.submit()
    await clockwork.command(application, SendBackApplication(REVIEWER, RESIDENCE, {"phone": "请核对"}, NOW))
    await clockwork.pass_time(600 * MINUTE)
    assert await clockwork.told(application) == []
    assert await clockwork.department.engine.pool.fetchval("select count(*) from timers where fired_at is null") == 0


async def test_a_restart_between_the_timer_and_the_telling_loses_nothing(database: DepartmentDatabase) -> None:
    async with held(database) as killed:
        application = await killed.submit()
        killed.now += 30 * MINUTE
        await killed.fire()
    async with held(database) as restarted:
        restarted.now = NOW + 31 * MINUTE
        assert await restarted.sweep() == 1
        assert await restarted.sweep() == 0
        assert await restarted.told(application) == [("township", ())]


async def test_a_restart_before_the_timer_loses_nothing(database: DepartmentDatabase) -> None:
    async with held(database) as killed:
        application = await killed.submit()
    async with held(database) as restarted:
        await restarted.pass_time(30 * MINUTE)
        assert [level for level, _ in await restarted.told(application)] == ["township", "county", "city"]


async def test_the_queue_of_a_leader_shows_what_he_was_told_of(clockwork: Clockwork) -> None:
    await clockwork.appoint(TOWN_HEAD, TOWNSHIP, Role.leader)
    head = Reviewer(TOWN_HEAD, TOWNSHIP, frozenset({Role.leader}))
    application = await clockwork.submit()
    pool = clockwork.department.engine.pool
    assert await waiting_for(pool, head, TOWNSHIP, limit=9) == []
    await clockwork.pass_time(30 * MINUTE)
    [waiting] = await waiting_for(pool, head, TOWNSHIP, limit=9)
    assert (waiting.application, waiting.escalated_to) == (application, TOWNSHIP)
    assert await waiting_for(pool, replace(head, area=VILLAGE), VILLAGE, limit=9) == []
    await clockwork.command(application, ApproveApplication(head, clockwork.now))
    await clockwork.pass_time(600 * MINUTE)
    assert len(await clockwork.told(application)) == 1


async def test_a_claim_lapses_by_its_timer(clockwork: Clockwork) -> None:
    application = await clockwork.submit()
    await clockwork.command(application, ClaimApplication(REVIEWER, NOW + 10 * MINUTE))
    await clockwork.pass_time(39 * MINUTE)
    assert await released(clockwork, application) == []
    await clockwork.pass_time(MINUTE)
    [one] = await released(clockwork, application)
    assert (one.released_by, one.has_lapsed) == (REVIEWER.id, True)
    state = (await clockwork.store.load(APPLICATION.stream(application), APPLICATION)).state
    assert isinstance(state, InReview)
    assert state.claim is None


async def released(clockwork: Clockwork, application: UUID) -> list[ApplicationReleased]:
    return [one for one in await clockwork.events(application) if isinstance(one, ApplicationReleased)]
