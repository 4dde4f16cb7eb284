"""The ledger, clearing and savings over HTTP."""

from datetime import UTC, datetime
from decimal import Decimal

from services.insurance.read_models.ledger_entries import entries_of
from shared.contracts.identity import Role
from shared.standards.shanghai import day_in_shanghai
from tests.services.insurance.examples import GUIGANG, WORKER
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
    assert problem(await clerk.post(f"/clearing/{MONTH}/close")) == (409, "month_not_over")
    closed = await clerk.post("/clearing/2023-07/close")
    assert (closed.status_code, closed.json()["is_closed"], closed.json()["statements"]) == (200, True, [])
    again = await clerk.post("/clearing/2023-07/close")
    assert "event-id" not in again.headers
    assert problem(await clerk.get("/clearing/2023-13")) == (422, "month")
    assert problem(await window.post("/clearing/2023-07/close")) == (403, "role_needed")
    assert problem(await (await office.clerk(role=Role.leader)).get(f"/clearing/{MONTH}")) == (403, "role_needed")


async def test_what_the_relief_saved_is_open_to_everyone_and_names_nobody(office: Office) -> None:
    await office.insure()
    window = await office.window()
    await settle(window, bill())
    undone = await settle(window, bill("ZY2"))
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
        assert (await anyone.get("/savings", params={"year": 2022})).json()["relief"] == "0.00"
        assert problem(await anyone.get("/savings", params={"year": "x"}))[0] == 422
