"""Bounds of what one person has a department store in a day."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from shared.contracts.errors import TooMany
from shared.department.caller import Caller
from shared.department.day_quota import DayQuota, size_of
from shared.department.limits import LARGEST_BODY
from shared.standards.divisions import WHOLE_COUNTRY
from tests.databases import Databases
from tests.department import Department, running
from tests.shared.department import library

NOON = datetime(2099, 1, 1, 4, 0, tzinfo=UTC)  # in China; what is past is swept meanwhile
KB = 1024


async def test_commands_end_with_the_quota(department: Department) -> None:
    quota, citizen = DayQuota(department.engine.pool, commands=2), Caller("citizen", uuid4())
    await quota.spend(citizen, 0, NOON)
    await quota.spend(citizen, 0, NOON)
    with pytest.raises(TooMany) as refused:
        await quota.spend(citizen, 0, NOON)
    assert refused.value.facts["retry_after"] == timedelta(hours=12).total_seconds()


async def test_bytes_end_with_the_quota(department: Department) -> None:
    quota, citizen = DayQuota(department.engine.pool, kilobytes=10), Caller("citizen", uuid4())
    await quota.spend(citizen, 10 * KB, NOON)
    with pytest.raises(TooMany):
        await quota.spend(citizen, 1, NOON)


async def test_everybody_has_a_quota_of_their_own(department: Department) -> None:
    quota = DayQuota(department.engine.pool, commands=1)
    for citizen in (uuid4(), uuid4()):
        await quota.spend(Caller("citizen", citizen), 0, NOON)


async def test_the_next_day_counts_from_nothing(department: Department) -> None:
    quota, citizen = DayQuota(department.engine.pool, commands=1), Caller("citizen", uuid4())
    await quota.spend(citizen, 0, NOON)
    await quota.spend(citizen, 0, NOON + timedelta(hours=12))


async def test_no_count_runs_over(department: Department) -> None:
    quota, citizen = DayQuota(department.engine.pool), Caller("citizen", uuid4())
    for _ in range(3):
        with pytest.raises(TooMany):
            await quota.spend(citizen, 2**31 - 1, NOON)


async def test_staff_have_a_larger_quota_of_their_own(department: Department) -> None:
    quota, staff = DayQuota(department.engine.pool, commands=0, staff_commands=1), Caller("staff", uuid4())
    await quota.spend(staff, LARGEST_BODY, NOON)
    with pytest.raises(TooMany):
        await quota.spend(staff, 0, NOON)


async def test_a_citizen_beyond_it_still_reads_and_staff_go_on(databases: Databases, sharing_file: Path) -> None:
    async with (
        databases.fresh() as database,
        running(
            library.SERVICE,
            database,
            sharing_file=sharing_file,
            contracts=library.CONTRACTS,
            citizen_commands_a_day=1,
        ) as department,
        department.client(department.token()) as citizen,
        department.client(department.token("staff", division=WHOLE_COUNTRY)) as staff,
    ):
        loans = [f"/loans/{uuid4()}" for _ in range(3)]
        lent = [(await citizen.post(loan, json={"title": "x"})).status_code for loan in loans]
        by_staff = [(await staff.post(loan, json={"title": "x"})).status_code for loan in loans[1:]]
        again = await citizen.post(loans[0], json={"title": "x"})
        read = await citizen.get(loans[0])

    assert lent == [201, 429, 429]
    assert by_staff == [201, 201]
    assert again.json()["code"] == "too_much_today"
    assert 0 < int(again.headers["retry-after"]) <= 24 * 60 * 60
    assert read.json()["title"] == "x"


@pytest.mark.parametrize(
    ("headers", "size"),
    [
        ({b"content-type": b"application/json", b"content-length": b"7"}, 7),
        ({b"content-type": b"application/JSON; charset=utf-8", b"content-length": b"7"}, 7),
        ({b"content-type": b"application/json"}, LARGEST_BODY),
        ({b"content-type": b"application/json", b"content-length": b"9" * 30}, LARGEST_BODY),
        ({b"content-type": b"image/png", b"content-length": b"7"}, 0),
        ({}, 0),
    ],
)
def test_a_body_counts_by_its_length(headers: dict[bytes, bytes], size: int) -> None:
    assert size_of(headers) == size
