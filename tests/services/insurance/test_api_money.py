"""The ledger, clearing and savings over HTTP."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from services.insurance.read_models.ledger_entries import entries_of
from shared.contracts.identity import Role
from shared.standards.shanghai import day_in_shanghai
from tests.services.insurance.examples import GUIGANG, GUILIN, WORKER
from tests.services.insurance.office import Office, bill, problem, settle, small_bill

NANNING = "450100000000"
MONTH = f"{day_in_shanghai(datetime.now(UTC)):%Y-%m}"


async def test_the_books_balance_after_all_that_can_happen(office: Office) -> None:
    clerk = await office.insure()
    await office.insure(WORKER)
    await clerk.post(f"/insured/{WORKER}/credits", json={"month": "2023-07", "amount": "116.00"})
    window = await office.window()
    shown = await settle(window, bill())
    await settle(window, small_bill(person=WORKER))
    await window.post(f"/settlements/{shown['settlement']}/reverse", json={"reason": "x"})
    told = (await clerk.get("/ledger/balance")).json()
    assert told["is_balanced"]
    assert told["debit"] == told["credit"] != "0.00"
    accounts = {one["account"]: one["balance"] for one in told["accounts"]}
    assert accounts[f"pooled_fund:{GUIGANG}"] == "0.00"
    assert accounts["personal_account"] == "0.00"
    assert not any(str(WORKER) in account for account in accounts)
    entries = await entries_of(office.department.engine.pool, shown["event"])
    assert sum(one.amount for one in entries if one.credit.startswith("hospital:")) == Decimal("32133.33")
    assert problem(await (await office.citizen()).get("/ledger/balance")) == (403, "role_needed")


async def test_a_month_between_regions_sums_to_zero_and_closes_once(office: Office) -> None:
    clerk = await office.insure()
    window = await office.window()
    shown = await settle(window, bill())
    undone = await settle(window, small_bill())
    await window.post(f"/settlements/{undone['settlement']}/reverse", json={"reason": "x"})
    told = (await clerk.get(f"/clearing/{MONTH}")).json()
    assert told["statements"] == [
        {
            "owed_by": GUIGANG,
            "owed_to": NANNING,
            "settlements": 1,
            "amount": shown["sheet"]["fund_pay_sumamt"],
            "payment": None,
        }
    ]
    balances = {one["region"]: one["amount"] for one in told["balances"]}
    assert balances == {GUIGANG: "-16545.33", NANNING: "16545.33"}
    in_guigang = await office.clerk(GUIGANG)
    assert problem(await in_guigang.post(f"/clearing/{MONTH}/close/propose")) == (409, "month_not_over")
    first, second = await office.two_clerks()
    assert (await first.post("/clearing/2023-07/close/propose")).status_code == 200
    closed = await second.post("/clearing/2023-07/close")
    assert (closed.status_code, closed.json()["is_closed"], closed.json()["statements"]) == (200, True, [])
    again = await second.post("/clearing/2023-07/close")
    assert "event-id" not in again.headers
    assert problem(await clerk.get("/clearing/2023-13")) == (422, "month")
    assert problem(await window.post("/clearing/2023-07/close")) == (403, "role_needed")
    assert problem(await (await office.clerk(role=Role.leader)).get(f"/clearing/{MONTH}")) == (403, "role_needed")


async def test_a_clerk_sees_the_books_of_their_own_region_only(office: Office) -> None:
    await office.insure()
    await settle(await office.window(), bill())
    for area, kept in ((GUIGANG, GUIGANG), ("450821000000", GUIGANG), (NANNING, NANNING)):
        told = (await (await office.clerk(area)).get("/ledger/balance")).json()
        assert told["is_balanced"]
        assert {one["account"].split(":")[1] for one in told["accounts"]} & {GUIGANG, NANNING} == {kept}
    told = (await (await office.clerk(GUILIN)).get("/ledger/balance")).json()
    assert (told["accounts"], told["is_balanced"]) == ([], True)
    asked = await (await office.clerk(GUILIN)).get(f"/clearing/{MONTH}", params={"region": GUIGANG})
    assert problem(asked) == (403, "outside_division")


async def test_a_clerk_sees_of_a_month_what_their_own_region_owes_or_is_owed(office: Office) -> None:
    await office.insure()
    shown = await settle(await office.window(), bill())
    amount = shown["sheet"]["fund_pay_sumamt"]
    for area, balance in ((GUIGANG, f"-{amount}"), ("450821000000", f"-{amount}"), (NANNING, amount)):
        told = (await (await office.clerk(area)).get(f"/clearing/{MONTH}")).json()
        assert [one["amount"] for one in told["statements"]] == [amount]
        assert [one["amount"] for one in told["balances"]] == [balance]
    told = (await (await office.clerk(GUILIN)).get(f"/clearing/{MONTH}")).json()
    assert (told["statements"], told["balances"], told["names"]) == ([], [], {})


async def test_what_the_relief_saved_is_open_to_everyone_and_names_nobody(office: Office) -> None:
    await office.insure()
    window = await office.window()
    await settle(window, bill())
    items = [{"name": "复查", "category": "A", "amt": "20000.00"}]
    undone = await settle(window, bill("ZY2", items=items))
    assert undone["relief"] != "0.00"
    await window.post(f"/settlements/{undone['settlement']}/reverse", json={"reason": "x"})
    async with office.department.client() as anyone:
        told = (await anyone.get("/savings", params={"year": 2023})).json()
        assert (told["settlements"], told["relief"]) == (1, "4190.00")
        assert told["regions"] == [
            {
                "region": GUIGANG,
                "region_name": "广西壮族自治区贵港市",
                "settlements": 1,
                "relief": "4190.00",
            }
        ]
        for region, relief in {GUIGANG: "4190.00", "450000000000": "4190.00", GUILIN: "0.00"}.items():
            of_region = (await anyone.get("/savings", params={"year": 2023, "region": region})).json()
            assert (of_region["region"], of_region["relief"]) == (region, relief)
        for wrong in ("45", "999999000000"):
            assert problem(await anyone.get("/savings", params={"year": 2023, "region": wrong}))[0] == 422
        assert (await anyone.get("/savings", params={"year": 2022})).json()["relief"] == "0.00"
        assert problem(await anyone.get("/savings", params={"year": "x"}))[0] == 422


async def test_a_years_relief_is_the_sum_of_what_holds_over_settlements_reversals_and_what_is_settled_anew(
    office: Office,
) -> None:
    await office.insure()
    window, holding = await office.window(), list[dict[str, Any]]()
    for number in range(12):
        if number % 4 == 3:
            undone = holding.pop()
            reversal = {"reason": "x"}
            await window.post(f"/settlements/{undone['settlement']}/reverse", json=reversal)
        elif number % 5 == 4:
            old = holding.pop()
            path = f"/settlements/{old['settlement']}/resettle"
            holding.append((await window.post(path, json={"reason": "x", "is_emergency": True})).json())
        else:
            holding.append(await settle(window, small_bill(f"{1000 + 731 * number}.37")))
        told = (await window.get("/savings", params={"year": 2023, "region": GUIGANG})).json()
        assert told["relief"] == f"{sum(Decimal(one['relief']) for one in holding):.2f}"
        assert told["settlements"] == sum(Decimal(one["relief"]) > 0 for one in holding)
    assert {one["relief_rule"] for one in holding} >= {"guangxi-residents-2023-07/relief"}
