"""A clerk's counter over HTTP."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.insurance.api.counter import NOBODY_FOUND_DAY
from shared.contracts.identity import DeathRecordWithdrawn, PersonCorrected, PersonDied, Role, StaffAppointed
from tests.services.insurance.examples import (
    CLERK,
    EMPLOYER,
    GUIGANG,
    GUILIN,
    MOTHER,
    NOW,
    REGIONAL,
    SENIOR,
    WINDOW,
    WORKER,
)
from tests.services.insurance.office import GUANGXI, NAMES, Office, bill, enrolment, fields, problem, settle

IN_GUIGANG = {"region": GUIGANG, "region_name": "广西壮族自治区贵港市", "start": "2023-01-01"}
YIBIN = "511500000000"


async def test_an_enrolled_person_is_shown_with_all_that_holds(office: Office) -> None:
    clerk = await office.insure()
    shown = (await clerk.post("/insured/find", json={"id_number": NAMES[MOTHER][1][:]})).json()
    assert (shown["person"], shown["name"], shown["id_number"]) == (str(MOTHER), "韦样例", "450821********9986")
    assert (shown["is_insured"], shown["person_class"], shown["region"]) == (True, "ordinary", GUIGANG)
    assert shown["periods"] == [IN_GUIGANG | {"end": None}]
    assert (await clerk.get(f"/insured/{MOTHER}")).json() == shown


async def test_enrolling_twice_changes_nothing(office: Office) -> None:
    clerk = await office.insure()
    again = await clerk.post("/insured", json=enrolment())
    assert again.status_code == 201
    assert "event-id" not in again.headers
    moved = enrolment(insured_as="employee", region=GUILIN)
    assert problem(await clerk.post("/insured", json=moved)) == (409, "already_insured")


async def test_an_employees_account_and_employer_are_recorded(office: Office) -> None:
    clerk = await office.insure(WORKER)
    path = f"/insured/{WORKER}"
    wage = {"employer": EMPLOYER, "employer_name": "桂林示例纺织有限公司", "year": 2022, "average_wage": "5800.00"}
    assert (await clerk.post(f"{path}/employment", json=wage)).status_code == 200
    for _ in range(2):
        shown = (await clerk.post(f"{path}/credits", json={"month": "2023-07", "amount": "116.00"})).json()
        assert shown["account"] == "116.00"
    assert shown["employment"]["average_wages"] == [{"year": 2022, "average_wage": "5800.00"}]
    other = {"month": "2023-07", "amount": "117.00"}
    assert problem(await clerk.post(f"{path}/credits", json=other)) == (409, "month_credited")


async def test_filing_class_lapse_and_return_are_recorded(office: Office) -> None:
    clerk = await office.insure()
    path = f"/insured/{MOTHER}"
    filing = {"kind": "referred", "area": "450100000000", "valid_from": "2023-06-01", "valid_to": "2023-12-31"}
    shown = (await clerk.post(f"{path}/filings", json=filing)).json()
    assert [(one["kind"], one["area_name"]) for one in shown["filings"]] == [("referred", "广西壮族自治区南宁市")]
    shown = (await clerk.post(f"{path}/class", json={"person_class": "poor_1", "valid_from": "2023-06-01"})).json()
    assert shown["person_class"] == "poor_1"
    shown = (await clerk.post(f"{path}/lapse", json={"lapsed_from": "2023-08-01", "reason": "未缴费"})).json()
    assert not shown["is_insured"]
    shown = (await clerk.post(f"{path}/return", json={"insured_from": "2023-10-01"})).json()
    assert shown["periods"][-1] == IN_GUIGANG | {"start": "2023-10-01", "end": None}


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("", enrolment(id_number="450821194907049987"), "id_number"),
    ("", enrolment(region="999999000000"), ""),
    ("", enrolment(region="350300000000", person_class="poor_1"), "region"),
    ("", enrolment(person_class="rich"), ""),
    ("", enrolment(insured_as="guest"), "insured_as"),
    (f"/{MOTHER}/lapse", {"lapsed_from": "2022-12-31", "reason": "x"}, "lapsed_from"),
    (f"/{MOTHER}/lapse", {"lapsed_from": "2023-13-01", "reason": "x"}, "lapsed_from"),
    (f"/{MOTHER}/class", {"person_class": "rich", "valid_from": "2023-06-01"}, "person_class"),
    (f"/{MOTHER}/credits", {"month": "2023-13", "amount": "1.00"}, "month"),
    (f"/{MOTHER}/credits", {"month": "2023-12", "amount": "-1.00"}, "amount"),
    (f"/{MOTHER}/credits", {"month": "2023-12", "amount": "1.001"}, "amount"),
    (
        f"/{MOTHER}/filings",
        {"kind": "filed", "area": "450100000000", "valid_from": "2023-07-02", "valid_to": "2023-07-01"},
        "valid_to",
    ),
]


async def test_what_cannot_be_right_is_refused_with_its_field(office: Office) -> None:
    await office.insure()
    whole_country = await office.clerk("000000000000")
    for path, body, field in WRONG:
        answer = await whole_country.post(f"/insured{path}", json=body)
        assert answer.status_code == 422, f"{path} {body}: {answer.text}"
        if field:
            assert fields(answer) == {field}, answer.text


async def test_a_class_that_is_not_there_names_those_that_are(office: Office) -> None:
    await office.register(MOTHER, *NAMES[MOTHER])
    answer = await (await office.clerk()).post(
        "/insured", json=enrolment(person_class="rich"), headers={"accept-language": "zh"}
    )
    assert "（ordinary）、" in answer.text
    assert "poor_1, " not in answer.text


async def test_nobody_is_retired_before_the_least_age(office: Office) -> None:
    clerk = await office.insure(WORKER)
    path, body = f"/insured/{WORKER}/class", {"person_class": "retired", "valid_from": "2023-06-01"}
    answer = await clerk.post(path, json=body)
    assert (problem(answer), fields(answer)) == ((422, "too_young_to_retire"), {"person_class"})
    assert "31" in answer.text
    await office.register(SENIOR, *NAMES[SENIOR])
    assert (await clerk.post("/insured", json=enrolment(SENIOR, person_class="retired"))).status_code == 201


async def test_a_clerk_of_the_new_place_transfers_without_a_gap(office: Office) -> None:
    old_clerk = await office.insure()
    clerk, path = await office.clerk(YIBIN), f"/insured/{MOTHER}"
    moved = {"region": "511502000000", "insured_from": "2023-08-01"}
    answer = await clerk.post(f"{path}/transfer", json=moved)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["region"], shown["is_insured"]) == (YIBIN, True)
    old, new = shown["periods"]
    assert old == IN_GUIGANG | {"end": "2023-08-01"}
    assert (new["region"], new["start"], new["end"]) == (YIBIN, "2023-08-01", None)
    again = await clerk.post(f"{path}/transfer", json=moved)
    assert (again.json(), "event-id" in again.headers) == (shown, False)
    assert problem(await old_clerk.get(path)) == (404, "no_such_insured")


async def test_what_cannot_be_transferred_is_refused_with_its_reason(office: Office) -> None:
    await office.insure()
    clerk, window = await office.clerk(YIBIN), await office.window()
    await settle(window, bill())
    wrong = [
        ({"region": GUIGANG}, (403, "outside_division"), set()),
        ({"person_class": "rich"}, (422, "not_in_policy"), {"person_class"}),
        ({"insured_from": "2023-07-05"}, (409, "settled_since"), set()),
        ({"insured_from": "2023-01-01"}, (422, "dates_out_of_order"), {"insured_from"}),
        ({"insured_from": "2999-01-01"}, (422, "dates_out_of_order"), {"insured_from"}),
        ({"insured_from": "soon"}, (422, "invalid"), {"insured_from"}),
    ]
    for changed, code, named in wrong:
        body = {"region": YIBIN, "insured_from": "2023-08-01"} | changed
        answer = await clerk.post(f"/insured/{MOTHER}/transfer", json=body)
        assert problem(answer) == code, answer.text
        assert not named or fields(answer) == named, answer.text
    body = {"region": YIBIN, "insured_from": "2023-08-01"}
    assert problem(await clerk.post(f"/insured/{uuid4()}/transfer", json=body)) == (404, "no_such_insured")
    for stranger in (await office.citizen(), await office.window(YIBIN)):
        assert problem(await stranger.post(f"/insured/{MOTHER}/transfer", json=body)) == (403, "role_needed")


async def test_a_clerk_serves_those_of_his_place_only(office: Office) -> None:
    await office.insure()
    elsewhere = await office.clerk("511500000000")
    assert problem(await elsewhere.post("/insured", json=enrolment())) == (403, "outside_division")
    assert problem(await elsewhere.get(f"/insured/{MOTHER}")) == (404, "no_such_insured")
    lapse = {"lapsed_from": "2023-08-01", "reason": "x"}
    assert problem(await elsewhere.post(f"/insured/{MOTHER}/lapse", json=lapse)) == (404, "no_such_insured")
    county = await office.clerk("450821000000")
    assert (await county.get(f"/insured/{MOTHER}")).status_code == 200
    for stranger in (await office.citizen(), await office.clerk(role=Role.reviewer)):
        assert problem(await stranger.post("/insured", json=enrolment())) == (403, "role_needed")
        assert problem(await stranger.get(f"/insured/{MOTHER}")) == (403, "role_needed")


async def test_a_window_and_another_places_clerk_find_whether_and_where_somebody_is_insured(office: Office) -> None:
    await office.insure()
    sent = {"id_number": NAMES[MOTHER][1][:]}
    finders = [await office.window(), await office.window(YIBIN), await office.clerk(YIBIN)]
    for finder in finders:
        assert (await finder.post("/insured/find", json=sent)).json() == {
            "person": str(MOTHER),
            "name": "韦**",
            "id_number": "450821********9986",
            "insured_as": "resident",
            "region": GUIGANG,
            "region_name": "广西壮族自治区贵港市",
            "policy": {"zh": "广西城乡居民基本医疗保险", "en": "Guangxi residents' medical insurance"},
            "is_insured": True,
        }
        assert problem(await finder.get(f"/insured/{MOTHER}"))[0] in (403, 404)
    nobody = {"id_number": NAMES[WORKER][1][:]}
    assert problem(await finders[0].post("/insured/find", json=nobody)) == (404, "no_such_insured")
    await office.register(WORKER, *NAMES[WORKER])
    assert problem(await finders[0].post("/insured/find", json=nobody)) == (404, "no_such_insured")
    without_hospital = await office.window("130123000000")
    assert problem(await without_hospital.post("/insured/find", json=sent)) == (403, "no_hospital_here")
    for stranger in (await office.citizen(), await office.clerk(role=Role.reviewer)):
        assert problem(await stranger.post("/insured/find", json=sent)) == (403, "role_needed")


async def test_a_clerk_finds_and_transfers_somebody_by_his_card_and_says_his_class_from_then_on(
    office: Office,
) -> None:
    await office.insure()
    clerk = await office.clerk(YIBIN)
    found = (await clerk.post("/insured/find", json={"id_number": NAMES[MOTHER][1][:]})).json()
    path = f"/insured/{found['person']}"
    moved = await clerk.post(f"{path}/transfer", json={"region": YIBIN, "insured_from": "2023-08-01"})
    assert moved.status_code == 200, moved.text
    before = {"person_class": "ordinary", "valid_from": "2023-07-31"}
    answer = await clerk.post(f"{path}/class", json=before)
    assert (problem(answer), fields(answer)) == ((422, "class_before_transfer"), {"valid_from"})
    assert (await clerk.post(f"{path}/class", json=before | {"valid_from": "2023-08-01"})).status_code == 200


async def test_whom_the_register_has_not_told_of_cannot_be_enrolled(office: Office) -> None:
    clerk = await office.clerk()
    assert problem(await clerk.post("/insured", json=enrolment())) == (404, "not_in_register")
    assert problem(await clerk.get(f"/insured/{uuid4()}")) == (404, "no_such_insured")


async def test_a_corrected_name_is_shown(office: Office) -> None:
    clerk = await office.insure()
    right = PersonCorrected(person=MOTHER, name="韦更正", id_number=NAMES[MOTHER][1], reason="错字", corrected_at=NOW)
    await office.department.give(f"person-{MOTHER}", right)
    assert (await clerk.get(f"/insured/{MOTHER}")).json()["name"] == "韦更正"


async def test_a_death_in_the_register_ends_the_cover(office: Office) -> None:
    clerk = await office.insure()
    for person in (MOTHER, UUID(int=5)):  # the other is not insured
        died = PersonDied(person=person, died_on=date(2023, 9, 1), recorded_at=NOW)
        await office.department.give(f"person-{person}", died)
    shown = (await clerk.get(f"/insured/{MOTHER}")).json()
    assert shown["periods"] == [IN_GUIGANG | {"end": "2023-09-02"}]
    assert not shown["is_insured"]


async def test_with_the_death_withdrawn_a_bill_that_was_refused_is_settled(office: Office) -> None:
    clerk, window = await office.insure(), await office.window()
    day = date(2023, 7, 1)
    stream = f"person-{MOTHER}"
    await office.department.give(stream, PersonDied(person=MOTHER, died_on=day, recorded_at=NOW))
    assert problem(await window.post("/settlements", json=bill())) == (409, "insurance_lapsed")
    lives = DeathRecordWithdrawn(person=MOTHER, died_on=day, reason="误登", basis="核查报告", withdrawn_at=NOW)
    await office.department.give(stream, lives)
    shown = (await clerk.get(f"/insured/{MOTHER}")).json()
    assert shown["periods"] == [IN_GUIGANG | {"end": None}]
    assert (await window.post("/settlements", json=bill())).status_code == 201


@pytest.mark.parametrize("path", ["/my/insurance", "/my/settlements", "/ledger/balance", "/clearing/2023-07"])
async def test_nobody_looks_without_signing_in(office: Office, path: str) -> None:
    async with office.department.client() as anyone:
        assert (await anyone.get(path)).status_code == 401


async def test_no_clerk_or_window_handles_their_own_insurance(office: Office) -> None:
    await office.insure()
    clerk, window = await office.clerk(), await office.window()
    for staff, role in ((CLERK, Role.insurance_clerk), (WINDOW, Role.hospital_window)):
        division = GUANGXI if role == Role.insurance_clerk else REGIONAL.division
        appointment = StaffAppointed(
            staff=staff, name="韦样例", roles=frozenset({role}), division=division, appointed_at=NOW, person=MOTHER
        )
        await office.department.give(f"staff-{staff}", appointment)
    own = (409, "not_ones_own_matter")
    poor = {"person_class": "poor_1", "valid_from": "2023-06-01"}
    assert problem(await clerk.post(f"/insured/{MOTHER}/class", json=poor)) == own
    assert problem(await clerk.post("/insured", json=enrolment())) == own
    transfer = {"region": GUILIN, "person_class": "ordinary", "insured_from": "2023-09-01"}
    assert problem(await clerk.post(f"/insured/{MOTHER}/transfer", json=transfer)) == own
    assert problem(await window.post("/settlements", json=bill())) == own


async def test_who_finds_nobody_too_often_finds_no_more_that_day(office: Office) -> None:
    clerk = await office.clerk()
    nobody = {"id_number": NAMES[WORKER][1][:]}
    for _ in range(NOBODY_FOUND_DAY.most):
        assert problem(await clerk.post("/insured/find", json=nobody)) == (404, "not_in_register")
    assert problem(await clerk.post("/insured/find", json=nobody)) == (429, "too_many_look_ups")
