"""What an operator does over HTTP about events that could not be handled."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts import envelope
from shared.contracts.identity import Role, SigningKeyPublished, SigningKeyRetired
from shared.department.service import Service
from tests.department import Department, running
from tests.shared.department.library import CONTRACTS, LIBRARY, SHARING

FEED = "local.identity.keys"


@pytest.fixture
async def department(database: DepartmentDatabase, tmp_path: Path) -> AsyncIterator[Department]:
    sharing = tmp_path / "sharing.yaml"
    sharing.write_text(SHARING)
    async with running(Service(LIBRARY), database, sharing_file=sharing, contracts=CONTRACTS) as one:
        yield one


@pytest.fixture
async def operator(department: Department) -> AsyncIterator[httpx.AsyncClient]:
    token = department.token("staff", roles=[Role.operator], division="130000000000", department="library")
    async with department.client(token) as client:
        yield client


async def poison(department: Department, kid: str, then: int = 1) -> None:
    """A key's first event is in a schema newer than anyone here knows; so many more of the same stream follow."""
    key = SigningKeyPublished(kid=kid, public_key="k", published_at=datetime.now(UTC))
    body = envelope.encode(await department.numbered(FEED, f"signing-key-{kid}", key))
    await department.give_message(body.replace(b":identity.SigningKeyPublished:1", b":identity.SigningKeyPublished:9"))
    for _ in range(then):
        later = await department.numbered(
            FEED, f"signing-key-{kid}", SigningKeyRetired(kid=kid, retired_at=datetime.now(UTC))
        )
        await department.give_message(envelope.encode(later))


async def listed(operator: httpx.AsyncClient, **params: Any) -> list[tuple[int, str | None]]:
    answer = await operator.get("/operations/parked", params=params)
    assert answer.status_code == 200
    return [(one["sequence"], one["error"] and one["error"].partition(":")[0]) for one in answer.json()["parked"]]


async def test_the_empty_list(operator: httpx.AsyncClient) -> None:
    assert (await operator.get("/operations/parked")).json() == {"parked": [], "next": None}


async def test_an_operator_sees_what_waits_and_why(department: Department, operator: httpx.AsyncClient) -> None:
    await poison(department, "a")
    assert await listed(operator) == [(2, "OfNewerRelease"), (3, None)]
    one = (await operator.get(f"/operations/parked/{FEED}/2")).json()
    assert one["event"]["type"] == "identity.SigningKeyPublished"
    assert one["event"]["dataschema"].endswith(":9")
    health = (await operator.get("/health/ready")).json()
    assert health["subscriptions"][FEED]["parked"] == 2
    assert health["is_ready"] is True


async def test_a_retry_that_fails_again_counts_and_says_so(department: Department, operator: httpx.AsyncClient) -> None:
    await poison(department, "a")
    assert (await operator.post("/operations/parked/retry", json={})).json() == {"applied": 0, "still_parked": 2}
    assert (await operator.get(f"/operations/parked/{FEED}/2")).json()["attempts"] == 2


async def test_what_is_dropped_is_kept_with_name_and_reason_and_the_rest_goes_on(
    department: Department, operator: httpx.AsyncClient
) -> None:
    await poison(department, "a")
    dropped = await operator.post(f"/operations/parked/{FEED}/2/drop", json={"reason": "never shipped"})
    assert dropped.status_code == 200
    assert dropped.json()["reason"] == "never shipped"
    assert dropped.json()["dropped_by"].startswith("staff:")
    retried = await operator.post("/operations/parked/retry", json={"feed": FEED, "stream": "signing-key-a"})
    assert retried.json() == {"applied": 1, "still_parked": 0}
    assert await listed(operator) == []
    assert await listed(operator, dropped=True) == [(2, "OfNewerRelease")]


async def test_pages_follow_each_other(department: Department, operator: httpx.AsyncClient) -> None:
    await poison(department, "a", then=4)
    await poison(department, "b", then=0)
    assert len(await listed(operator, stream="signing-key-b")) == 1
    first = (await operator.get("/operations/parked", params={"limit": 4})).json()
    second = (await operator.get("/operations/parked", params={"limit": 4, "after": first["next"]})).json()
    assert [one["sequence"] for page in (first, second) for one in page["parked"]] == [2, 3, 4, 5, 6, 7]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/operations/parked", None),
        ("GET", f"/operations/parked/{FEED}/2", None),
        ("POST", "/operations/parked/retry", {}),
        ("POST", f"/operations/parked/{FEED}/2/drop", {"reason": "because"}),
    ],
)
async def test_nobody_but_an_operator(department: Department, method: str, path: str, body: object) -> None:
    reviewer = department.token("staff", roles=[Role.reviewer, Role.administrator], division="130000000000")
    for token, status in ((None, 401), (department.token(), 403), (reviewer, 403)):
        async with department.client(token) as client:
            assert (await client.request(method, path, json=body)).status_code == status


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/operations/parked?after=nowhere", None, 422),
        ("GET", f"/operations/parked?after={FEED}.99999999999999999999", None, 422),
        ("GET", "/operations/parked?limit=0", None, 422),
        ("GET", f"/operations/parked/{FEED}/1", None, 404),
        ("GET", f"/operations/parked/{FEED}/99999999999999999999", None, 404),
        ("POST", f"/operations/parked/{FEED}/1/drop", {"reason": "because"}, 404),
        ("POST", f"/operations/parked/{FEED}/1/drop", {"reason": ""}, 422),
        ("POST", f"/operations/parked/{FEED}/1/drop", {}, 422),
        ("POST", "/operations/parked/retry", {"all": True}, 422),
    ],
)
async def test_bad_input_is_told(
    operator: httpx.AsyncClient, method: str, path: str, body: object, status: int
) -> None:
    answer = await operator.request(method, path, json=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
