"""A hospital is paid what the funds owe it, a month once, and what was reversed later is taken off the next."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from services.insurance.domain.payment import Paid
from services.insurance.domain.payout import PAYOUT, OrderPayment
from services.insurance.payments import LocalLedger
from services.insurance.payouts import Payouts
from services.insurance.read_models.hospital_dues import due_until
from services.insurance.read_models.ledger_entries import balance_of
from services.insurance.treasury import Treasury
from shared.contracts.errors import Refused
from shared.eventstore.aggregate import Context
from shared.standards.shanghai import day_in_shanghai
from tests.services.insurance.examples import AT_HOME, CLERK, NOW, REGIONAL
from tests.services.insurance.office import Office, bill, problem, settle, small_bill

MONTH = f"{day_in_shanghai(datetime.now(UTC)):%Y-%m}"
LATER = datetime(2999, 1, 2, tzinfo=UTC)


def order(month: str, due: str) -> OrderPayment:
    return OrderPayment(REGIONAL.code, month, Decimal(due), CLERK, NOW)


def test_what_was_ordered_before_is_taken_off() -> None:
    [july] = PAYOUT.decide(PAYOUT.initial, order("2023-07", "100.00"))
    after = PAYOUT.evolve(PAYOUT.initial, july)
    assert PAYOUT.decide(after, order("2023-07", "100.00")) == []
    [august] = PAYOUT.decide(after, order("2023-08", "130.00"))
    assert august.amount == Decimal("30.00")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (order("2023-12", "100.00"), "month_not_over"),
        (order("2023-07", "0.00"), "nothing_due"),
        (order("2023-07", "-1.00"), "nothing_due"),
        (order("2023-13", "1.00"), "month"),
    ],
)
def test_what_is_not_due_is_refused(command: OrderPayment, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        PAYOUT.decide(PAYOUT.initial, command)
    assert refusal.value.code == code


async def test_a_month_is_paid_once_however_often_it_is_asked_for(office: Office) -> None:
    await office.insure()
    window, engine = await office.window(), office.department.engine
    shown = await settle(window, bill())
    undone = await settle(window, small_bill())
    await window.post(f"/settlements/{undone['settlement']}/reverse", json={"reason": "x"})
    due = Decimal(shown["sheet"]["fund_pay_sumamt"])
    assert await due_until(engine.pool, REGIONAL.code, MONTH) == due
    payouts = Payouts(Treasury(engine.store, engine.pool, LocalLedger()))
    paid = await asyncio.gather(*(payouts.pay(REGIONAL, MONTH, UUID(int=n), LATER, Context()) for n in range(5)))
    assert {ordered.amount for _, ordered, _ in paid} == {due}
    order = paid[0][1].order
    assert await payouts.treasury.follow(order, LATER) == Paid(f"ledger-{order}")
    left = await balance_of(engine.pool, f"hospital:{REGIONAL.code}")
    assert left == Decimal(shown["sheet"]["psn_cash_pay"])  # which it has, in cash
    assert await balance_of(engine.pool, f"bank:{REGIONAL.region}") == due


async def test_over_http_only_a_clerk_of_the_place_pays_and_only_a_month_that_is_over(office: Office) -> None:
    clerk, elsewhere = await office.clerk(), await office.clerk("450800000000")
    path = f"/hospitals/{REGIONAL.code}/payments"
    assert problem(await clerk.post(path, json={"month": MONTH})) == (409, "month_not_over")
    assert problem(await clerk.post(path, json={"month": "2023-07"})) == (409, "nothing_due")
    assert problem(await clerk.post(path, json={"month": "2023-7"}))[0] == 422
    assert problem(await clerk.post("/hospitals/nobody/payments", json={"month": "2023-07"})) == (
        422,
        "unknown_hospital",
    )
    assert problem(await elsewhere.post(path, json={"month": "2023-07"})) == (403, "outside_division")
    window = await office.window(AT_HOME.division)
    assert problem(await window.post(path, json={"month": "2023-07"})) == (403, "role_needed")
