"""Closing a month moves the money: over HTTP, through a bank, whoever dies in between, and over random months."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from deploy.embedded.department_database import DepartmentDatabase
from services.insurance.clearings import Clearings
from services.insurance.domain.clearing import balances
from services.insurance.domain.hospital import Hospital
from services.insurance.domain.insured import INSURED
from services.insurance.domain.insured_state import Insured
from services.insurance.domain.officer import Officer
from services.insurance.read_models.ledger_entries import balance_of, trial_balance
from services.insurance.service import insurance
from services.insurance.treasury import Treasury
from shared.contracts.errors import Refused
from shared.contracts.insurance import ClaimSettled
from shared.eventstore.aggregate import Context
from shared.standards.money import ZERO
from tests.department import running
from tests.services.insurance.banks import SmallBank
from tests.services.insurance.examples import (
    CLERK,
    GUIGANG,
    GUILIN,
    IN_GUILIN,
    IN_YIBIN,
    MOTHER,
    OTHER_CLERK,
    REGIONAL,
    anew,
    claim,
    enrol,
    item,
    reverse,
    settle,
)
from tests.services.insurance.office import Office, problem

NANNING = REGIONAL.region
OWING = (GUIGANG, GUILIN)  # where the insured of these tests are insured
JULY, AUGUST, OCTOBER = (datetime(2023, month, 10, 4, tzinfo=UTC) for month in (7, 8, 10))
AFTER = datetime(2024, 1, 10, 4, tzinfo=UTC)


@pytest.fixture
def bank() -> SmallBank:
    return SmallBank()


@pytest.fixture
async def office(database: DepartmentDatabase, bank: SmallBank) -> AsyncIterator[Office]:
    """The department with this bank, whose sweeps the test does itself."""
    async with running(replace(insurance(bank), on_start=()), database) as department, Office(department) as opened:
        yield opened


@pytest.fixture
def clearings(office: Office, bank: SmallBank) -> Clearings:
    return Clearings(Treasury(office.department.engine.store, office.department.engine.pool, bank))


async def settled(
    clearings: Clearings, number: str, at: datetime, amount: str = "1000.00", person: UUID = MOTHER
) -> ClaimSettled:
    """A bill of an insured at 贵港, settled at 南宁 at that moment."""
    stream, store = INSURED.stream(person), clearings.treasury.store
    await store.execute(stream, INSURED, enrol(person=person), Context())
    of = claim(number, admitted=date(2023, 7, 1), discharged=date(2023, 7, 5), items=[item(amount)])
    done = await store.execute(stream, INSURED, replace(settle(of), now=at), Context())
    [event] = [one.data for one in done.events if isinstance(one.data, ClaimSettled)]
    return event


async def undone(clearings: Clearings, settlement: ClaimSettled, at: datetime) -> None:
    command = replace(reverse(settlement.settlement, settlement.hospital), now=at)
    await clearings.treasury.store.execute(INSURED.stream(settlement.person), INSURED, command, Context())


PROPOSER, CLOSER = Officer(CLERK), Officer(OTHER_CLERK)


async def close(clearings: Clearings, month: str, region: str = GUIGANG) -> None:
    await clearings.propose_close(region, month, PROPOSER, AFTER, Context())
    await clearings.close(region, month, CLOSER, AFTER, Context())


async def pay_again(clearings: Clearings, month: str, region: str) -> None:
    """What the bank rejected, and what the region owes back."""
    try:
        await clearings.propose_payments(region, month, PROPOSER, AFTER, Context())
    except Refused:
        return  # nothing is left to order
    await clearings.approve_payments(region, month, CLOSER, AFTER, Context())


async def closed_over_http(office: Office, month: str, region: str = GUIGANG) -> dict[str, Any]:
    clerk, other = await office.two_clerks(region)
    proposed = await clerk.post(f"/clearing/{month}/close/propose")
    assert proposed.status_code == 200, proposed.text
    answer = await other.post(f"/clearing/{month}/close")
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def finish(clearings: Clearings, bank: SmallBank) -> None:
    """Whatever is left to do, by the sweeps and the bank."""
    await clearings.sweep()
    await clearings.treasury.hand_in()
    bank.work()
    await clearings.treasury.ask_after()


async def clearing_accounts(clearings: Clearings) -> dict[str, Decimal]:
    """Credit less debit, where not zero; the ledger balances."""
    sums = await trial_balance(clearings.treasury.pool)
    assert sum(one.debit for one in sums) == sum(one.credit for one in sums)
    left = {one.account: one.credit - one.debit for one in sums if one.account.startswith(("clearing", "in_transit"))}
    return {account: balance for account, balance in left.items() if balance}


async def test_closing_a_month_pays_what_it_states_and_the_clerk_sees_who_has_paid(
    office: Office, clearings: Clearings, bank: SmallBank
) -> None:
    owed = (await settled(clearings, "A", JULY)).sheet.fund_pay_sumamt
    assert await clearing_accounts(clearings) == {f"clearing:{GUIGANG}": owed, f"clearing:{NANNING}": -owed}
    clerk = await office.clerk()
    shown = await closed_over_http(office, "2023-07")
    assert (shown["is_closed"], shown["unpaid"], shown["corrections"]) == (True, str(owed), [])
    [statement] = shown["statements"]
    assert (statement["owed_by"], statement["owed_to"], statement["payment"]["status"]) == (
        GUIGANG,
        NANNING,
        "accepted",
    )
    assert shown["balances"] == [{"region": GUIGANG, "amount": f"-{owed}"}]  # of the clerk's own
    await finish(clearings, bank)
    shown = (await clerk.get("/clearing/2023-07")).json()
    assert (shown["unpaid"], shown["statements"][0]["payment"]["status"]) == ("0.00", "settled")
    assert await clearing_accounts(clearings) == {}
    pool = clearings.treasury.pool
    assert [await balance_of(pool, f"bank:{region}") for region in (GUIGANG, NANNING)] == [owed, -owed]
    for area in (GUIGANG, "450102000000"):  # a county's clerk sees its city's
        [listed] = (await (await office.clerk(area)).get("/payments")).json()["payments"]
        assert (listed["kind"], listed["payer"], listed["payee"], listed["status"]) == (
            "clearing",
            GUIGANG,
            NANNING,
            "settled",
        )


async def test_closing_twice_or_many_times_at_once_posts_once(
    office: Office, clearings: Clearings, bank: SmallBank
) -> None:
    owed = (await settled(clearings, "A", JULY)).sheet.fund_pay_sumamt
    await asyncio.gather(*(close(clearings, "2023-07") for _ in range(5)))
    await finish(clearings, bank)
    await close(clearings, "2023-07")
    await finish(clearings, bank)
    assert [order.amount for order in bank.paid] == [owed]
    assert await clearing_accounts(clearings) == {}


async def test_what_comes_after_the_close_is_in_the_next_open_month_as_a_correction(
    office: Office, clearings: Clearings, bank: SmallBank
) -> None:
    kept, back = await settled(clearings, "A", JULY), await settled(clearings, "B", JULY, "2000.00")
    await close(clearings, "2023-07")
    await undone(clearings, back, AUGUST)
    late = await settled(clearings, "C", JULY, "3000.00")  # decided in July, stored after the close
    clerk = await office.clerk()
    july = (await clerk.get("/clearing/2023-07")).json()
    assert july["statements"][0]["amount"] == str(kept.sheet.fund_pay_sumamt + back.sheet.fund_pay_sumamt)
    corrected = late.sheet.fund_pay_sumamt - back.sheet.fund_pay_sumamt
    for told in ((await clerk.get("/clearing/2023-08")).json(), await closed_over_http(office, "2023-08")):
        [statement], [correction] = told["statements"], told["corrections"]
        assert (statement["settlements"], statement["amount"]) == (0, str(corrected))
        assert (correction["settlements"], correction["amount"]) == (0, str(corrected))
    assert (await clerk.get("/clearing/2023-09")).json()["statements"] == []
    await finish(clearings, bank)
    assert await clearing_accounts(clearings) == {}


async def test_what_is_owed_back_goes_the_other_way(clearings: Clearings, bank: SmallBank) -> None:
    one = await settled(clearings, "A", JULY)
    await close(clearings, "2023-07")
    await undone(clearings, one, AUGUST)
    await close(clearings, "2023-08")
    await finish(clearings, bank)
    assert len(bank.paid) == 1  # no region orders out of another one's account
    await pay_again(clearings, "2023-08", GUIGANG)
    await pay_again(clearings, "2023-08", NANNING)
    await finish(clearings, bank)
    assert [(order.payer, order.payee) for order in bank.paid] == [(GUIGANG, NANNING), (NANNING, GUIGANG)]
    assert await clearing_accounts(clearings) == {}
    assert await balance_of(clearings.treasury.pool, f"bank:{GUIGANG}") == ZERO


async def test_months_close_in_their_order_over_http(office: Office, clearings: Clearings) -> None:
    await settled(clearings, "A", JULY)
    await settled(clearings, "B", OCTOBER, "1100.00")
    clerk = await office.clerk(GUIGANG)
    assert problem(await clerk.post("/clearing/2023-10/close/propose")) == (409, "earlier_month_open")
    preview = (await clerk.get("/clearing/2023-10")).json()
    assert [one["settlements"] for one in preview["statements"]] == [1]
    assert preview["corrections"] == []
    await closed_over_http(office, "2023-07")
    await closed_over_http(office, "2023-10")
    assert problem(await clerk.post("/clearing/2023-09/close/propose")) == (409, "later_month_closed")


async def test_killed_after_the_close_the_sweep_orders_what_is_left(
    clearings: Clearings, bank: SmallBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    owed = (await settled(clearings, "A", JULY)).sheet.fund_pay_sumamt

    async def killed(*_: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(Treasury, "pay", killed)
        with pytest.raises(asyncio.CancelledError):
            await close(clearings, "2023-07")
    assert bank.orders == {}
    await asyncio.gather(clearings.sweep(), clearings.sweep())
    await finish(clearings, bank)
    assert [order.amount for order in bank.paid] == [owed]
    assert await clearing_accounts(clearings) == {}


async def test_a_refused_payment_is_owed_again_until_it_is_ordered_anew(
    office: Office, clearings: Clearings, bank: SmallBank
) -> None:
    owed = (await settled(clearings, "A", JULY)).sheet.fund_pay_sumamt
    bank.refuses = {f"region:{NANNING}"}
    await close(clearings, "2023-07")
    await finish(clearings, bank)
    clerk = await office.clerk()
    shown = (await clerk.get("/clearing/2023-07")).json()
    standing = shown["statements"][0]["payment"]
    assert (shown["unpaid"], standing["status"], standing["code"]) == (str(owed), "rejected", "account_closed")
    assert await clearing_accounts(clearings) == {f"clearing:{GUIGANG}": owed, f"clearing:{NANNING}": -owed}
    await finish(clearings, bank)
    assert len(bank.orders) == 1  # nobody but a person orders it anew
    bank.refuses = set()
    first, second = await office.two_clerks()
    assert (await first.post("/clearing/2023-07/payments/propose")).status_code == 200
    assert problem(await first.post("/clearing/2023-07/payments")) == (403, "another_must_decide")
    again = (await second.post("/clearing/2023-07/payments")).json()["statements"][0]["payment"]
    assert (again["status"], again["attempt"]) == ("accepted", 2)
    await finish(clearings, bank)
    assert (await clerk.get("/clearing/2023-07")).json()["unpaid"] == "0.00"
    assert await clearing_accounts(clearings) == {}
    assert problem(await (await office.window()).post("/clearing/2023-07/payments")) == (403, "role_needed")


@pytest.mark.parametrize("seed", range(3))
async def test_over_random_settlements_reversals_and_closings_every_account_comes_to_what_it_must(
    clearings: Clearings, bank: SmallBank, seed: int
) -> None:
    random, people, closed = Random(seed), [uuid7() for _ in range(4)], 0
    store, holding = clearings.treasury.store, dict[UUID, ClaimSettled]()
    months = [f"2023-{month:02}" for month in range(1, 7)]
    bank.refuses = {f"region:{NANNING}"} if seed == 1 else set()
    for person in people:
        await store.execute(INSURED.stream(person), INSURED, enrol(person=person, insured_as="resident"), Context())
    for step in range(60):
        at = datetime(2023, random.randint(max(1, closed), 6), random.randint(1, 28), 4, tzinfo=UTC)
        person = random.choice(people)
        state = (await store.load(INSURED.stream(person), INSURED)).state
        assert isinstance(state, Insured)
        mine = state.years.get(2023, ())
        command: Any
        match random.random():
            case dice if dice < 0.15 and closed < 6:
                for region in OWING:
                    await close(clearings, months[closed], region)
                closed += 1
                continue
            case dice if dice < 0.4 and mine:
                command = replace(reverse(mine[-1].settlement, mine[-1].hospital), now=at)
            case dice if dice < 0.5 and mine and mine[-1].hospital == REGIONAL.code:
                command = replace(anew(mine[-1].settlement, is_emergency=bool(step % 2)), now=at)
            case _:
                hospital: Hospital = random.choice([REGIONAL, IN_GUILIN, IN_YIBIN])
                amount = f"{random.randrange(1, 10**7) / 100:.2f}"
                of = claim(f"{step}", admitted=at.date(), discharged=at.date(), items=[item(amount)])
                command = replace(settle(of, hospital), now=at)
        done = await store.execute(INSURED.stream(person), INSURED, command, Context())
        assert isinstance(done.state, Insured)
        for settlement in mine:
            holding.pop(settlement.settlement, None)
        holding |= {one.settlement: one for one in done.state.years.get(2023, ())}
        await clearing_accounts(clearings)
    for month in [*months[closed:], "2023-07"]:
        for region in OWING:
            await close(clearings, month, region)
    await finish(clearings, bank)
    bank.refuses = set()
    for month in [*months, "2023-07"]:
        for region in OWING:
            is_closed, reckoned = await clearings.stated(region, month)
            assert is_closed
            assert sum(one.amount for one in balances(reckoned.statements)) == 0
        for region in (*OWING, NANNING, IN_YIBIN.region):
            await pay_again(clearings, month, region)
    await finish(clearings, bank)
    assert await clearing_accounts(clearings) == {}
    owed: dict[str, Decimal] = {}
    for one in holding.values():
        paid = one.sheet.fund_pay_sumamt + one.sheet.acct_pay
        owed[one.region] = owed.get(one.region, ZERO) + paid
        owed[one.treatment_region] = owed.get(one.treatment_region, ZERO) - paid
    for region, total in owed.items():
        assert await balance_of(clearings.treasury.pool, f"bank:{region}") == total


async def test_the_books_of_regions_close_apart(office: Office, clearings: Clearings) -> None:
    await settled(clearings, "A", JULY)
    await closed_over_http(office, "2023-07", NANNING)  # which owes nothing
    told = (await (await office.clerk(GUIGANG)).get("/clearing/2023-07")).json()
    assert (told["is_closed"], told["statements"][0]["payment"]) == (False, None)


@pytest.mark.parametrize("division", [NANNING, "450821000000", "450821105202", "130123100242", "350300000000"])
async def test_another_regions_month_is_closed_by_nobody_else(office: Office, division: str) -> None:
    clerk = await office.clerk(division)
    for path in ("close/propose", "close", "payments/propose", "payments"):
        answer = await clerk.post(f"/clearing/2023-07/{path}", params={"region": GUIGANG})
        assert problem(answer) == (403, "outside_division")


@pytest.mark.parametrize("division", ["450000000000", "000000000000"])
async def test_nobody_closes_for_all_regions(office: Office, division: str) -> None:
    clerk = await office.clerk(division)
    for path in ("close/propose", "close", "payments/propose", "payments"):
        assert problem(await clerk.post(f"/clearing/2023-07/{path}")) == (422, "which_region")


async def test_what_changed_since_the_proposal_is_not_closed(office: Office, clearings: Clearings) -> None:
    await settled(clearings, "A", JULY)
    clerk, other = await office.two_clerks()
    proposed = (await clerk.post("/clearing/2023-07/close/propose")).json()["proposals"]
    assert [(one["region"], one["is_current"]) for one in proposed] == [(GUIGANG, True)]
    await settled(clearings, "B", JULY, "2000.00")
    assert (await clerk.get("/clearing/2023-07")).json()["proposals"][0]["is_current"] is False
    assert problem(await other.post("/clearing/2023-07/close")) == (409, "stale_proposal")
    assert problem(await clerk.post("/clearing/2023-07/close")) == (403, "another_must_decide")
