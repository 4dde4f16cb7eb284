"""A case's names are spelt once; the child's is a name before anything begins."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.cases.service import SERVICE
from shared.contracts.identity import PersonCorrected
from shared.standards.id_number import IdNumber
from tests.department import running
from tests.names import ALIKE
from tests.services.cases.bureau import NAMES, Bureau, at_counter, fields, form, problem
from tests.services.cases.examples import MOTHER

NUMBER = NAMES[MOTHER][1]


@pytest.fixture
async def bureau(database: DepartmentDatabase) -> AsyncIterator[Bureau]:
    async with running(SERVICE, database) as department, Bureau(department) as bureau:
        await bureau.know_the_parents()
        yield bureau


@pytest.mark.parametrize(("written", "typed", "name"), ALIKE)
async def test_any_spelling_is_the_same_person(bureau: Bureau, written: str, typed: str, name: str) -> None:
    corrected = PersonCorrected(
        person=MOTHER, name=written, id_number=IdNumber(NUMBER), reason="录入", corrected_at=datetime.now(UTC)
    )
    await bureau.department.give(f"person-{MOTHER}", corrected)
    body = {**at_counter(), "applicant": {"name": typed, "id_number": NUMBER}}
    answer = await (await bureau.staff()).post("/counter/form", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["filled"]["mother_name"] == name


@pytest.mark.parametrize(("typed", "name"), [("寓　小 满", "寓小满"), ("寓\u200b小满", "寓小满"), ("季〇一", "季〇一")])
async def test_a_childs_name_is_kept_in_its_one_spelling(bureau: Bureau, typed: str, name: str) -> None:
    opened = await (await bureau.citizen()).post("/cases", json=form(child_name=typed))
    assert opened.status_code == 201, opened.text
    assert opened.json()["form"]["child_name"] == name


@pytest.mark.parametrize(
    ("typed", "point"), [("寓1满", "U+0031"), ("寓x", "U+0078"), ("寓\ue863", "U+E863"), ("寓𠮷", "U+20BB7")]
)
async def test_what_is_no_name_is_refused_before_anything_begins(bureau: Bureau, typed: str, point: str) -> None:
    citizen = await bureau.citizen()
    answer = await citizen.post("/cases", json=form(child_name=typed))
    assert (problem(answer), fields(answer)) == ((422, "form_incorrect"), {"child_name"})
    assert point in answer.text
    assert (await citizen.get("/cases")).json()["cases"] == []


async def test_a_draft_is_told_of_characters_that_no_name_has(bureau: Bureau) -> None:
    citizen = await bureau.citizen()
    begun = await citizen.put(f"/drafts/{uuid4()}", json=form(child_name="寓"))
    wrong = await citizen.put(f"/drafts/{uuid4()}", json=form(child_name="寓1"))
    assert (begun.status_code, problem(wrong)) == (200, (422, "form_incorrect"))
    assert "U+0031" in wrong.text
