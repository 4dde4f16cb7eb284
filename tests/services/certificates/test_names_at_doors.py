"""A name is one thing at counters, kiosks and for who asks a fact; papers bear the register's spelling."""

from typing import Any
from uuid import uuid4

import pytest

from services.certificates.domain.application import APPLICATION
from shared.contracts.certificates import ApplicationSubmitted
from shared.contracts.identity import CitizenRegistered, Role
from shared.department import message_gateway
from shared.standards.phone import MobileNumber
from tests.names import ALIKE
from tests.services.certificates.examples import COLLEAGUE, ID_NUMBER, NOW, TOWNSHIP, WOMANS_NUMBER, ZHANG, registered
from tests.services.certificates.office import Office, bring, fields, problem, submission
from tests.until import until

PHONE = "13800138000"
CHILD: dict[str, Any] = {
    "child_name": "郎小月",
    "child_sex": "female",
    "born_on": "2023-12-01",
    "gestation_weeks": "39",
    "birth_weight": "3200",
}


@pytest.mark.parametrize(("written", "typed", "name"), ALIKE)
async def test_any_spelling_is_the_same_person(office: Office, written: str, typed: str, name: str) -> None:
    await office.department.give(f"person-{ZHANG}", registered(ZHANG, name=written))
    account = CitizenRegistered(citizen=ZHANG, name=written, phone=MobileNumber(PHONE), registered_at=NOW)
    await office.department.give(f"account-{ZHANG}", account)
    named = {"name": typed, "id_number": str(ID_NUMBER)}

    taken = await (await office.at(Role.window)).post("/applications", json={**submission(), "for": named})
    assert taken.status_code == 201, taken.text
    clerk = await office.reviewer(TOWNSHIP, COLLEAGUE.id, role=Role.window)
    asked = {**named, "purpose": "school_entry", "case": "2024-0312"}
    assert (await clerk.post("/facts/adult", json=asked)).json()["answer"] == "yes"
    assert (await (await office.at(Role.kiosk)).post("/kiosk/codes", json=named)).status_code == 202
    assert await until(lambda: message_gateway.newest(office.department.engine.pool, PHONE))

    stream = APPLICATION.stream(taken.json()["application"])
    [event] = (await office.department.engine.store.load(stream, APPLICATION)).events
    assert isinstance(event.data, ApplicationSubmitted)
    assert event.data.form["name"] == name


async def test_a_register_that_cannot_be_drawn_is_told_at_once(office: Office) -> None:
    await office.department.give(f"person-{ZHANG}", registered(ZHANG, name="张𠮷"))
    citizen = await office.citizen(is_known=False)
    answer = await citizen.post("/applications", json=submission())
    assert (problem(answer), fields(answer)) == ((422, "form_incorrect"), {"name"})
    assert "U+20BB7" in answer.text
    assert "counter" in answer.text


@pytest.mark.parametrize(
    ("field", "value", "point"),
    [
        ("child_name", "郎1月", "U+0031"),
        ("child_name", "郎x", "U+0078"),
        ("child_name", "郎\ue863", "U+E863"),
        ("child_name", "郎𠮷", "U+20BB7"),
    ],
)
async def test_what_no_paper_can_say_is_told_when_typed(office: Office, field: str, value: str, point: str) -> None:
    await office.department.give(f"person-{ZHANG}", registered(ZHANG, name="郎月娥", id_number=WOMANS_NUMBER))
    citizen = await office.citizen(is_known=False)
    evidence = {"birth_record": await bring(citizen)}
    body = {"type": "birth_medical", "form": {**CHILD, field: value}, "evidence": evidence}
    answer = await citizen.post("/applications", json=body)
    told = {one["field"]: one["message"] for one in answer.json()["errors"]}
    assert point in told[field]
    draft = await citizen.put(f"/drafts/{uuid4()}", json={"type": "birth_medical", "form": {field: value}})
    is_of_no_name = point != "U+0078"  # which letters mix is seen once the name is whole
    assert draft.status_code == (422 if is_of_no_name else 200)
    if is_of_no_name:
        assert point in draft.text


async def test_free_text_that_cannot_be_printed_is_told_when_typed(office: Office) -> None:
    citizen = await office.citizen()
    for value, point in (("3排🙂号", "U+1F642"), ("3排\u202e12号", "U+202E")):
        answer = await citizen.post("/applications", json=submission(residence_address=value))
        assert (problem(answer), fields(answer)) == ((422, "form_incorrect"), {"residence_address"})
        assert point in answer.text
