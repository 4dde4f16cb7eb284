"""A promise over a year's turn: the application is taken, its deadline pending until the calendar is published."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.certificates.domain.application import ResubmitApplication, SubmitApplication
from services.certificates.domain.escalation import EscalateApplication, NoteOverdue
from services.certificates.domain.promise import WorkingDays
from services.certificates.domain.review import ApproveApplication, SendBackApplication
from services.certificates.read_models import workload
from services.certificates.read_models.my_applications import MY_APPLICATIONS, applications_of
from services.certificates.read_models.review_queue import REVIEW_QUEUE, waiting_for
from services.certificates.read_models.workload import Part, Period
from services.certificates.service import SERVICE
from shared.contracts.certificates import (
    ApplicationEscalated,
    ApplicationResubmitted,
    ApplicationStepPassed,
    ApplicationSubmitted,
)
from shared.contracts.event import Event
from shared.contracts.identity import Role
from shared.department.paging import Place
from shared.eventstore import timer_upkeep
from shared.eventstore.database import Pool
from shared.standards.legal_clock import LegalClock
from shared.standards.working_days import PUBLISHED, Calendar
from tests.calendars import ALL_PUBLISHED, NONE_PUBLISHED, knows
from tests.department import running
from tests.services.certificates.examples import (
    APPLICATION_ID,
    APPROVE,
    COLLEAGUE,
    FORM,
    MINUTE,
    NOW,
    RESIDENCE,
    REVIEWER,
    TODAY,
    VILLAGE,
    ZHANG,
    filled,
)
from tests.services.certificates.office import Office, bring
from tests.services.certificates.test_api_evidence import economic
from tests.services.certificates.test_escalating import TOWN_HEAD, held
from tests.services.certificates.test_review_chain import AT_THE_TOWNSHIP, AT_THE_VILLAGE, then, when

OLD = Calendar(2023)
SLOW = RESIDENCE.model_copy(update={"promise": WorkingDays(working_days=3)})
SLOW_FORM = replace(FORM, type=SLOW)
SUBMIT = SubmitApplication(APPLICATION_ID, ZHANG, SLOW_FORM, NOW)
CLOCK = LegalClock(TODAY, days=3)
DUE = datetime(2023, 12, 27, 16, 0, tzinfo=UTC)
"""From Sunday on: 25, 26 and 27 December, if the notice for 2024 leaves them working days."""
MONTH = timedelta(days=30)
RECKONING = (MY_APPLICATIONS, REVIEW_QUEUE)


def submitted_while(monkeypatch: pytest.MonkeyPatch, calendar: Calendar) -> list[Event]:
    knows(monkeypatch, calendar)
    return then([], replace(SUBMIT, chain=(AT_THE_VILLAGE, AT_THE_TOWNSHIP)))


# Domain


def test_it_is_taken_and_says_what_its_deadline_will_follow_from(monkeypatch: pytest.MonkeyPatch) -> None:
    for calendar, promised in ((OLD, (None, CLOCK)), (PUBLISHED, (DUE, None))):
        [submitted] = submitted_while(monkeypatch, calendar)
        assert isinstance(submitted, ApplicationSubmitted)
        assert (submitted.expected_by, submitted.pending) == promised


def test_what_is_put_right_is_pending_from_that_day_on(monkeypatch: pytest.MonkeyPatch) -> None:
    later = NOW + timedelta(days=1)
    sent_back = then(
        submitted_while(monkeypatch, OLD), SendBackApplication(REVIEWER, RESIDENCE, {"phone": "请核对"}, NOW + MINUTE)
    )
    [again] = when(sent_back, ResubmitApplication(ZHANG, replace(filled(), type=SLOW), later))
    assert isinstance(again, ApplicationResubmitted)
    assert (again.expected_by, again.pending) == (None, LegalClock(later.date(), days=3))


def test_nothing_is_overdue_while_it_is_pending_and_everything_once_it_was_due(monkeypatch: pytest.MonkeyPatch) -> None:
    submitted = submitted_while(monkeypatch, OLD)
    passed = then(submitted, APPROVE)
    for given in (submitted, passed):
        assert when(given, NoteOverdue(NOW + MONTH)) == []
    knows(monkeypatch, PUBLISHED)
    for given in (submitted, passed):
        assert when(given, NoteOverdue(DUE - MINUTE)) == []
        [*_, told] = then(given, NoteOverdue(DUE), EscalateApplication((TOWN_HEAD,), DUE))
        assert isinstance(told, ApplicationEscalated)
        assert (told.overdue_since, told.escalates_at) == (DUE, DUE + (DUE - NOW)), "as long again as was promised"


def test_a_step_passed_leaves_it_pending_or_due_as_it_is_known_then(monkeypatch: pytest.MonkeyPatch) -> None:
    submitted = submitted_while(monkeypatch, OLD)
    assert escalation_of(then(submitted, APPROVE)) is None
    knows(monkeypatch, PUBLISHED)
    assert escalation_of(then(submitted, APPROVE)) == DUE
    assert escalation_of(then(submitted, ApproveApplication(REVIEWER, DUE))) == DUE + (DUE - NOW)


def escalation_of(events: Sequence[Event]) -> datetime | None:
    assert isinstance(events[-1], ApplicationStepPassed)
    return events[-1].escalates_at


# Timers


async def due_of(pool: Pool) -> list[datetime | None]:
    return [row["due_at"] for row in await pool.fetch("select due_at from timers where rule = 'escalation'")]


async def test_its_timer_waits_for_the_calendar_and_runs_out_like_any_other(
    database: DepartmentDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release with the new calendar is started; nobody asks for the application."""
    knows(monkeypatch, OLD)
    async with held(database, OLD) as before:
        application = await before.submit(SLOW_FORM)
        await before.pass_time(MONTH)
        assert await before.told(application) == []
        assert await due_of(before.department.engine.pool) == [None]
    knows(monkeypatch, PUBLISHED)
    async with held(database) as clockwork:
        await timer_upkeep.reckon_again(clockwork.department.engine.pool)
        assert await due_of(clockwork.department.engine.pool) == [DUE]
        clockwork.now = DUE - MINUTE
        await clockwork.pass_time()
        assert await clockwork.told(application) == []
        await clockwork.pass_time(MINUTE)
        assert await clockwork.told(application) == [("township", ()), ("county", ()), ("city", ())]


async def test_its_timer_outlives_a_step_that_is_passed(
    database: DepartmentDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    knows(monkeypatch, OLD)
    async with held(database, OLD) as clockwork:
        submit = replace(SUBMIT, chain=(AT_THE_VILLAGE, AT_THE_TOWNSHIP))
        await clockwork.command(APPLICATION_ID, submit)
        await clockwork.command(APPLICATION_ID, APPROVE)
        assert await due_of(clockwork.department.engine.pool) == [None]
        await clockwork.command(APPLICATION_ID, ApproveApplication(COLLEAGUE, NOW + 2 * MINUTE))
        assert await due_of(clockwork.department.engine.pool) == []


# Read models


async def test_in_the_queue_what_is_pending_comes_last_and_pages_go_right_across_it(
    database: DepartmentDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    knows(monkeypatch, OLD)
    async with held(database, OLD) as clockwork:
        pending = [await clockwork.submit(SLOW_FORM) for _ in range(3)]
        dated = [await clockwork.submit() for _ in range(3)]
        pool = clockwork.department.engine.pool
        for limit in range(1, 5):
            assert await queue_in_pages(pool, limit) == [*sorted(dated), *sorted(pending)]
        waiting = await waiting_for(pool, REVIEWER, VILLAGE, limit=9)
        assert [one.expected_by is None for one in waiting] == [False] * 3 + [True] * 3
        figures = await workload.of_division(pool, Part(VILLAGE, {Role.reviewer}, Period(NOW + MONTH)))
        assert (figures.waiting, figures.overdue) == (6, 3)


async def queue_in_pages(pool: Pool, limit: int) -> list[UUID]:
    seen: list[UUID] = []
    after = Place.first()
    while rows := await waiting_for(pool, REVIEWER, VILLAGE, after=after, limit=limit):
        seen += [row.application for row in rows]
        after = Place.parse(str(rows[-1].place))
    return seen


async def test_lists_are_made_again_by_a_release_with_the_calendar_and_know_the_date(
    database: DepartmentDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    knows(monkeypatch, OLD)
    async with held(database, OLD) as before:
        await before.submit(SLOW_FORM)
    knows(monkeypatch, PUBLISHED)
    later = tuple(replace(model, version=model.version + (model in RECKONING)) for model in SERVICE.read_models)
    async with running(replace(SERVICE, on_start=(), timers=(), read_models=later), database) as department:
        pool = department.engine.pool
        assert [one.expected_by for one in await waiting_for(pool, REVIEWER, VILLAGE, limit=9)] == [DUE]
        assert [one.expected_by for one in await applications_of(pool, ZHANG, limit=9)] == [DUE]


# HTTP


async def test_citizens_are_not_turned_away_at_the_turn_of_a_year(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    knows(monkeypatch, NONE_PUBLISHED)
    citizen, reviewer = await office.citizen(), await office.reviewer()
    answer = await citizen.post("/applications", json=economic(income_statement=await bring(citizen)))
    assert answer.status_code == 201, answer.text
    place = f"/applications/{answer.json()['application']}"
    [listed] = (await citizen.get("/applications")).json()["applications"]
    [waiting] = (await reviewer.get("/review-queue")).json()["waiting"]
    for told in (answer.json(), (await citizen.get(place)).json(), listed, waiting):
        assert (told["expected_by"], told["deadline_pending"]) == (None, True)
    assert waiting["is_overdue"] is False

    marked = {"wrong_fields": {"income_per_head": "与声明不一致"}}
    assert (await reviewer.post(f"{place}/send-back", json=marked)).status_code == 200
    assert deadline(await citizen.get(place)) == (False, False), "it stands still"
    assert deadline(await citizen.post(f"{place}/resubmit", json={"form": {"income_per_head": "18000"}})) == (
        False,
        True,
    )
    knows(monkeypatch, ALL_PUBLISHED)
    assert deadline(await citizen.get(place)) == (True, False), "reckoned at answering"
    assert (await reviewer.post(f"{place}/approve")).status_code == 200


def deadline(answer: httpx.Response) -> tuple[bool, bool]:
    """Whether a date is told, and whether it is pending."""
    assert answer.status_code == 200, answer.text
    return answer.json()["expected_by"] is not None, answer.json()["deadline_pending"]
