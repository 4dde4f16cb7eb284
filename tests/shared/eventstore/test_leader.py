"""Somebody leads, whatever happens to a leader."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.eventstore import leader
from shared.eventstore.leader import Leadership
from shared.eventstore.tasks import end
from tests.until import until


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leader, "TRY_EVERY", 0.02)
    monkeypatch.setattr(leader, "CHECK_EVERY", 0.02)


async def leading_through(database: DepartmentDatabase, failure: Callable[[], Awaitable[None]]) -> int:
    """How often it took the lead when its duties failed the first time."""
    times: list[int] = []

    async def duties() -> None:
        times.append(len(times))
        if len(times) == 1:
            await failure()
        await asyncio.Event().wait()

    campaign = asyncio.create_task(Leadership(database.app_url, "one").run(duties))
    await until(lambda: len(times) == 2 or campaign.done(), what="it leads again")
    await end(campaign)
    return len(times)


async def test_a_bug_in_a_duty_does_not_end_leading_for_ever(database: DepartmentDatabase) -> None:
    async def bug() -> None:
        raise ZeroDivisionError

    assert await leading_through(database, bug) == 2


async def test_a_lost_connection_ends_the_duties_and_it_leads_anew(database: DepartmentDatabase) -> None:
    async def lost() -> None:
        connection = await asyncpg.connect(database.admin_url)
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'one leader'"
        )
        await connection.close()

    assert await leading_through(database, lost) == 2


async def test_of_two_one_leads(database: DepartmentDatabase) -> None:
    leading: set[str] = set()

    def duties(name: str) -> Callable[[], Awaitable[None]]:
        async def lead() -> None:
            assert not leading, "the other leads"
            leading.add(name)
            try:
                await asyncio.Event().wait()
            finally:
                leading.discard(name)

        return lead

    both = {name: asyncio.create_task(Leadership(database.app_url, name).run(duties(name))) for name in ("a", "b")}
    await until(lambda: leading, what="one leads")
    first = next(iter(leading))
    await end(both.pop(first))
    await until(lambda: leading - {first}, what="the other takes over")
    await end(*both.values())
