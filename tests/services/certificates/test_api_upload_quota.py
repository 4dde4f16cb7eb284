"""Nobody fills our disks: quotas over HTTP, and what nobody used is swept away."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import uuid4

import httpx
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.certificates.domain.dates import day_in_china
from services.certificates.service import SERVICE
from services.certificates.sweeping_uploads import SweepingUploads
from shared.contracts.identity import Role
from shared.department import files
from tests.department import running
from tests.services.certificates.examples import LI
from tests.services.certificates.office import PDF, Office, apply, bring, problem
from tests.services.certificates.test_api_evidence import economic

DAYS = timedelta(days=30)
LATER = DAYS + timedelta(hours=1)
LARGE = PDF + bytes(4 * 1024 * 1024)


@pytest.fixture
async def strict(database: DepartmentDatabase) -> AsyncIterator[Office]:
    """A department where three files a day may come, and 5 MB lie unused."""
    async with (
        running(SERVICE, database, uploads_a_day=3, unused_uploads_mb=5) as department,
        Office(department) as one,
    ):
        yield one


def paper(number: int) -> bytes:
    return PDF + str(number).encode()


async def brought(client: httpx.AsyncClient, content: bytes) -> httpx.Response:
    return await client.post("/evidence", content=content, headers={"content-type": "application/pdf"})


async def is_there(office: Office, name: str) -> bool:
    return await files.get(office.department.engine.pool, name) is not None


async def sweep(office: Office, later: timedelta) -> None:
    await SweepingUploads(office.department.engine.store, DAYS).sweep(lambda: datetime.now(UTC) + later)


async def on_one_day(office: Office, story: Callable[[httpx.AsyncClient], Awaitable[None]]) -> None:
    """Of a citizen of its own; should midnight in China come in between, once more of another one."""
    day = day_in_china(datetime.now(UTC))
    try:
        await story(await office.citizen(uuid4(), is_known=False))
    except AssertionError:
        if day_in_china(datetime.now(UTC)) == day:
            raise
        await story(await office.citizen(uuid4(), is_known=False))


async def test_of_many_at_once_no_more_are_taken_than_may_come_in_a_day(strict: Office) -> None:
    async def story(citizen: httpx.AsyncClient) -> None:
        answers = await asyncio.gather(*(brought(citizen, paper(n)) for n in range(8)))
        assert sorted(answer.status_code for answer in answers) == 3 * [201] + 5 * [429]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert {problem(answer) for answer in refused} == {(429, "too_many_uploads")}
        assert 0 < int(refused[0].headers["retry-after"]) <= 24 * 3600
        assert (await brought(await strict.citizen(LI), paper(0))).status_code == 201  # each has his own

    await on_one_day(strict, story)


async def test_what_was_brought_already_is_taken_again_on_a_full_day(strict: Office) -> None:
    async def story(citizen: httpx.AsyncClient) -> None:
        for n in range(3):
            await bring(citizen, paper(n))
        assert (await brought(citizen, paper(1))).status_code == 201
        assert problem(await brought(citizen, paper(3))) == (429, "too_many_uploads")

    await on_one_day(strict, story)


async def test_too_much_that_no_application_names_is_refused_until_one_does(strict: Office) -> None:
    citizen = await strict.citizen()
    large = await bring(citizen, LARGE)
    other = LARGE + b"2"
    answer = await brought(citizen, other)
    assert problem(answer) == (429, "too_much_unused")
    assert "5 MB" in answer.json()["detail"]
    assert not await is_there(strict, sha256(other).hexdigest())
    submitted = await citizen.post("/applications", json=economic(income_statement=large))
    assert submitted.status_code == 201, submitted.text
    assert (await brought(citizen, other)).status_code == 201


async def test_the_counter_brings_papers_for_many(strict: Office) -> None:
    window = await strict.at(Role.window)
    for n in range(5):
        assert (await brought(window, paper(n))).status_code == 201


async def test_a_paper_nobody_used_is_swept_away_in_two_steps(office: Office) -> None:
    citizen = await office.citizen()
    name = await bring(citizen)
    await sweep(office, DAYS - timedelta(minutes=1))
    await sweep(office, LATER)
    assert await is_there(office, name)
    answer = await citizen.post("/applications", json=economic(income_statement=name))
    assert problem(answer)[0] == 422
    await sweep(office, LATER + timedelta(minutes=59))
    assert await is_there(office, name)
    await sweep(office, LATER + timedelta(hours=1, minutes=1))
    assert not await is_there(office, name)
    assert await bring(citizen) == name  # it may come again
    await sweep(office, timedelta(hours=2))
    assert await is_there(office, name)
    assert (await citizen.post("/applications", json=economic(income_statement=name))).status_code == 201


async def test_what_an_application_or_somebody_else_names_stays(office: Office) -> None:
    citizen, other = await office.citizen(), await office.citizen(LI)
    used, shared = await bring(citizen, paper(1)), await bring(citizen, paper(2))
    assert (await citizen.post("/applications", json=economic(income_statement=used))).status_code == 201
    await sweep(office, LATER)
    assert await bring(other, paper(2)) == shared
    await sweep(office, DAYS - timedelta(minutes=1))
    await sweep(office, LATER - timedelta(hours=2))
    assert await is_there(office, used)
    assert await is_there(office, shared)


async def test_a_certificate_that_was_brought_as_a_paper_keeps_its_document(office: Office) -> None:
    citizen, reviewer = await office.citizen(), await office.reviewer()
    approved = await reviewer.post(f"/applications/{await apply(citizen)}/approve")
    certificate = approved.json()["certificate"]
    document = (await citizen.get(f"/certificates/{certificate}/document")).content
    await bring(citizen, document)
    await sweep(office, LATER)
    await sweep(office, LATER + timedelta(hours=2))
    assert (await citizen.get(f"/certificates/{certificate}/document")).content == document
