"""The counter and the hospital: whom they may hand in for, and what they are shown."""

from collections.abc import AsyncIterator

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.cases.service import SERVICE
from shared.contracts.identity import Role
from shared.department.look_ups import WRONG_DAY
from tests.department import running
from tests.services.cases.bureau import Bureau, at_counter, fields, problem
from tests.services.cases.examples import FATHER

TOWNSHIP = "130123100000"  # where the hospitals of the form stand
NANNING = "450103001000"
STRANGER = {"name": "季别人", "id_number": "130123199202189981"}


@pytest.fixture
async def bureau(database: DepartmentDatabase) -> AsyncIterator[Bureau]:
    async with running(SERVICE, database) as department, Bureau(department) as bureau:
        await bureau.know_the_parents()
        yield bureau


async def test_the_counter_hands_in_for_who_is_present(bureau: Bureau) -> None:
    window = await bureau.staff()
    opened = await window.post("/counter/cases", json=at_counter())
    assert opened.status_code == 201, opened.text
    assert opened.json()["channel"] == "window"
    assert (await (await bureau.citizen()).get("/cases")).json()["cases"][0]["status"] == "awaiting_consent"


async def test_citizens_and_other_staff_hand_in_at_no_counter(bureau: Bureau) -> None:
    for somebody in (await bureau.citizen(), await bureau.staff(Role.reviewer), await bureau.staff(Role.leader)):
        assert problem(await somebody.post("/counter/cases", json=at_counter())) == (403, "role_needed")


async def test_the_channel_follows_from_the_role(bureau: Bureau) -> None:
    window, hospital = await bureau.staff(), await bureau.staff(Role.hospital_window, division=TOWNSHIP)
    told = []
    for clerk, order, said in ((hospital, "first", {}), (window, "second", {"channel": "intake"})):
        opened = await clerk.post("/counter/cases", json={**at_counter(birth_order=order), **said})
        told.append(opened.json()["channel"])
    assert told == ["hospital", "intake"]
    claimed = await hospital.post("/counter/cases", json={**at_counter(birth_order="third"), "channel": "window"})
    assert claimed.status_code == 422


async def test_a_hospital_hands_in_births_of_its_own_hospital_only(bureau: Bureau) -> None:
    hospital = await bureau.staff(Role.hospital_window, division=NANNING)
    assert problem(await hospital.post("/counter/cases", json=at_counter())) == (403, "another_hospital")
    assert (await (await bureau.citizen()).get("/cases")).json()["cases"] == []


async def test_a_hospital_hands_in_no_other_thing(bureau: Bureau) -> None:
    hospital = await bureau.staff(Role.hospital_window, division=TOWNSHIP)
    disaster = {**at_counter(), "definition": "disaster", "form": {}}
    for path in ("/counter/form", "/counter/cases"):
        answer = await hospital.post(path, json=disaster)
        assert problem(answer) == (403, "not_for_hospitals")


@pytest.mark.parametrize("path", ["/counter/form", "/counter/cases"])
async def test_nothing_is_done_for_whose_card_was_not_seen(bureau: Bureau, path: str) -> None:
    answer = await (await bureau.staff()).post(path, json={**at_counter(), "card_seen": False})
    assert (problem(answer), fields(answer)) == ((422, "card_not_seen"), {"card_seen"})


async def test_a_clerk_changes_no_phone_of_an_account(bureau: Bureau) -> None:
    window = await bureau.staff()
    changed = at_counter(mother_phone="13811110000", father_phone="13811110001")
    answer = await window.post("/counter/cases", json=changed)
    assert (problem(answer), fields(answer)) == (
        (422, "form_incorrect"),
        {"mother_phone", "father_phone"},
    )


async def test_a_counter_sees_of_the_other_parent_the_name_alone(bureau: Bureau) -> None:
    filled = (await (await bureau.staff()).post("/counter/form", json=at_counter())).json()["filled"]
    assert filled["mother_id_number"] == "130123199202189981"
    assert (filled["father_name"], filled["father_id_number"]) == ("寓客来", "130123********9999")
    assert (filled["mother_phone"], filled["father_phone"]) == ("138****8000", "138****8000")
    assert filled["marriage_licence"] == "***0123"


async def test_what_was_shown_masked_may_be_sent_back(bureau: Bureau) -> None:
    window = await bureau.staff()
    shown = (await window.post("/counter/form", json=at_counter())).json()["filled"]
    opened = await window.post("/counter/cases", json=at_counter(**shown))
    assert opened.status_code == 201, opened.text
    assert opened.json()["form"]["father_id_number"] == "130123********9999"
    kept = (await (await bureau.citizen(FATHER)).get(f"/cases/{opened.json()['case']}")).json()["form"]
    assert (kept["father_id_number"], kept["mother_phone"]) == ("130123198808169999", "13800138000")


async def test_a_hospital_sees_its_case_masked_afterwards_too(bureau: Bureau) -> None:
    hospital = await bureau.staff(Role.hospital_window, division=TOWNSHIP)
    case = (await hospital.post("/counter/cases", json=at_counter())).json()["case"]
    form = (await hospital.get(f"/cases/{case}")).json()["form"]
    assert (form["father_id_number"], form["marriage_licence"]) == ("130123********9999", "***0123")


async def test_wrong_pairs_are_counted_and_end_for_the_day(bureau: Bureau) -> None:
    window, colleague = await bureau.staff(), await bureau.staff(division=TOWNSHIP)
    for _ in range(WRONG_DAY.most):
        answer = await window.post("/counter/form", json={**at_counter(), "applicant": STRANGER})
        assert problem(answer) == (404, "no_such_person")
    for path in ("/counter/form", "/counter/cases"):
        answer = await window.post(path, json=at_counter())
        assert (problem(answer), "retry-after" in answer.headers) == ((429, "too_many_look_ups"), True)
    assert (await colleague.post("/counter/form", json=at_counter())).status_code == 200


async def test_right_pairs_are_not_counted_as_wrong(bureau: Bureau) -> None:
    window = await bureau.staff()
    for _ in range(WRONG_DAY.most + 1):
        assert (await window.post("/counter/form", json=at_counter())).status_code == 200
