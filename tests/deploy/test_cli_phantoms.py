"""`tongban phantoms list` on a department's database."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.certificates.service import SERVICE
from shared.messaging.phantom_verdicts import answer, propose
from tests import phantoms
from tests.department import Department, running
from tests.deploy.terminal import tongban


@pytest.fixture
async def department(database: DepartmentDatabase, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Department]:
    monkeypatch.setenv("CERTIFICATES_DATABASE_URL", database.app_url)
    async with running(SERVICE, database) as one:
        yield one


async def listed(tmp_path: Path, *arguments: str) -> tuple[int, str, str]:
    return await tongban("phantoms", "list", *arguments, "--data", tmp_path)


async def test_while_one_is_undecided_it_ends_with_1(department: Department, tmp_path: Path) -> None:
    assert await listed(tmp_path) == (0, "", "nothing followed from phantoms\n")
    pool = department.engine.pool
    phantom, event = await phantoms.lay(pool)
    code, told, _ = await listed(tmp_path, "certificates", "--json")
    [one] = [json.loads(line) for line in told.splitlines()]
    assert (code, one["department"], one["id"], one["phantom"]) == (1, "certificates", str(event), str(phantom))
    await propose(pool, event, "stands", "checked with the harbour", "staff:li")
    code, told, _ = await listed(tmp_path)
    assert (code, "waits for another officer" in told) == (1, True)
    await answer(pool, event, 1, "staff:wang", is_confirmed=True)
    assert await listed(tmp_path) == (0, "", "nothing followed from phantoms\n")
    code, told, _ = await listed(tmp_path, "--decided")
    assert (code, "confirmed by staff:wang" in told) == (0, True)


async def test_a_database_that_does_not_answer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CERTIFICATES_DATABASE_URL", "postgresql://certificates:x@127.0.0.1:9/certificates")
    code, _, errors = await listed(tmp_path, "certificates")
    assert code == 1
    assert "the database of certificates does not answer" in errors
