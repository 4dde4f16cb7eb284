"""`tongban keys` on a department's database, as an operator types it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.certificates.service import SERVICE
from tests.department import Department, running
from tests.deploy.terminal import tongban
from tests.shared.messaging.attacked import keys_of

KEY, FEED = "abcdefghijk", "local.identity.people"


@pytest.fixture
async def department(database: DepartmentDatabase, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Department]:
    monkeypatch.setenv("CERTIFICATES_DATABASE_URL", database.app_url)
    async with running(SERVICE, database) as one:
        yield one


async def keys(tmp_path: Path, *arguments: str) -> tuple[int, str, str]:
    return await tongban("keys", *arguments, "--data", tmp_path)


async def test_from_the_list_to_the_giving_up(department: Department, tmp_path: Path) -> None:
    assert await keys(tmp_path, "list") == (0, "", "no key is missing\n")
    await keys_of(department.engine).note_missing([KEY], FEED)
    code, told, _ = await keys(tmp_path, "list", "certificates")
    assert (code, told.splitlines()[0]) == (1, f"certificates: {KEY} of local.identity, for {FEED}")
    code, _, told = await keys(tmp_path, "give-up", "certificates", "local.identity", KEY, "--reason", "it is lost")
    assert (code, told) == (0, f"{KEY} of local.identity given up; what it seals reads as empty\n")
    assert await keys(tmp_path, "list") == (0, "", "no key is missing\n")
    code, told, _ = await keys(tmp_path, "list", "--given-up", "--json")
    [one] = [json.loads(line) for line in told.splitlines()]
    assert (code, one["reason"], one["given_up_by"].partition(":")[0]) == (0, "it is lost", "operator")
    code, _, told = await keys(tmp_path, "give-up", "certificates", "local.identity", KEY, "--reason", "once more")
    assert (code, told) == (1, f"tongban: certificates waits for no key {KEY} of local.identity\n")


async def test_a_reason_is_needed(department: Department, tmp_path: Path) -> None:
    code, _, told = await keys(tmp_path, "give-up", "certificates", "local.identity", KEY, "--reason", " ")
    assert (code, "say why" in told) == (2, True)
