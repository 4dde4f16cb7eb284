"""A promise over a year's turn: pending until the calendar is published, then it runs without anybody asking."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.cases.api.answers import CaseShown, ItemShown, show_case
from services.cases.domain.case import CASE
from services.cases.domain.consent import OpenCase
from services.cases.domain.supplement import AskSupplement, Supplement
from shared.contracts.cases import CertificatesItemRequested
from shared.eventstore import timer_upkeep
from shared.standards.working_days import PUBLISHED, Calendar
from tests.calendars import knows
from tests.services.cases.examples import BIRTH, CLERK, MOTHER, item, opened
from tests.services.cases.test_escalating import Clockwork, held

OLD = Calendar(2023)
THURSDAY = datetime(2023, 12, 28, 2, 0, tzinfo=UTC)
DUE = datetime(2024, 1, 2, 16, 0, tzinfo=UTC)
"""Two working days: Friday, and Tuesday after New Year."""
MINUTE = timedelta(minutes=1)
OPEN = OpenCase(opened(item("birth_medical")).model_copy(update={"opened_at": THURSDAY}))


async def shown(clockwork: Clockwork, now: datetime) -> tuple[CaseShown, ItemShown]:
    case = show_case(list((await clockwork.store.load(CASE.stream(BIRTH), CASE)).events), now)
    return case, case.items[0]


async def due_of_item(clockwork: Clockwork) -> list[Any]:
    rows = await clockwork.department.engine.pool.fetch(
        "select due_at, clock is not null as has_clock from timers where name = 'birth_medical township'"
    )
    return [tuple(row) for row in rows]


async def test_a_pending_promise_is_shown_as_such_and_has_a_timer_that_waits_for_the_calendar(
    database: DepartmentDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    knows(monkeypatch, OLD)
    async with held(database, OLD) as clockwork:
        await clockwork.command(OPEN)
        case, one = await shown(clockwork, THURSDAY)
        assert (case.expected_by, case.deadline_pending) == (None, True)
        assert (one.due_by, one.deadline_pending, one.is_overdue) == (None, True, False)
        assert await due_of_item(clockwork) == [(None, True)]
        await clockwork.until(DUE + timedelta(days=30))
        assert await clockwork.told() == []


async def test_once_the_calendar_is_published_it_runs_out_like_any_other(
    database: DepartmentDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release with the new calendar is started; nobody asks for the case."""
    knows(monkeypatch, OLD)
    async with held(database, OLD) as before:
        await before.command(OPEN)
    knows(monkeypatch, PUBLISHED)
    async with held(database) as clockwork:
        await clockwork.appoint_everywhere()
        await timer_upkeep.reckon_again(clockwork.department.engine.pool)
        assert await due_of_item(clockwork) == [(DUE, True)]
        case, one = await shown(clockwork, THURSDAY)
        assert (one.due_by, one.deadline_pending, case.deadline_pending) == (DUE, False, False)
        assert case.expected_by is not None
        await clockwork.until(DUE - MINUTE)
        assert await clockwork.told() == []
        await clockwork.until(DUE)
        assert [(code, level) for code, level, _ in await clockwork.told()] == [("birth_medical", "township")]
        stuck = "select due_by from case_items where item = 'birth_medical'"
        assert await clockwork.department.engine.pool.fetchval(stuck) == DUE, "the bureau's list knows it too"


async def test_a_supplement_moves_a_pending_promise(
    database: DepartmentDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    knows(monkeypatch, OLD)
    async with held(database, OLD) as before:
        await before.command(OPEN)
        await before.command(AskSupplement(CLERK, "请补充出院小结编号", THURSDAY + MINUTE))
        await before.command(Supplement(MOTHER, "CY-20231220-01", THURSDAY + timedelta(days=1)))
        assert await due_of_item(before) == [(None, True)]
    knows(monkeypatch, PUBLISHED)
    async with held(database) as clockwork:
        await timer_upkeep.reckon_again(clockwork.department.engine.pool)
        [(due, _)] = await due_of_item(clockwork)
        assert due == DUE + timedelta(days=1)
        await clockwork.until(due)
        assert ("birth_medical", "township") in [(code, level) for code, level, _ in await clockwork.told()]


def test_a_request_whose_calendar_is_published_carries_no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    for calendar, is_pending in ((OLD, True), (PUBLISHED, False)):
        knows(monkeypatch, calendar)
        asked = [one for one in CASE.decide(CASE.initial, OPEN) if isinstance(one, CertificatesItemRequested)]
        assert [(one.pending is not None, one.due_by is None) for one in asked] == [(is_pending, is_pending)]
