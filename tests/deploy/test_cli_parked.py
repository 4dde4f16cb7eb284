"""`tongban parked` on a department's database, as an operator types it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.certificates.service import SERVICE
from shared.contracts import envelope
from shared.contracts.identity import CitizenRegistered
from tests.department import Department, key_master_file, running
from tests.deploy.terminal import tongban

FEED = "local.identity.accounts"
CITIZEN = UUID(int=7)


@pytest.fixture
async def department(database: DepartmentDatabase, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Department]:
    monkeypatch.setenv("CERTIFICATES_DATABASE_URL", database.app_url)
    monkeypatch.setenv("CERTIFICATES_KEY_MASTER_FILE", str(key_master_file()))
    async with running(SERVICE, database) as one:
        yield one


async def parked(tmp_path: Path, *arguments: str) -> tuple[int, str, str]:
    return await tongban("parked", *arguments, "--data", tmp_path)


async def poison(department: Department) -> None:
    """An account opened, in words nobody reads; and once more."""
    for body in (b'"phone":"1"', b'"phone":"13800138000"'):
        event = CitizenRegistered.model_validate(
            {"citizen": CITIZEN, "name": "张三", "phone": "13800138000", "registered_at": "2024-01-01T00:00:00Z"}
        )
        numbered = await department.numbered(FEED, f"account-{CITIZEN}", event)
        await department.give_message(envelope.encode(numbered).replace(b'"phone":"13800138000"', body))


async def test_nothing_is_parked(department: Department, tmp_path: Path) -> None:
    assert await parked(tmp_path, "list") == (0, "", "nothing is parked\n")


async def test_from_the_list_to_the_drop(department: Department, tmp_path: Path) -> None:
    await poison(department)
    code, told, _ = await parked(tmp_path, "list", "--json")
    assert code == 1, "something waits"
    rows = [json.loads(line) for line in told.splitlines()]
    assert [(row["department"], row["feed"], row["sequence"]) for row in rows] == [
        ("certificates", FEED, 1),
        ("certificates", FEED, 2),
    ]
    _, table, _ = await parked(tmp_path, "list", "certificates")
    assert "waits behind another" in " ".join(table.split())

    code, told, _ = await parked(tmp_path, "show", "certificates", FEED, "2")
    assert code == 0
    assert json.loads(told)["event"]["data"]["name"] == "…"
    assert "张三" not in told

    assert await parked(tmp_path, "retry", "certificates") == (1, "", "0 applied, 2 still parked\n")
    code, _, _ = await parked(tmp_path, "drop", "certificates", FEED, "1", "--reason", "no such phone")
    assert code == 0
    assert await parked(tmp_path, "retry", "certificates", "--feed", FEED) == (0, "", "1 applied, 0 still parked\n")
    known = await department.engine.pool.fetchval("select count(*) from citizens where citizen = $1", CITIZEN)
    assert known == 1
    _, table, _ = await parked(tmp_path, "list", "--dropped")
    assert "no such phone" in " ".join(table.split())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("show", "certificates", FEED, "1"), "is not parked"),
        (("drop", "certificates", FEED, "1", "--reason", "because"), "is not parked"),
        (("retry", "weather"), "there is no department weather"),
        (("list", "identity"), "run `tongban up"),
    ],
)
async def test_what_cannot_be_done_is_told(
    department: Department, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    code, output, errors = await parked(tmp_path, *arguments)
    assert (code, output) == (1, "")
    assert told in errors


async def test_a_database_that_does_not_answer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CERTIFICATES_DATABASE_URL", "postgresql://certificates:x@127.0.0.1:9/certificates")
    monkeypatch.setenv("CERTIFICATES_KEY_MASTER_FILE", str(key_master_file()))
    code, _, errors = await parked(tmp_path, "list", "certificates")
    assert code == 1
    assert "the database of certificates does not answer" in errors
