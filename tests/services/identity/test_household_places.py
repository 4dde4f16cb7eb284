"""Household number, householder and relation: optional, never invented, and told when they are known."""

from uuid import uuid4

import pytest

from services.identity.domain.household_place import NOT_KNOWN, HouseholdPlace
from services.identity.domain.person import PERSON, MovePerson, RecordHousehold
from services.identity.people_lists import from_csv
from shared.contracts.errors import Invalid
from shared.contracts.identity import HouseholdRecorded, Role
from tests.services.identity.examples import NAMESAKE, NOW, TAYUANZHUANG, WANG_ENTERED, WANG_ID, decided, state
from tests.services.identity.office import Office, code, fields, fresh_number, someone

PLACE = HouseholdPlace("130123001", None, "季试用", "妻")
RECORDED = HouseholdRecorded(
    person=WANG_ID, household_number="130123001", householder_name="季试用", relation="妻", recorded_at=NOW
)


def test_what_is_known_is_told_once() -> None:
    assert decided(PERSON, [WANG_ENTERED], RecordHousehold(PLACE, NOW)) == [RECORDED]
    assert decided(PERSON, [WANG_ENTERED, RECORDED], RecordHousehold(PLACE, NOW)) == []


def test_a_householder_is_their_own() -> None:
    [told] = decided(PERSON, [WANG_ENTERED], RecordHousehold(HouseholdPlace("1", None, "王小明", "户主"), NOW))
    assert isinstance(told, HouseholdRecorded)
    assert (told.householder, told.householder_name) == (WANG_ID, None)


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (HouseholdPlace(number="户1"), "wrong_household_number"),
        (HouseholdPlace(relation="户主", householder=uuid4()), "wrong_householder"),
        (HouseholdPlace(relation="妻", householder=WANG_ID), "wrong_householder"),
    ],
)
def test_what_cannot_be_is_refused(place: HouseholdPlace, wrong: str) -> None:
    with pytest.raises(Invalid, match=wrong):
        decided(PERSON, [WANG_ENTERED], RecordHousehold(place, NOW))


def test_whoever_moves_leaves_the_household() -> None:
    moved = decided(PERSON, [WANG_ENTERED, RECORDED], MovePerson(NAMESAKE, "3栋", NOW))
    assert state(PERSON, WANG_ENTERED, RECORDED, *moved).household == NOT_KNOWN  # type: ignore[union-attr]
    into = MovePerson(NAMESAKE, "3栋", NOW, HouseholdPlace(number="9"))
    moved = decided(PERSON, [WANG_ENTERED, RECORDED], into)
    assert state(PERSON, WANG_ENTERED, RECORDED, *moved).household.number == "9"  # type: ignore[union-attr]


def test_a_list_may_have_the_three_columns_and_leave_fields_empty() -> None:
    header = "姓名,公民身份号码,行政区划代码,住址,户号,户主,与户主关系"
    known, unknown = from_csv(f"{header}\n王小明,1,2,12号,001,季试用,妻\n王小红,1,2,12号,,,\n".encode())
    assert known.values["household_number"] == "001"
    assert set(unknown.values) == {"name", "id_number", "division", "address"}


async def test_a_registrar_records_and_imports_it(identity: Office) -> None:
    person = await identity.enter(someone())
    async with await identity.desk(Role.registrar) as desk:
        body = {"household_number": "130123001", "householder_name": "季试用", "relation": "妻"}
        answer = await desk.post(f"/people/{person}/household", json=body)
        assert (answer.status_code, answer.json()["relation"]) == (200, "妻")
        nobody = await desk.post(f"/people/{person}/household", json={"householder": str(uuid4())})
        assert code(nobody) == (404, "no_such_person")
        wrong = await desk.post(f"/people/{person}/household", json={"household_number": "户1"})
        assert fields(wrong) == ["household_number"]
        line = f"王小明,{fresh_number()},{TAYUANZHUANG},12号,002,,户主"
        header = "name,id_number,division,address,household_number,householder_name,relation"
        report = await desk.post(
            "/people/import", content=f"{header}\n{line}\n".encode(), headers={"content-type": "text/csv"}
        )
        [entered] = report.json()["entered"]
        shown = (await desk.get(f"/people/{entered['person']}")).json()
    assert (shown["household_number"], shown["householder"]) == ("002", entered["person"])
