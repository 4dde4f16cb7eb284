"""`tongban intake`: what a township wrote down without a network is handed in, each once, however often it is sent."""

import asyncio
import json
import os
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar, post

from deploy.embedded.department_database import DepartmentDatabase
from services.cases.service import SERVICE
from shared.contracts.identity import Role
from tests.department import running
from tests.deploy.serving import served
from tests.deploy.terminal import TONGBAN
from tests.services.cases.bureau import COUNTY, Bureau, form
from tests.services.cases.examples import CLERK

MOTHER = {"name": "季试用", "id_number": "130123199202189981"}
FATHER = {"name": "寓客来", "id_number": "130123198808169999"}


class Township:
    """The bureau served over HTTP, and a door to sign in at."""

    def __init__(self, bureau: Bureau, cases: str, identity: str, file: Path) -> None:
        self.bureau, self.file = bureau, file
        self._at = ("--url", cases, "--identity-url", identity)

    async def intake(self, *lines: Any) -> tuple[int, list[str], str]:
        """Exit code, lines answered, what was told."""
        text = "\n".join(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
        self.file.write_text(text, "utf-8")
        process = await asyncio.create_subprocess_exec(
            TONGBAN,
            "intake",
            self.file,
            "--login",
            "window",
            *self._at,
            stdout=PIPE,
            stderr=PIPE,
            env={**os.environ, "TONGBAN_PASSWORD": "secret"},
        )
        output, errors = await process.communicate()
        assert process.returncode is not None
        return process.returncode, output.decode().splitlines(), errors.decode()

    async def cases(self) -> list[str]:
        window = await self.bureau.staff()
        return [one["case"] for one in (await window.get("/bureau/cases")).json()["cases"]]


@pytest.fixture
async def township(database: DepartmentDatabase, tmp_path: Path) -> AsyncIterator[Township]:
    async with AsyncExitStack() as stack:
        department = await stack.enter_async_context(running(SERVICE, database))
        bureau = await stack.enter_async_context(Bureau(department))
        await bureau.know_the_parents()

        @post("/staff/sign-in", status_code=200)
        async def sign_in() -> dict[str, str]:
            return {"access_token": department.token("staff", CLERK, [Role.window], COUNTY)}

        cases = await stack.enter_async_context(served(department.app))
        identity = await stack.enter_async_context(served(Litestar([sign_in])))
        yield Township(bureau, cases, identity, tmp_path / "births.jsonl")


def line(applicant: dict[str, str] = MOTHER, **changed: str) -> dict[str, Any]:
    return {**form(**changed), "applicant": applicant, "card_seen": True, "written_at": "2023-12-20T09:00:00+08:00"}


async def test_each_is_handed_in_once_however_often_the_file_is_sent(township: Township) -> None:
    lines = line(), line(birth_order="second", child_name="寓小雪")
    code, first, told = await township.intake(*lines)
    assert code == 0, told
    assert [one.split("\t")[0] for one in first] == ["1", "2"]
    code, again, told = await township.intake(*lines)
    assert (code, again) == (0, first)
    assert sorted(await township.cases()) == sorted(one.split("\t")[1] for one in first)


async def test_what_the_other_parent_handed_in_meanwhile_is_there_already(township: Township) -> None:
    assert (await township.intake(line()))[0] == 0
    code, answered, told = await township.intake(line(FATHER))
    assert (code, answered) == (0, [])
    assert "0 handed in, 1 were there already" in told


async def test_lines_to_correct_are_told_by_line_and_field_and_the_others_handed_in(township: Township) -> None:
    stranger = {"name": "别人", "id_number": "130123199202189981"}
    code, answered, told = await township.intake(
        "{no json", {"definition": "birth"}, line(child_name="王小满"), line(stranger), line()
    )
    assert code == 1
    assert [one.split("\t")[0] for one in answered] == ["5"]
    assert "4 lines to correct" in told
    errors = township.file.with_name("births.errors.csv").read_text("utf-8-sig").splitlines()
    assert [row.split(",")[0] for row in errors] == ["line", "1", "2", "3", "4"]
    assert errors[3].startswith("3,child_name,")
    assert len(await township.cases()) == 1
