"""A hospital's window over HTTP."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise, product
from typing import Any
from uuid import UUID, uuid4

from shared.contracts.identity import Role, StaffAppointed, StaffDismissed
from tests.services.insurance.examples import AT_HOME, GUIGANG, GUILIN, MOTHER, NOW, REGIONAL, WINDOW, WORKER
from tests.services.insurance.office import Office, bill, fields, problem, settle, small_bill

PINGNAN = "450821000000"
TOWN, COUNTYS = "12450821MC0000311B", "12450821MC0000303G"  # 平南县's two hospitals
NANNING = "450100000000"


async def stored(office: Office) -> int:
    """Events in the store."""
    count: int = await office.department.engine.pool.fetchval("select count(*) from events")
    return count


async def test_a_quote_tells_the_whole_sheet_and_stores_nothing(office: Office) -> None:
    await office.insure()
    window, before = await office.window(), await stored(office)
    answer = await window.post("/quotes", json=bill())
    assert answer.status_code == 200, answer.text
    quote = answer.json()
    assert quote["sheet"]["psn_part_amt"] == "15588.00"
    assert (quote["place"], quote["filing"], quote["relief"]) == ("region", "none", "4190.00")
    lines = {line["field"]: line for line in quote["lines"]}
    assert lines["hifp_pay"]["amount"] == "15363.33"
    assert "guangxi-residents-2023-07/cap" in lines["hifp_pay"]["rules"]
    assert all(line["words"]["zh"] and line["words"]["en"] for line in quote["lines"])
    assert await stored(office) == before


async def test_the_family_of_the_example_is_told_what_no_filing_saves(office: Office) -> None:
    await office.insure()
    window = await office.window()
    variants = [{"discharged_on": "2023-06-30"}, {"discharged_on": "2023-07-01"}]
    answer = await window.post("/quotes/compare", json={"bill": bill(), "variants": variants})
    assert answer.status_code == 200, answer.text
    compared = answer.json()
    parts = [compared[side]["sheet"]["psn_part_amt"] for side in ("first", "second")]
    assert (*parts, compared["saved"]) == ("19778.00", "15588.00", "4190.00")
    assert "4,190.00" in compared["message"]["en"]
    differing = {line["field"] for line in compared["lines"] if line["difference"] != "0.00"}
    assert {"hifp_pay", "penalty_share", "psn_part_amt"} <= differing


async def test_a_supposed_filing_is_compared_too(office: Office) -> None:
    await office.insure()
    window = await office.window()
    variants = [{"filing": "none", "discharged_on": "2023-06-30"}, {"filing": "filed", "discharged_on": "2023-06-30"}]
    compared = (await window.post("/quotes/compare", json={"bill": bill(), "variants": variants})).json()
    assert compared["saved"] == "4190.00"


async def test_a_settlement_says_what_it_rests_on(office: Office) -> None:
    await office.insure()
    window = await office.window()
    first = await settle(window, small_bill())
    second = await settle(window, bill())
    assert (second["before"]["stays"], second["after"]["stays"]) == (1, 2)
    lines = {line["field"]: line for line in second["lines"]}
    assert lines["act_pay_dedc"]["events"] == [first["event"]]
    assert lines["act_pay_dedc"]["amount"] == "300.00"
    assert (second["policy"], second["policy_version"]) == ("guangxi-residents", "guangxi-residents-2023-07")
    assert (await window.get(f"/settlements/{second['settlement']}")).json() == second


async def test_the_same_bill_again_is_given_its_first_answer(office: Office) -> None:
    await office.insure()
    window, other = await office.window(key="one"), await office.window(key="two")
    first = await settle(window, bill())
    assert await settle(other, bill()) == first
    assert (await office.department.engine.pool.fetchval("select count(*) from settlements")) == 1


async def test_another_bill_under_the_number_is_refused(office: Office) -> None:
    await office.insure()
    await office.insure(WORKER)
    window = await office.window()
    await settle(window, bill())
    other_amount = small_bill(bill_number="ZY20230705001")
    assert problem(await window.post("/settlements", json=other_amount)) == (409, "bill_number_reused")
    other_person = bill(person=WORKER)
    assert problem(await window.post("/settlements", json=other_person)) == (409, "bill_number_reused")


async def test_twenty_at_once_lose_nothing_of_the_year(office: Office) -> None:
    await office.insure()
    window = await office.window()
    answers = await asyncio.gather(*(window.post("/settlements", json=small_bill()) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    shown = sorted((answer.json() for answer in answers), key=lambda one: one["before"]["stays"])
    assert [one["before"]["stays"] for one in shown] == list(range(20))
    for one, following in pairwise(shown):
        assert following["before"] == one["after"]
    assert shown[-1]["after"]["pool_used"] == str(sum(Decimal(one["sheet"]["hifp_pay"]) for one in shown))
    assert [one["sheet"]["act_pay_dedc"] for one in shown] == ["600.00", *["300.00"] * 19]


async def test_the_same_bill_many_times_at_once_is_one_settlement(office: Office) -> None:
    await office.insure()
    window = await office.window()
    answers = await asyncio.gather(*(window.post("/settlements", json=bill()) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["settlement"] for answer in answers}) == 1
    assert len({answer.json()["event"] for answer in answers}) == 1


async def test_reversing_gives_back_what_was_taken(office: Office) -> None:
    await office.insure()
    window = await office.window()
    shown = await settle(window, bill())
    answer = await window.post(f"/settlements/{shown['settlement']}/reverse", json={"reason": "账单有误"})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["is_reversed"], told["reason"]) == (True, "账单有误")
    assert told["refund"] == {"account": "0.00", "cash": "15588.00"}
    assert (await window.post("/quotes", json=bill())).json()["before"]["stays"] == 0


async def test_only_the_latest_of_a_year_is_reversed(office: Office) -> None:
    await office.insure()
    window = await office.window()
    first, second = await settle(window, bill()), await settle(window, small_bill())
    silent = await window.post(f"/settlements/{second['settlement']}/reverse", json={"reason": " "})
    assert (problem(silent), fields(silent)) == ((422, "text"), {"reason"})
    path = f"/settlements/{first['settlement']}/reverse"
    assert problem(await window.post(path, json={"reason": "重复"})) == (409, "reversal_out_of_order")
    again = (await window.post("/quotes", json=small_bill())).json()
    assert again["before"] == second["after"]
    assert (await window.post(f"/settlements/{second['settlement']}/reverse", json={"reason": "x"})).status_code == 200
    assert (await window.post(path, json={"reason": "重复"})).status_code == 200
    assert problem(await window.post(path, json={"reason": "重复"})) == (409, "already_reversed")
    unknown = f"/settlements/{uuid4()}/reverse"
    assert problem(await window.post(unknown, json={"reason": "重复"})) == (404, "no_such_settlement")


async def test_settling_anew_under_another_status_shows_the_refund(office: Office) -> None:
    clerk = await office.insure()
    window = await office.window()
    unfiled = await settle(window, bill(discharged_on="2023-06-28"))
    assert unfiled["sheet"]["psn_part_amt"] == "19778.00"
    filing = {"kind": "filed", "area": "450100000000", "valid_from": "2023-06-01", "valid_to": "2023-12-31"}
    assert (await clerk.post(f"/insured/{MOTHER}/filings", json=filing)).status_code == 200
    answer = await window.post(f"/settlements/{unfiled['settlement']}/resettle", json={"reason": "补办备案"})
    assert answer.status_code == 200, answer.text
    anew = answer.json()
    assert (anew["filing"], anew["sheet"]["psn_part_amt"]) == ("filed", "15588.00")
    assert anew["refund"] == {"account": "0.00", "cash": "4190.00"}
    assert anew["replaces"] == unfiled["settlement"]
    assert anew["before"]["stays"] == 0
    old = (await window.get(f"/settlements/{unfiled['settlement']}")).json()
    assert old["is_reversed"]
    path = f"/settlements/{unfiled['settlement']}/resettle"
    assert problem(await window.post(path, json={"reason": "再来"})) == (409, "already_reversed")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"items": [{"name": "药", "category": "A", "amt": "-1.00"}]}, "items"),
    ({"items": [{"name": "药", "category": "A", "amt": "1.005"}]}, "items"),
    ({"items": [{"name": "药", "category": "A", "amt": 1.5}]}, "items"),
    ({"items": [{"name": "药", "category": "A", "amt": "9999999999999999"}]}, "items"),
    ({"items": [{"name": "药", "category": "A", "amt": "10.00", "own": "6.00", "overlimit": "5.00"}]}, "items"),
    ({"items": [{"name": "药", "category": "D", "amt": "10.00"}]}, "items"),
    ({"items": [{"name": "药", "category": "A", "amt": "10.00", "selfpay_prop": "0.1"}]}, "items"),
    ({"items": [{"name": "药", "category": "B", "amt": "10.00", "selfpay_prop": "1.1"}]}, "items"),
    ({"items": []}, "items"),
    ({"id_number": "450821194907049987"}, "id_number"),
    ({"bill_number": ""}, "bill_number"),
    ({"discharged_on": "2023-06-19"}, "discharged_on"),
    ({"discharged_on": "2999-01-01"}, "discharged_on"),
    ({"discharged_on": "2022-07-05", "admitted_on": "2022-07-01"}, "discharged_on"),
    ({"hospital": "12450100MC00001009"}, "hospital"),
    ({"surprise": 1}, "surprise"),
]


async def test_a_bill_that_cannot_be_right_is_refused_with_its_field(office: Office) -> None:
    await office.insure(insured_from="2022-01-01")
    window, before = await office.window(), await stored(office)
    for (wrong, field), path in product(WRONG, ("/quotes", "/settlements")):
        answer = await window.post(path, json=bill(**wrong))
        assert answer.status_code == 422, f"{wrong}: {answer.text}"
        assert any(one.startswith(field) for one in fields(answer)), f"{wrong}: {answer.text}"
    assert await stored(office) == before


async def test_who_is_not_insured_at_discharge_is_told_why(office: Office) -> None:
    window = await office.window()
    assert problem(await window.post("/settlements", json=bill())) == (404, "no_such_insured")
    await office.register(WORKER, "覃示范", bill(person=WORKER)["id_number"])
    assert problem(await window.post("/settlements", json=bill(person=WORKER))) == (409, "not_insured")
    clerk = await office.insure(insured_from="2023-07-06")
    assert problem(await window.post("/settlements", json=bill())) == (409, "not_yet_insured")
    lapse = {"lapsed_from": "2023-08-01", "reason": "未缴费"}
    assert (await clerk.post(f"/insured/{MOTHER}/lapse", json=lapse)).status_code == 200
    late = bill(admitted_on="2023-07-20", discharged_on="2023-08-01")
    assert problem(await window.post("/settlements", json=late)) == (409, "insurance_lapsed")
    assert (await clerk.post(f"/insured/{MOTHER}/return", json={"insured_from": "2023-08-01"})).status_code == 200
    assert (await window.post("/settlements", json=late)).status_code == 201


async def test_a_bill_counts_in_the_year_of_its_discharge(office: Office) -> None:
    await office.insure()
    window = await office.window()
    shown = await settle(window, bill(admitted_on="2022-12-20", discharged_on="2023-01-04"))
    assert (shown["year"], shown["policy_version"]) == (2023, "guangxi-residents-2023-01")


async def test_a_window_sees_and_touches_its_own_hospitals_only(office: Office) -> None:
    await office.insure()
    window, other = await office.window(), await office.window(AT_HOME.division)
    shown = await settle(window, bill())
    path = f"/settlements/{shown['settlement']}"
    assert problem(await other.get(path)) == (404, "no_such_settlement")
    assert problem(await other.post(f"{path}/reverse", json={"reason": "x"})) == (404, "no_such_settlement")
    assert problem(await other.post("/quotes", json=bill(hospital=REGIONAL.code))) == (403, "outside_division")
    assert problem(await (await office.window("450821000000")).post("/quotes", json=bill())) == (422, "which_hospital")
    reviewer = await office.window(role=Role.reviewer)
    for route in ("/quotes", "/settlements"):
        assert problem(await reviewer.post(route, json=bill())) == (403, "role_needed")
    assert problem(await (await office.citizen()).post("/quotes", json=bill())) == (403, "role_needed")


async def test_a_window_whose_appointment_ended_settles_no_more(office: Office) -> None:
    await office.insure()
    window = await office.window()
    appointed = StaffAppointed(
        staff=WINDOW,
        name="窗小敏",
        roles=frozenset({Role.hospital_window}),
        division=REGIONAL.division,
        appointed_at=NOW,
    )
    await office.department.give(f"staff-{WINDOW}", appointed)
    assert (await window.post("/quotes", json=bill())).status_code == 200
    await office.department.give(f"staff-{WINDOW}", StaffDismissed(staff=WINDOW, dismissed_at=datetime.now(UTC)))
    assert problem(await window.post("/quotes", json=bill())) == (401, "dismissed")


async def test_of_two_hospitals_of_a_division_a_window_sees_its_own(office: Office) -> None:
    """Which one is theirs, the first bill they settled there tells."""
    await office.insure()
    first, other, newcomer = [await office.window(PINGNAN, id=uuid4()) for _ in range(3)]
    earlier: dict[str, Any] = {"admitted_on": "2023-06-01", "discharged_on": "2023-06-20"}
    mine = await settle(first, bill("1", hospital=TOWN))
    theirs = await settle(other, bill("2", hospital=COUNTYS, **earlier))
    for window, settled, status in (
        (first, mine, 200),
        (first, theirs, 404),
        (other, mine, 404),
        (newcomer, mine, 404),
    ):
        for path in (f"/settlements/{settled['settlement']}", f"/settlements/{settled['settlement']}/sheet.pdf"):
            assert (await window.get(path)).status_code == status
    undoing = f"/settlements/{theirs['settlement']}"
    for act, body in (("reverse", {"reason": "x"}), ("resettle", {"reason": "x"})):
        assert problem(await first.post(f"{undoing}/{act}", json=body)) == (404, "no_such_settlement")
        named = body | {"hospital": COUNTYS}
        assert problem(await first.post(f"{undoing}/{act}", json=named)) == (403, "another_hospital")
    list = {"day": "2023-07-05", "entries": [], "hospital": COUNTYS}
    assert problem(await first.post("/reconciliations", json=list)) == (403, "another_hospital")
    assert problem(await newcomer.post("/quotes", json=bill())) == (422, "which_hospital")
    assert (await first.post("/quotes", json=bill())).status_code == 200


async def test_a_clerk_sees_settlements_of_the_insured_of_their_region_only(office: Office) -> None:
    await office.insure()
    settlement = (await settle(await office.window(), bill()))["settlement"]
    for area, status in ((GUIGANG, 200), ("450000000000", 200), (NANNING, 404), (GUILIN, 404)):
        assert (await (await office.clerk(area)).get(f"/settlements/{settlement}")).status_code == status


async def test_a_days_list_is_compared_with_what_is_settled(office: Office) -> None:
    await office.insure()
    window = await office.window()
    agreed, forgotten, wrong, undone = [await settle(window, small_bill()) for _ in range(4)]
    await window.post(f"/settlements/{undone['settlement']}/reverse", json={"reason": "x"})

    def entry(shown: dict[str, Any], **changed: str) -> dict[str, str]:
        sheet = shown["sheet"]
        return {
            "bill_number": shown["bill_number"],
            "total": sheet["medfee_sumamt"],
            "fund": sheet["fund_pay_sumamt"],
            "person": sheet["psn_part_amt"],
        } | changed

    theirs = [entry(agreed), entry(wrong, fund="1.00"), entry(undone), entry(agreed, bill_number="ZY0")]
    day = (await office.department.engine.pool.fetchval("select max(settled_day) from settlements")).isoformat()
    answer = await window.post("/reconciliations", json={"day": day, "entries": theirs})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["agreed"] == 1
    assert {one["bill_number"] for one in found["missing_here"]} == {undone["bill_number"], "ZY0"}
    assert [one["bill_number"] for one in found["missing_there"]] == [forgotten["bill_number"]]
    [difference] = found["differing"]
    assert (difference["theirs"]["fund"], difference["ours"]["fund"]) == ("1.00", wrong["sheet"]["fund_pay_sumamt"])
    twice = {"day": day, "entries": [entry(agreed), entry(agreed)]}
    assert problem(await window.post("/reconciliations", json=twice))[0] == 422


async def test_a_citizen_sees_his_own_sheet_and_nobody_elses(office: Office) -> None:
    await office.insure()
    window, citizen = await office.window(), await office.citizen()
    shown = await settle(window, bill())
    path = f"/settlements/{shown['settlement']}"
    assert (await citizen.get(path)).json() == shown
    assert shown["id_number"] == "450821********9986"
    stranger = await office.citizen(UUID(int=1))
    assert problem(await stranger.get(path)) == (404, "no_such_settlement")
    clerk, elsewhere = await office.clerk(), await office.clerk("511500000000")
    assert (await clerk.get(path)).status_code == 200
    assert problem(await elsewhere.get(path)) == (404, "no_such_settlement")
