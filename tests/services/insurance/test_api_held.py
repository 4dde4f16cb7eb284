"""Held payments and orders to pay back over HTTP: window, two officers, citizen."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.insurance.directory import directory
from services.insurance.payments import LocalLedger
from services.insurance.read_models.ledger_entries import balance_of
from services.insurance.treasury import Treasury
from services.insurance.use_cases.annulments import Annulments
from shared.contracts.identity import BirthRecorded, EntryAnnulled
from tests.services.insurance.examples import (
    AT_HOME,
    CHILD,
    CLERK,
    EMPLOYER,
    GUIGANG,
    GUILIN,
    IN_GUILIN,
    MOTHER,
    NOW,
    OTHER_CLERK,
    REGIONAL,
    SENIOR,
    WORKER,
)
from tests.services.insurance.office import Office, bill, fields, problem, settle
from tests.services.insurance.test_sheet_pdf import one_line

REASON = {"reason_zh": "病历一致", "reason_en": "As the records say"}
RELEASE, REFUSE = {"decision": "release", **REASON}, {"decision": "refuse", **REASON}
WAGE = {"employer": EMPLOYER, "employer_name": "桂林示例纺织有限公司", "year": 2022, "average_wage": "5800.00"}


@pytest.fixture
async def held(office: Office) -> dict[str, Any]:
    """The same bill under another number: settled once, and held the second time."""
    await office.insure()
    window = await office.window()
    await settle(window, bill())
    answer = await window.post("/settlements", json=bill("ZY2"))
    assert answer.status_code == 202, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_a_window_is_told_that_a_bill_is_held_and_why(office: Office, held: dict[str, Any]) -> None:
    assert (held["status"], held["matter"], held["amount"]) == ("held", "settlement", "32133.33")
    assert [(one["code"], one["rule"]) for one in held["concerns"]] == [("double", "bill.double.2023")]
    assert "疑似重复" in held["concerns"][0]["words"]["zh"]
    assert held["bill"]["sheet"]["fund_pay_sumamt"] != "0.00"
    window = await office.window()
    again = await window.post("/settlements", json=bill("ZY2"))
    assert (again.status_code, again.json()) == (202, held)
    assert (await window.get(f"/held/{held['held']}")).json() == held
    assert problem(await window.get(f"/settlements/{held['held']}")) == (404, "no_such_settlement")


async def test_a_held_bill_moves_no_money(office: Office, held: dict[str, Any]) -> None:
    pool = office.department.engine.pool
    assert await pool.fetchval("select count(*) from settlements") == 1
    citizen = await office.citizen()
    mine = (await citizen.get("/my/insurance")).json()
    assert (mine["years"][0]["settlements"], mine["held"][0]["status"]) == (1, "held")
    assert len((await citizen.get("/my/settlements")).json()["settlements"]) == 1


async def test_the_window_prints_that_a_bill_is_held(office: Office, held: dict[str, Any]) -> None:
    for one in (await office.window(), await office.citizen(), await office.clerk(GUIGANG)):
        answer = await one.get(f"/held/{held['held']}/notice.pdf")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    text = one_line(answer.content)
    for said in ("待核实告知单", "待核实原因", "疑似重复", "基金不支付", "32133.33", "韦样例"):
        assert said in text


async def test_two_officers_release_a_held_bill_and_it_is_settled(office: Office, held: dict[str, Any]) -> None:
    first, second = await office.two_clerks()
    [listed] = (await first.get("/held", params={"status": "held"})).json()["held"]
    assert (listed["held"], listed["decision"], listed["region"]) == (held["held"], None, GUIGANG)
    path = f"/held/{held['held']}"
    proposed = await first.post(f"{path}/propose", json=RELEASE)
    assert proposed.status_code == 200, proposed.text
    assert proposed.json()["proposal"]["decision"] == "release"
    assert problem(await first.post(f"{path}/confirm", json={"decision": "release"})) == (403, "another_must_decide")
    assert problem(await second.post(f"{path}/confirm", json={"decision": "refuse"})) == (409, "nothing_proposed")
    done = await second.post(f"{path}/confirm", json={"decision": "release"})
    assert (done.status_code, done.json()["status"]) == (200, "released")
    assert done.json()["reason"] == {"zh": "病历一致", "en": "As the records say"}
    window = await office.window()
    settled = await window.post("/settlements", json=bill("ZY2"))
    assert (settled.status_code, settled.json()["settlement"]) == (201, held["held"])
    assert settled.json()["before"]["stays"] == 1
    assert (await first.get("/held", params={"status": "held"})).json()["held"] == []


async def test_what_two_officers_refused_is_told_with_the_reason(office: Office, held: dict[str, Any]) -> None:
    first, second = await office.two_clerks()
    path = f"/held/{held['held']}"
    await first.post(f"{path}/propose", json=REFUSE)
    assert (await second.post(f"{path}/confirm", json={"decision": "refuse"})).json()["status"] == "refused"
    window = await office.window()
    answer = await window.post("/settlements", json=bill("ZY2"))
    assert problem(answer) == (409, "held_refused")
    assert "As the records say" in answer.text
    assert problem(await first.post(f"{path}/propose", json=RELEASE)) == (409, "held_decided")


async def test_a_held_bill_is_taken_back_and_billed_under_a_new_number(office: Office, held: dict[str, Any]) -> None:
    window = await office.window()
    answer = await window.post(f"/settlements/{held['held']}/reverse", json={"reason": "重复提交"})
    assert (answer.status_code, answer.json()["status"]) == (200, "withdrawn")
    again = await window.post("/settlements", json=bill("ZY2"))
    assert problem(again) == (409, "taken_back_since")
    assert "never was settled" in again.text


@pytest.mark.parametrize("division", [GUILIN, "450821105202", "130123100242", "450100000000"])
async def test_an_officer_of_another_place_sees_and_decides_nothing(
    office: Office, held: dict[str, Any], division: str
) -> None:
    clerk, path = await office.clerk(division), f"/held/{held['held']}"
    assert problem(await clerk.get(path)) == (404, "no_such_held")
    assert problem(await clerk.post(f"{path}/propose", json=RELEASE)) == (404, "no_such_held")
    assert problem(await clerk.post(f"{path}/confirm", json={"decision": "release"})) == (404, "no_such_held")


async def test_a_countys_office_sees_what_is_held_and_does_not_decide(office: Office, held: dict[str, Any]) -> None:
    county, path = await office.clerk("450821000000", id=OTHER_CLERK), f"/held/{held['held']}"
    first, second = await office.two_clerks()
    assert (await county.get(path)).status_code == 200
    assert len((await county.get("/held")).json()["held"]) == 1
    assert problem(await county.post(f"{path}/propose", json=RELEASE)) == (403, "outside_division")
    assert (await first.post(f"{path}/propose", json=RELEASE)).status_code == 200
    assert problem(await county.post(f"{path}/confirm", json={"decision": "release"})) == (403, "outside_division")
    assert (await second.post(f"{path}/confirm", json={"decision": "release"})).json()["status"] == "released"


async def test_an_office_above_the_city_decides_too(office: Office, held: dict[str, Any]) -> None:
    first, second = await office.two_clerks("450000000000")
    path = f"/held/{held['held']}"
    assert (await first.post(f"{path}/propose", json=REFUSE)).status_code == 200
    assert (await second.post(f"{path}/confirm", json={"decision": "refuse"})).json()["status"] == "refused"


async def test_strangers_see_nothing_of_it(office: Office, held: dict[str, Any]) -> None:
    path = f"/held/{held['held']}"
    for stranger in (await office.citizen(WORKER), await office.window(AT_HOME.division, id=uuid4())):
        assert problem(await stranger.get(path)) == (404, "no_such_held")
    assert (await (await office.citizen()).get(path)).json()["held"] == held["held"]
    assert problem(await (await office.citizen()).post(f"{path}/propose", json=RELEASE)) == (403, "role_needed")
    assert problem(await (await office.clerk()).get(f"/held/{uuid4()}")) == (404, "no_such_held")


async def test_a_quote_says_that_a_bill_would_be_held_or_refused(office: Office) -> None:
    await office.insure()
    window = await office.window()
    assert (await window.post("/quotes", json=bill())).json()["concerns"] == []
    await settle(window, bill())
    told = (await window.post("/quotes", json=bill("ZY2"))).json()["concerns"]
    assert [one["code"] for one in told] == ["double"]
    for path in ("/quotes", "/settlements"):
        answer = await window.post(path, json=bill("ZY3", care="maternity"))
        assert problem(answer) == (409, "implausible_age")


async def test_a_bill_that_was_reversed_is_answered_by_how_it_stands(office: Office) -> None:
    await office.insure()
    window, other = await office.window(key="one"), await office.window(key="two")
    shown = await settle(window, bill())
    reversal = await (await office.window()).post(f"/settlements/{shown['settlement']}/reverse", json={"reason": "x"})
    assert reversal.status_code == 200
    for again in (window, other):
        answer = await again.post("/settlements", json=bill())
        assert problem(answer) == (409, "undone_since")
        assert "new bill number" in answer.text
    assert (await (await office.window()).post("/settlements", json=bill("ZY-NEW"))).status_code == 201


async def test_a_bill_settled_anew_is_answered_by_what_holds(office: Office) -> None:
    await office.insure()
    window = await office.window()
    first = await settle(window, bill())
    anew = await window.post(f"/settlements/{first['settlement']}/resettle", json={"reason": "x", "is_emergency": True})
    again = await window.post("/settlements", json=bill())
    assert (again.status_code, again.json()["settlement"]) == (201, anew.json()["settlement"])


async def test_settling_anew_repeated_after_its_reversal_is_told_so(office: Office) -> None:
    await office.insure()
    keyed, window = await office.window(key="anew"), await office.window()
    first = await settle(window, bill())
    path, body = f"/settlements/{first['settlement']}/resettle", {"reason": "x", "is_emergency": True}
    anew = (await keyed.post(path, json=body)).json()
    await window.post(f"/settlements/{anew['settlement']}/reverse", json={"reason": "x"})
    assert problem(await keyed.post(path, json=body)) == (409, "changed_since")


@pytest.fixture
async def mother(office: Office) -> httpx.AsyncClient:
    """An employed mother of twins; the register has entered one of them."""
    clerk = await office.insure(WORKER)
    assert (await clerk.post(f"/insured/{WORKER}/employment", json=WAGE)).status_code == 200
    window = await office.window(IN_GUILIN.division)
    await settle(window, bill(person=WORKER, care="maternity", children=2))
    return await office.citizen(WORKER)


def birth(child: UUID = CHILD) -> BirthRecorded:
    return BirthRecorded(
        person=child,
        mother=WORKER,
        father=None,
        born_on=date(2023, 7, 2),
        order="first",
        birth_certificate="1.2.156.3005.2.1",
        division="450302000000",
        case=None,
        recorded_at=NOW,
    )


async def test_a_held_allowance_decided_by_two_is_paid(office: Office, mother: httpx.AsyncClient) -> None:
    await office.department.give(f"person-{CHILD}", birth())
    [prepared] = (await mother.get("/my/insurance")).json()["allowances"]
    confirmed = await mother.post(f"/my/allowances/{prepared['allowance']}/confirm")
    assert (confirmed.status_code, confirmed.json()["status"]) == (200, "held")
    path = f"/held/{prepared['allowance']}"
    shown = (await mother.get(path)).json()
    assert ([one["code"] for one in shown["concerns"]], shown["bill"]) == (["register"], None)
    first, second = await office.two_clerks(GUILIN)
    await first.post(f"{path}/propose", json=RELEASE)
    done = await second.post(f"{path}/confirm", json={"decision": "release"})
    assert (done.status_code, done.json()["status"]) == (200, "released")
    again = await mother.post(f"/my/allowances/{prepared['allowance']}/confirm")
    assert again.json()["status"] == "paid"


async def test_an_annulled_birth_asks_back_what_was_paid(office: Office, mother: httpx.AsyncClient) -> None:
    engine = office.department.engine
    await office.department.give(f"person-{CHILD}", birth())
    await office.department.give(f"person-{OTHER_CLERK}", birth(OTHER_CLERK))
    [prepared] = (await mother.get("/my/insurance")).json()["allowances"]
    assert (await mother.post(f"/my/allowances/{prepared['allowance']}/confirm")).json()["status"] == "paid"
    annulled = EntryAnnulled(
        person=CHILD, reason="重复登记", basis="决定1", proposed_by=CLERK, annulled_by=OTHER_CLERK, annulled_at=NOW
    )
    await office.department.give(f"person-{CHILD}", annulled)
    annulments = Annulments(Treasury(engine.store, engine.pool, LocalLedger()))
    await annulments.sweep()
    await annulments.sweep()
    [told] = (await mother.get("/my/insurance")).json()["repayments"]
    assert (told["amount"], told["status"]) == ("2900.00", "ordered")
    first, second = await office.two_clerks(GUILIN)
    [listed] = (await first.get("/repayments")).json()["repayments"]
    assert (listed["repayment"], listed["payee"]) == (told["repayment"], str(WORKER))
    path = f"/repayments/{told['repayment']}"
    step = {"step": "repaid"}
    assert problem(await second.post(f"{path}/confirm", json=step)) == (409, "nothing_proposed")
    county = await office.clerk("450302000000", id=OTHER_CLERK)
    assert len((await county.get("/repayments")).json()["repayments"]) == 1
    assert problem(await county.post(f"{path}/propose", json={**step, "note": "x"})) == (403, "outside_division")
    assert (await first.post(f"{path}/propose", json={**step, "note": "回单1"})).json()["step"] == "repaid"
    assert problem(await county.post(f"{path}/confirm", json=step)) == (403, "outside_division")
    assert problem(await first.post(f"{path}/confirm", json=step)) == (403, "another_must_decide")
    done = (await second.post(f"{path}/confirm", json=step)).json()
    assert (done["status"], done["note"]) == ("repaid", "回单1")
    assert await balance_of(engine.pool, f"receivable:{GUILIN}") == 0
    elsewhere = await office.clerk(GUIGANG)
    assert problem(await elsewhere.post(f"{path}/propose", json={**step, "note": "x"})) == (404, "no_such_repayment")


async def test_a_hospital_sees_that_its_settlement_is_asked_back(office: Office) -> None:
    await office.insure()
    window = await office.window()
    shown = await settle(window, bill())
    assert shown["asked_back"] is None
    annulled = EntryAnnulled(
        person=MOTHER, reason="重复登记", basis="决定1", proposed_by=CLERK, annulled_by=OTHER_CLERK, annulled_at=NOW
    )
    await office.department.give(f"person-{MOTHER}", annulled)
    told = (await window.get(f"/settlements/{shown['settlement']}")).json()["asked_back"]
    assert (told["amount"], told["status"]) == (shown["sheet"]["fund_pay_sumamt"], "ordered")


async def test_an_annulled_person_is_insured_no_more(office: Office) -> None:
    await office.insure()
    annulled = EntryAnnulled(
        person=MOTHER, reason="重复登记", basis="决定1", proposed_by=CLERK, annulled_by=OTHER_CLERK, annulled_at=NOW
    )
    await office.department.give(f"person-{MOTHER}", annulled)
    mine = (await (await office.citizen()).get("/my/insurance")).json()
    assert (mine["is_insured"], "自始无效" in mine["notice"]["zh"]) == (False, True)
    assert problem(await (await office.window()).post("/settlements", json=bill())) == (404, "no_such_insured")


async def test_where_there_is_no_policy_enrolment_says_what_it_needs(office: Office) -> None:
    clerk = await office.insure(by="350300000000", region="350300000000")
    shown = (await clerk.post("/insured", json={**_at_putian()})).json()
    assert (shown["is_insured"], shown["policy"]) == (True, None)
    assert "暂不能在线结算" in shown["notice"]["zh"]
    assert (await (await office.citizen()).get("/my/insurance")).status_code == 200
    found = await (await office.window()).post("/insured/find", json={"id_number": _at_putian()["id_number"]})
    assert (found.status_code, found.json()["policy"]) == (200, None)
    answer = await (await office.window()).post("/settlements", json=bill())
    assert (problem(answer), fields(answer)) == ((422, "no_policy"), {"region"})


def _at_putian() -> dict[str, Any]:
    return {
        "id_number": bill()["id_number"],
        "insured_as": "resident",
        "region": "350300000000",
        "insured_from": "2023-01-01",
    }


async def test_an_enrolment_repeated_after_its_end_is_told_so(office: Office) -> None:
    clerk = await office.insure()
    keyed = {"idempotency-key": "enrol-once"}
    await office.register(WORKER, "覃示范", bill(person=WORKER)["id_number"])
    body = {"id_number": bill(person=WORKER)["id_number"], "insured_as": "employee", "region": GUILIN}
    body |= {"insured_from": "2023-01-01"}
    assert (await clerk.post("/insured", json=body, headers=keyed)).status_code == 201
    assert (await clerk.post("/insured", json=body, headers=keyed)).status_code == 201
    lapse = {"lapsed_from": "2023-08-01", "reason": "离职"}
    assert (await clerk.post(f"/insured/{WORKER}/lapse", json=lapse)).status_code == 200
    assert problem(await clerk.post("/insured", json=body, headers=keyed)) == (409, "changed_since")
    assert problem(await clerk.post("/insured", json=body)) == (409, "already_lapsed")


async def test_class_c_and_the_retired_are_settled_as_the_rules_of_guilin_say(office: Office) -> None:
    await office.insure(SENIOR, person_class="retired")
    window = await office.window(IN_GUILIN.division)
    items = [
        {"name": "丙类药", "category": "C", "amt": "2500.00"},
        {"name": "治疗", "category": "A", "amt": "18000.00"},
    ]
    told = await settle(window, bill(person=SENIOR, items=items))
    assert (told["sheet"]["preselfpay_amt"], told["sheet"]["effective_ratio"]) == ("500.00", "0.87")
    own = [{"name": "自费项目", "category": "C", "amt": "600.00", "own": "600.00"}]
    quoted = (await window.post("/quotes", json=bill("Q", person=SENIOR, items=own))).json()
    assert quoted["sheet"]["fulamt_ownpay_amt"] == "600.00"


CLASS_C = {"name": "丙类药", "category": "C", "amt": "100.00", "selfpay_prop": "0.30"}


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"items": [CLASS_C], "is_emergency": True}, "items"),
        ({"hospital": REGIONAL.code}, ""),
    ],
)
async def test_what_a_policy_does_not_say_is_refused_naming_the_policy(
    office: Office, changed: dict[str, Any], named: str
) -> None:
    await office.insure(by="511500000000", region="511500000000")
    window = await office.window()
    answer = await window.post("/quotes", json=bill(**changed))
    assert problem(answer) == (422, "not_in_policy")
    assert "Yibin residents" in answer.text
    assert any(one.startswith(named) for one in fields(answer))


async def test_the_retired_at_a_level_without_a_ratio_are_not_in_the_policy(office: Office) -> None:
    await office.insure(SENIOR, person_class="retired")
    answer = await (await office.window(AT_HOME.division)).post(
        "/quotes", json=bill(person=SENIOR, hospital=AT_HOME.code)
    )
    assert problem(answer) == (422, "not_in_policy")


@pytest.mark.parametrize(("text", "point"), [("手术\u202e费", "U+202E"), ("\ue000费", "U+E000"), ("𠮷费", "U+20BB7")])
async def test_what_cannot_be_printed_is_refused_when_typed(office: Office, text: str, point: str) -> None:
    await office.insure()
    window = await office.window()
    for changed in ({"items": [{"name": text, "category": "A", "amt": "1.00"}]}, {"diagnosis": text}):
        answer = await window.post("/settlements", json=bill(**changed))
        assert answer.status_code == 422
        assert point in answer.text


def test_the_rules_of_plausibility_say_where_they_come_from() -> None:
    rules = directory().plausibility
    assert {one.code for one in rules} >= {"sex", "age", "interval", "children", "overlap", "double", "sum"}
    for one in rules:
        assert one.source.startswith("经办机构核查参数") == one.is_own, one.id
