"""What cannot be done now: kept, tried again, seen by operators over HTTP and on the command line."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from structlog.testing import capture_logs

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts.errors import ConcurrencyConflict, Misconfigured
from shared.contracts.identity import Role
from shared.department import stuck
from shared.department.paging import Place
from shared.department.service import Service
from shared.department.stuck import FIRST, LONGEST
from shared.department.sweeping import go_through
from shared.eventstore.database import Pool
from tests.department import Department, running
from tests.deploy.terminal import tongban
from tests.shared.department.library import CONTRACTS, LIBRARY, SHARING

NOW = datetime(2023, 12, 22, 2, 0, tzinfo=UTC)
LIST = "books to bind"


class Bindery:
    """A to-do list in memory, and what becomes of each book."""

    def __init__(self, pool: Pool, *books: UUID) -> None:
        self.pool = pool
        self.to_bind = [Place(NOW, book) for book in sorted(books)]
        self.problems: dict[UUID, Exception] = {}
        self.tried: list[UUID] = []
        self.now = NOW

    async def next(self, pool: Pool, *, after: Place, limit: int) -> Sequence[Place]:
        return [place for place in self.to_bind if place > after][:limit]

    async def bind(self, place: Place) -> bool:
        self.tried.append(place.id)
        if problem := self.problems.get(place.id):
            raise problem
        self.to_bind.remove(place)
        return True

    async def sweep(self) -> int:
        return await go_through(LIST, self.next, self.bind, self.pool, lambda: self.now, a_page=1)


@pytest.fixture
async def department(
    database: DepartmentDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Department]:
    sharing = tmp_path / "sharing.yaml"
    sharing.write_text(SHARING)
    monkeypatch.setenv("CERTIFICATES_DATABASE_URL", database.app_url)
    async with running(Service(LIBRARY), database, sharing_file=sharing, contracts=CONTRACTS) as one:
        yield one


async def test_what_cannot_be_done_rests_and_holds_up_nobody(department: Department) -> None:
    bad, good = UUID(int=1), UUID(int=2)
    bindery = Bindery(department.engine.pool, bad, good)
    bindery.problems[bad] = Misconfigured("no glue")
    with capture_logs() as logs:
        assert await bindery.sweep() == 1
        assert await bindery.sweep() == 0
    assert bindery.tried == [bad, good]
    assert [(line["event"], line["id"]) for line in logs if line.get("list") == LIST] == [
        ("cannot be done now", str(bad))
    ]


async def test_it_is_told_again_only_when_something_changes(department: Department) -> None:
    book = uuid4()
    bindery = Bindery(department.engine.pool, book)
    with capture_logs() as logs:
        for problem in (Misconfigured("no glue"), Misconfigured("no glue"), Misconfigured("no thread"), None):
            bindery.problems = {book: problem} if problem else {}
            await bindery.sweep()
            bindery.now += LONGEST
    told = [line["event"] for line in logs if line.get("list") == LIST]
    assert told == ["cannot be done now", "cannot be done now", "no longer stuck"]
    assert await stuck.count(bindery.pool) == 0


async def test_the_pause_grows_to_a_limit() -> None:
    pauses = [stuck.pause(attempts) for attempts in range(1, 100)]
    assert FIRST * 0.75 <= pauses[0] <= FIRST
    assert all(pause <= LONGEST for pause in pauses)
    assert pauses[-1] >= LONGEST * 0.75


async def test_what_is_only_busy_does_not_rest(department: Department) -> None:
    book = uuid4()
    bindery = Bindery(department.engine.pool, book)
    bindery.problems[book] = ConcurrencyConflict("moved on")
    await bindery.sweep()
    bindery.problems = {}
    assert await bindery.sweep() == 1


async def test_what_was_seen_to_elsewhere_is_no_longer_stuck(department: Department) -> None:
    book = uuid4()
    bindery = Bindery(department.engine.pool, book)
    bindery.problems[book] = KeyError("a bug")
    await bindery.sweep()
    assert await stuck.count(bindery.pool) == 1
    bindery.to_bind = []
    await bindery.sweep()
    assert await stuck.count(bindery.pool) == 0


async def operator(department: Department) -> httpx.AsyncClient:
    return department.client(
        department.token("staff", roles=[Role.operator], division="130000000000", department="library")
    )


async def test_an_operator_sees_it_and_has_it_tried_again(department: Department) -> None:
    bindery = Bindery(department.engine.pool, *(UUID(int=n) for n in range(1, 4)))
    bindery.problems = {place.id: Misconfigured("no glue") for place in bindery.to_bind}
    async with await operator(department) as client:
        assert (await client.get("/operations/stuck")).json() == {"stuck": [], "next": None}
        await bindery.sweep()
        seen: list[dict[str, Any]] = []
        after = None
        while True:
            page = (
                await client.get("/operations/stuck", params={"limit": 2} | ({"after": after} if after else {}))
            ).json()
            seen += page["stuck"]
            if (after := page["next"]) is None:
                break
        assert [(one["list"], one["id"], one["attempts"]) for one in seen] == [
            (LIST, str(UUID(int=n)), 1) for n in range(1, 4)
        ]
        assert seen[0]["problem"].startswith("Misconfigured: no glue")
        assert (await client.get("/health/ready")).json()["stuck"] == 3
        bindery.now = datetime.now(UTC) + timedelta(seconds=1)
        await stuck.keep(bindery.pool, LIST, Place(NOW, UUID(int=9)), "x", None, bindery.now + LONGEST)
        retried = await client.post("/operations/stuck/retry", json={"list": LIST, "id": str(UUID(int=9))})
        assert retried.json() == {"retried": 1}
    assert (await stuck.of(bindery.pool, LIST))[UUID(int=9)].try_at <= bindery.now


async def test_only_operators_see_it(department: Department) -> None:
    async with department.client(department.token("staff", roles=[Role.window], division="130000000000")) as client:
        assert (await client.get("/operations/stuck")).status_code == 403
        assert (await client.post("/operations/stuck/retry", json={})).status_code == 403
    async with await operator(department) as client:
        assert (await client.post("/operations/stuck/retry", json={"everything": True})).status_code == 422
        assert (await client.get("/operations/stuck?after=nowhere")).status_code == 422


async def test_on_the_command_line(department: Department, tmp_path: Path) -> None:
    assert await tongban("stuck", "list", "--data", tmp_path) == (0, "", "nothing is stuck\n")
    bindery = Bindery(department.engine.pool, UUID(int=5))
    bindery.problems[UUID(int=5)] = Misconfigured("no glue")
    bindery.now = datetime.now(UTC) + timedelta(hours=1)
    await bindery.sweep()
    code, told, _ = await tongban("stuck", "list", "certificates", "--json", "--data", tmp_path)
    row = json.loads(told)
    assert (code, row["department"], row["list"], row["id"]) == (1, "certificates", LIST, str(UUID(int=5)))
    _, told, _ = await tongban("stuck", "list", "--data", tmp_path)
    assert "no glue" in told
    code, _, told = await tongban("stuck", "retry", "certificates", "--list", LIST, "--data", tmp_path)
    assert (code, told) == (0, "1 will be tried again within seconds\n")
