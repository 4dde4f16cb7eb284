"""The marriage at the time of the birth decides who the father is, and what is said when it does not."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import httpx
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.cases.service import SERVICE
from shared.contracts.identity import MarriageEnded, MarriageRecorded, PersonDied, PersonRegistered
from shared.standards.id_number import IdNumber
from shared.standards.shanghai import day_in_shanghai
from tests.department import running
from tests.services.cases.bureau import MARRIAGE, NAMES, VILLAGE, Bureau, fields, form, problem
from tests.services.cases.examples import FATHER, MOTHER

OTHER = UUID("018c94c2-4f00-7000-8000-0000000000d7")
OTHERS_MARRIAGE = UUID("018c94c2-4f00-7000-8000-0000000000d8")
OTHERS_NAME, OTHERS_NUMBER = "郎另嫁", "130123198607220014"
TODAY = day_in_shanghai(datetime.now(UTC))
BORN = TODAY - timedelta(days=30)
WEDLOCK = {"way": "wedlock", "birth_date": BORN.isoformat()}
NAMED = {
    "way": "acknowledged",
    "birth_date": BORN.isoformat(),
    "acknowledged_name": NAMES[FATHER][0],
    "acknowledged_id_number": NAMES[FATHER][1],
}


@pytest.fixture
async def bureau(database: DepartmentDatabase) -> AsyncIterator[Bureau]:
    async with running(SERVICE, database) as department, Bureau(department) as bureau:
        await bureau.know_the_parents()
        yield bureau


async def hand_in(bureau: Bureau, who: UUID = MOTHER, /, **changed: str) -> httpx.Response:
    return await (await bureau.citizen(who)).post("/cases", json=form(**changed))


async def part(bureau: Bureau, days_before: int) -> None:
    """So many days before the birth."""
    ended = MarriageEnded(
        marriage=MARRIAGE,
        persons=(MOTHER, FATHER),
        reason="divorce",
        ended_on=BORN - timedelta(days=days_before),
        recorded_at=datetime.now(UTC),
    )
    await bureau.department.give(f"marriage-{MARRIAGE}", ended)


async def marry_another(bureau: Bureau, day: date) -> None:
    registered = PersonRegistered(
        person=OTHER,
        name=OTHERS_NAME,
        id_number=IdNumber(OTHERS_NUMBER),
        division=VILLAGE,
        address="9号",
        registered_on=TODAY,
    )
    await bureau.department.give(f"person-{OTHER}", registered)
    married = MarriageRecorded(
        marriage=OTHERS_MARRIAGE,
        persons=(OTHER, MOTHER),
        licence="J130123-2023-000777",
        married_on=day,
        recorded_at=datetime.now(UTC),
    )
    await bureau.department.give(f"marriage-{OTHERS_MARRIAGE}", married)


@pytest.mark.parametrize("days_before", [-5, 0, 300])
async def test_a_divorced_husband_is_the_father(bureau: Bureau, days_before: int) -> None:
    await part(bureau, days_before)
    opened = await hand_in(bureau, **WEDLOCK)
    assert opened.status_code == 201, opened.text
    shown = opened.json()
    assert (shown["form"]["father_name"], shown["consents_missing"]) == (NAMES[FATHER][0], ["father"])
    assert not {"father_address", "father_phone"} & shown["form"].keys()  # told once he agrees
    agreed = (await (await bureau.citizen(FATHER)).post(f"/cases/{shown['case']}/consent")).json()
    assert agreed["status"] == "running"
    assert agreed["form"]["father_address"].endswith("西街5排1号")


async def test_a_marriage_that_ended_too_early_makes_no_father(bureau: Bureau) -> None:
    await part(bureau, 301)
    answer = await hand_in(bureau, **WEDLOCK)
    assert problem(answer) == (409, "not_married")
    assert (BORN - timedelta(days=301)).isoformat() in answer.text
    assert (await hand_in(bureau, **NAMED)).status_code == 201


async def test_a_marriage_after_the_birth_does_not_count(bureau: Bureau) -> None:
    await part(bureau, 400)
    await marry_another(bureau, BORN + timedelta(days=20))
    for who in (MOTHER, OTHER):
        answer = await hand_in(bureau, who, **WEDLOCK, child_name="季小满")
        assert problem(answer) == (409, "not_married")
        assert "after the birth" in answer.text
    named = {**NAMED, "acknowledged_name": OTHERS_NAME, "acknowledged_id_number": OTHERS_NUMBER}
    opened = await hand_in(bureau, **named, child_name="季小满")
    assert opened.status_code == 201, opened.text


async def test_of_two_marriages_the_one_at_the_birth_decides(bureau: Bureau) -> None:
    await part(bureau, 10)
    await marry_another(bureau, BORN + timedelta(days=20))
    opened = await hand_in(bureau, **WEDLOCK)
    assert opened.json()["form"]["father_name"] == NAMES[FATHER][0], opened.text


async def test_a_former_husband_applies_only_where_no_other_marriage_decides(bureau: Bureau) -> None:
    await part(bureau, 50)
    await marry_another(bureau, BORN - timedelta(days=20))
    assert problem(await hand_in(bureau, FATHER, **WEDLOCK)) == (409, "not_married")
    assert (await hand_in(bureau, OTHER, **WEDLOCK, child_name="季小满")).status_code == 201


@pytest.mark.parametrize("way", ["mother_alone", "acknowledged"])
async def test_a_birth_soon_after_a_divorce_is_not_of_the_unmarried(bureau: Bureau, way: str) -> None:
    await part(bureau, 100)
    answer = await hand_in(bureau, **{**NAMED, "way": way}, child_name="季小满")
    assert (problem(answer), fields(answer)) == ((422, "not_eligible"), {"way"})


async def test_the_form_is_handed_out_to_who_is_divorced(bureau: Bureau) -> None:
    await part(bureau, -5)
    answer = await (await bureau.citizen()).get("/definitions/birth/form", params={"way": "wedlock"})
    assert answer.status_code == 200, answer.text
    assert NAMES[FATHER][1] not in answer.text


async def test_a_child_of_a_divorced_father_who_died_is_posthumous(bureau: Bureau) -> None:
    await part(bureau, 100)
    day = BORN - timedelta(days=50)
    died = PersonDied(person=FATHER, died_on=day, recorded_at=datetime.now(UTC))
    await bureau.department.give(f"person-{FATHER}", died)
    answer = await hand_in(bureau, **WEDLOCK)
    assert problem(answer) == (409, "not_married")
    assert "the father has died" in answer.text
    assert (await hand_in(bureau, way="posthumous", birth_date=BORN.isoformat())).status_code == 201
