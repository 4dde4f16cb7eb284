"""Dismissed and moved staff on one running stack: what each department does once it has heard, and before."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from deploy.runner.stack import Stack
from deploy.secrets import ADMINISTRATOR
from deploy.seed.plant import plant, sign_in
from deploy.seed.samples import SampleStaff, sample_staff
from shared.contracts.identity import Role
from tests.until import until

FEED = "local.identity.staff"
ROUTES: Mapping[str, str] = {
    "identity": "/operations/parked",
    "certificates": "/operations/parked",
    "notification": "/inbox",
    "insurance": "/operations/parked",
    "cases": "/operations/stuck",
}
"""A route for staff at each department; an operator's own where there is one."""


@dataclass
class Town:
    """Five departments, and the staff of the samples."""

    stack: Stack
    departments: Mapping[str, httpx.AsyncClient]
    appointed: int

    async def signed_in(self, login: str) -> dict[str, str]:
        return await sign_in(self.departments["identity"], login, self.stack.secrets)

    async def staff_id(self, bearer: Mapping[str, str]) -> str:
        answer = await self.departments["identity"].get("/me", headers=bearer)
        return str(answer.json()["staff"])

    async def command(self, path: str, body: Any = None) -> int:
        """By the first administrator; the place of its event in the feed."""
        identity = self.departments["identity"]
        administrator = await self.signed_in(ADMINISTRATOR)
        done = (await identity.post(path, headers=administrator, json=body)).raise_for_status()
        event = done.headers["event-id"].split(",")[0].strip()

        async def place() -> int | None:
            answer = await identity.get(f"/published/{event}")
            return int(answer.json()["sequence"]) if answer.status_code == 200 else None

        return await until(place, what="the event is numbered")

    async def heard(self, department: str, sequence: int) -> None:
        """Returns once a department has taken in identity's staff up to there."""

        async def has() -> bool:
            answer = await self.departments[department].get("/health/ready")
            return bool((answer.json()["subscriptions"][FEED]["checkpoint"] or 0) >= sequence)

        if department != "identity":
            await until(has, what=f"{department} has heard")

    async def status(self, department: str, bearer: Mapping[str, str], path: str | None = None) -> int:
        answer = await self.departments[department].get(path or ROUTES[department], headers=bearer)
        return answer.status_code


@pytest.fixture(scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with AsyncExitStack() as exit:
        stack = await exit.enter_async_context(Stack(tmp_path_factory.mktemp("stack"), tell=lambda _: None))
        await stack.ready()
        needed = [one for one in sample_staff() if Role.helper not in one.roles]
        planted = await plant(stack.addresses["identity"], stack.secrets, needed, [])
        clients = {
            name: await exit.enter_async_context(httpx.AsyncClient(base_url=address, timeout=30, trust_env=False))
            for name, address in stack.addresses.items()
        }
        yield Town(stack, clients, planted.appointed + 1)  # and the first administrator


def operators() -> dict[str, SampleStaff]:
    return {str(one.department): one for one in sample_staff() if Role.operator in one.roles}


async def test_who_is_dismissed_is_refused_by_each_department_that_heard(town: Town) -> None:
    bearers = {name: await town.signed_in(one.login) for name, one in operators().items()}
    for name, bearer in bearers.items():
        await town.heard(name, town.appointed)
        assert (name, await town.status(name, bearer)) == (name, 200)
    for name, bearer in bearers.items():
        sequence = await town.command(f"/staff/{await town.staff_id(bearer)}/dismiss")
        await asyncio.gather(*(town.heard(one, sequence) for one in ROUTES))
        answered = await asyncio.gather(*(town.status(one, bearer) for one in ROUTES))
        assert (name, answered) == (name, [401] * len(ROUTES))


async def test_a_counter_that_is_closed_sees_no_more_cases(town: Town) -> None:
    bearer = await town.signed_in("zhengding.window")
    await town.heard("cases", town.appointed)
    before = await town.status("cases", bearer, "/bureau/cases")
    await town.heard("cases", await town.command(f"/staff/{await town.staff_id(bearer)}/dismiss"))

    assert (before, await town.status("cases", bearer, "/bureau/cases")) == (200, 401)


async def test_an_operator_of_one_department_operates_no_other(town: Town) -> None:
    bearer = await town.signed_in("catalogue.editor")
    assert {await town.status(name, bearer, "/operations/parked") for name in ROUTES} == {403}


async def test_who_is_moved_acts_as_what_they_are_now(town: Town) -> None:
    bearer = await town.signed_in("xibaitang.reviewer")
    desk = "/review-queue"
    before = await town.status("certificates", bearer, desk)
    position = {"roles": ["window"], "division": "130123100000"}
    sequence = await town.command(f"/staff/{await town.staff_id(bearer)}/move", position)
    await town.heard("certificates", sequence)

    assert (before, await town.status("certificates", bearer, desk)) == (200, 403)


async def test_while_the_broker_is_away_a_dismissal_waits_and_then_holds(town: Town) -> None:
    bearer = await town.signed_in("zhengdingzhen.leader")
    stack = town.stack
    await stack.nats_kept.stop()
    try:
        sequence = await town.command(f"/staff/{await town.staff_id(bearer)}/dismiss")
        at_once = await town.status("identity", bearer, "/me")
        meanwhile = await town.status("certificates", bearer, "/review-queue/figures")
    finally:
        await stack.nats_kept.start(stack._group)
    await town.heard("certificates", sequence)

    assert (at_once, meanwhile) == (401, 200)
    assert await town.status("certificates", bearer, "/review-queue/figures") == 401
