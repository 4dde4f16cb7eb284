"""A hospital is paid what the funds owe it, a month once, and what was reversed later is taken off the next."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import reduce

import pytest

from services.insurance.domain.officer import Officer
from services.insurance.domain.payment import Paid
from services.insurance.domain.payout import PAYOUT, OrderPayment, ProposePayment, State
from services.insurance.payments import LocalLedger
from services.insurance.payouts import Payouts
from services.insurance.read_models.hospital_dues import due_until
from services.insurance.read_models.ledger_entries import balance_of
from services.insurance.treasury import Treasury
from shared.contracts.errors import NotAllowed, Refused
from shared.eventstore.aggregate import Context
from shared.standards.shanghai import day_in_shanghai
from tests.services.insurance.examples import AT_HOME, CLERK, MOTHER, NOW, OTHER_CLERK, REGIONAL, WORKER
from tests.services.insurance.office import Office, bill, problem, settle, small_bill

MONTH = f"{day_in_shanghai(datetime.now(UTC)):%Y-%m}"
LATER = datetime(2999, 1, 2, tzinfo=UTC)


PROPOSER, DECIDER = Officer(CLERK, MOTHER), Officer(OTHER_CLERK, WORKER)


def order(month: str, due: str, attempt: int = 1) -> OrderPayment:
    return OrderPayment(REGIONAL.code, month, Decimal(due), attempt, DECIDER, NOW)


def proposed(state: State, of: OrderPayment) -> State:
    said = ProposePayment(of.hospital, of.month, of.due, of.attempt, PROPOSER, of.now)
    return reduce(PAYOUT.evolve, PAYOUT.decide(state, said), state)


def ordered(state: State, of: OrderPayment) -> State:
    state = proposed(state, of)
    return reduce(PAYOUT.evolve, PAYOUT.decide(state, of), state)


def test_what_was_ordered_before_is_taken_off() -> None:
    july = ordered(PAYOUT.initial, order("2023-07", "100.00"))
    with pytest.raises(Refused, match="ordered_already"):
        proposed(july, order("2023-07", "100.00"))
    august = ordered(july, order("2023-08", "130.00"))
    assert august.orders["2023-08"].amount == Decimal("30.00")
    assert august.orders["2023-08"].proposed_by == CLERK


def test_a_payment_takes_two_people() -> None:
    july = order("2023-07", "100.00")
    with pytest.raises(Refused, match="nothing_proposed"):
        PAYOUT.decide(PAYOUT.initial, july)
    state = proposed(PAYOUT.initial, july)
    for same in (PROPOSER, Officer(OTHER_CLERK, MOTHER)):
        with pytest.raises(NotAllowed, match="another_must_decide"):
            PAYOUT.decide(state, replace(july, officer=same))


def test_what_was_proposed_is_stale_once_more_is_due() -> None:
    state = proposed(PAYOUT.initial, order("2023-07", "100.00"))
    with pytest.raises(Refused, match="stale_proposal"):
        PAYOUT.decide(state, order("2023-07", "120.00"))


def test_what_the_bank_rejected_takes_two_people_again() -> None:
    state = ordered(PAYOUT.initial, order("2023-07", "100.00"))
    again = order("2023-07", "100.00", attempt=2)
    with pytest.raises(Refused, match="nothing_proposed"):
        PAYOUT.decide(state, again)
    assert ordered(state, again).approved == {"2023-07": 2}


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
        proposed(PAYOUT.initial, command)
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
    await payouts.propose(REGIONAL, MONTH, PROPOSER, LATER, Context())
    paid = await asyncio.gather(*(payouts.pay(REGIONAL, MONTH, DECIDER, LATER, Context()) for _ in range(5)))
    assert {ordered.amount for _, ordered, _ in paid} == {due}
    order = paid[0][1].order
    assert await payouts.treasury.follow(order, LATER) == Paid(f"ledger-{order}")
    left = await balance_of(engine.pool, f"hospital:{REGIONAL.code}")
    assert left == Decimal(shown["sheet"]["psn_cash_pay"])  # which it has, in cash
    assert await balance_of(engine.pool, f"bank:{REGIONAL.region}") == due


async def test_over_http_two_clerks_who_keep_the_fund_pay_a_month_that_is_over(office: Office) -> None:
    clerk, other = await office.two_clerks(REGIONAL.region)
    path = f"/hospitals/{REGIONAL.code}/payments"
    for sent, refused in (
        ({"month": MONTH}, (409, "month_not_over")),
        ({"month": "2023-07"}, (409, "nothing_due")),
    ):
        assert problem(await clerk.post(f"{path}/propose", json=sent)) == refused
    assert problem(await other.post(path, json={"month": "2023-07"})) == (409, "nothing_due")
    assert problem(await clerk.post(f"{path}/propose", json={"month": "2023-7"}))[0] == 422
    assert problem(await clerk.post("/hospitals/nobody/payments", json={"month": "2023-07"})) == (
        422,
        "unknown_hospital",
    )
    window = await office.window(AT_HOME.division)
    assert problem(await window.post(path, json={"month": "2023-07"})) == (403, "role_needed")


@pytest.mark.parametrize("division", ["450800000000", "450103000000", "450103001000", "130123100242"])
async def test_nobody_else_orders_a_hospitals_payment(office: Office, division: str) -> None:
    elsewhere = await office.clerk(division)
    path = f"/hospitals/{REGIONAL.code}/payments"
    for one in (path, f"{path}/propose"):
        assert problem(await elsewhere.post(one, json={"month": "2023-07"})) == (403, "outside_division")
