"""`tongban messages` on a department's database, as an operator types it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.notification.service import SERVICE
from shared.department.message_gateway import Message, gateway_of
from shared.standards.phone import MobileNumber
from tests.department import Department, running
from tests.deploy.terminal import tongban

PHONE, OTHER = MobileNumber("13800138000"), MobileNumber("13900139000")


@pytest.fixture
async def department(database: DepartmentDatabase, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Department]:
    monkeypatch.setenv("NOTIFICATION_DATABASE_URL", database.app_url)
    async with running(SERVICE, database) as one:
        yield one


async def messages(tmp_path: Path, *arguments: str) -> tuple[int, str, str]:
    return await tongban("messages", *arguments, "--data", tmp_path)


async def test_what_lies_in_the_sink_is_shown_the_latest_first(department: Department, tmp_path: Path) -> None:
    assert await messages(tmp_path) == (0, "", "no messages\n")
    gateway = gateway_of(department.settings, department.engine.pool)
    for phone, text in ((PHONE, "first"), (OTHER, "to another"), (PHONE, "second")):
        await gateway.send(Message(phone, "test", text))

    code, told, errors = await messages(tmp_path, "notification", "--phone", "138 0013 8000", "--json")
    assert (code, [json.loads(line)["text"] for line in told.splitlines()]) == (0, ["second", "first"])
    assert "kept and not sent" in errors
    _, told, _ = await messages(tmp_path)
    assert "notification" in told
    assert "to another" in told


@pytest.mark.parametrize("arguments", [("--phone", "1"), ("weather",)])
async def test_what_cannot_be_shown_is_told(department: Department, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    code, output, errors = await messages(tmp_path, *arguments)
    assert (code != 0, output) == (True, "")
    assert "mobile" in errors or "there is no department" in errors or "11" in errors
