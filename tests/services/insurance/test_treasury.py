"""Money through a bank that answers late, twice, not at all, or refuses: paid once, and the ledger right throughout."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.insurance.domain.officer import Officer
from services.insurance.domain.payment import Awaiting
from services.insurance.paying import Paying
from services.insurance.payouts import Payouts
from services.insurance.read_models.ledger_entries import balance_of, trial_balance
from services.insurance.service import insurance
from services.insurance.treasury import Treasury
from shared.eventstore.aggregate import Context
from shared.standards.money import ZERO
from shared.standards.shanghai import day_in_shanghai
from tests.department import running
from tests.services.insurance.banks import SmallBank
from tests.services.insurance.examples import CLERK, EMPLOYER, GUILIN, IN_GUILIN, MOTHER, OTHER_CLERK, REGIONAL, WORKER
from tests.services.insurance.office import Office, bill, fields, problem, settle

WAGE = {"employer": EMPLOYER, "employer_name": "桂林示例纺织有限公司", "year": 2022, "average_wage": "5800.00"}
AMOUNT = Decimal("18946.67")
CARD = "6222020000000000018"
ITS_OWN = f"social-security-card:{WORKER}"
LATER = datetime(2999, 1, 2, tzinfo=UTC)


@pytest.fixture
def bank() -> SmallBank:
    return SmallBank()


@pytest.fixture
async def office(database: DepartmentDatabase, bank: SmallBank) -> AsyncIterator[Office]:
    """The department with this bank, whose sweeps the test does itself."""
    async with running(replace(insurance(bank), on_start=()), database) as department, Office(department) as opened:
        yield opened


@pytest.fixture
def treasury(office: Office, bank: SmallBank) -> Treasury:
    return Treasury(office.department.engine.store, office.department.engine.pool, bank)


@pytest.fixture
async def mother(office: Office) -> httpx.AsyncClient:
    """An employed mother whose birth is settled."""
    clerk = await office.insure(WORKER)
    assert (await clerk.post(f"/insured/{WORKER}/employment", json=WAGE)).status_code == 200
    await settle(await office.window(IN_GUILIN.division), bill(person=WORKER, care="maternity"))
    return await office.citizen(WORKER)


async def allowance_of(mother: httpx.AsyncClient) -> dict[str, Any]:
    [allowance] = (await mother.get("/my/insurance")).json()["allowances"]
    shown: dict[str, Any] = allowance
    return shown


async def confirm(mother: httpx.AsyncClient) -> httpx.Response:
    return await mother.post(f"/my/allowances/{(await allowance_of(mother))['allowance']}/confirm")


async def balances(treasury: Treasury) -> tuple[Decimal, Decimal, Decimal]:
    """Benefits, on their way, and paid by the bank, of 桂林. Both sides of the ledger are equal."""
    sums = await trial_balance(treasury.pool)
    assert sum(one.debit for one in sums) == sum(one.credit for one in sums)
    benefits, transit, paid = [
        await balance_of(treasury.pool, f"{kind}:{GUILIN}") for kind in ("maternity_benefits", "in_transit", "bank")
    ]
    return benefits, transit, paid


async def sweep(treasury: Treasury) -> None:
    await treasury.hand_in()
    await treasury.ask_after()
    await Paying(treasury).sweep()


async def test_a_bank_that_decides_later_is_asked_until_it_has(
    mother: httpx.AsyncClient, treasury: Treasury, bank: SmallBank
) -> None:
    assert (await confirm(mother)).json()["status"] == "confirmed"
    assert await balances(treasury) == (-AMOUNT, AMOUNT, ZERO)
    await sweep(treasury)
    assert (await allowance_of(mother))["status"] == "confirmed"
    bank.work()
    await asyncio.gather(sweep(treasury), sweep(treasury))
    await sweep(treasury)
    assert (await allowance_of(mother))["status"] == "paid"
    assert await balances(treasury) == (-AMOUNT, ZERO, AMOUNT)
    [paid] = bank.paid
    assert (paid.amount, paid.payee_account, paid.purpose) == (AMOUNT, ITS_OWN, "生育津贴")
    assert bank.handed_in[paid.id] == 1


async def test_an_answer_that_was_lost_pays_nothing_twice(
    mother: httpx.AsyncClient, treasury: Treasury, bank: SmallBank
) -> None:
    bank.loses_answers = 3
    assert (await confirm(mother)).json()["status"] == "confirmed"
    bank.work()
    for _ in range(4):
        await sweep(treasury)
    assert (await allowance_of(mother))["status"] == "paid"
    [paid] = bank.paid
    assert bank.handed_in[paid.id] > 1
    assert await balances(treasury) == (-AMOUNT, ZERO, AMOUNT)


async def test_while_the_bank_is_away_everything_waits_and_then_goes_on(
    mother: httpx.AsyncClient, treasury: Treasury, bank: SmallBank
) -> None:
    bank.is_away = True
    assert (await confirm(mother)).json()["status"] == "confirmed"
    await sweep(treasury)
    assert await balances(treasury) == (-AMOUNT, AMOUNT, ZERO)
    bank.is_away = False
    await sweep(treasury)
    bank.is_away = True  # accepted, and gone again
    await sweep(treasury)
    bank.is_away = False
    bank.work()
    await sweep(treasury)
    assert (await allowance_of(mother))["status"] == "paid"


async def test_what_the_bank_has_forgotten_is_handed_in_again_under_the_same_id(
    mother: httpx.AsyncClient, treasury: Treasury, bank: SmallBank
) -> None:
    await confirm(mother)
    bank.forgets = True
    bank.work()
    await sweep(treasury)
    assert (await allowance_of(mother))["status"] == "paid"
    assert len(bank.orders) == 1


async def test_a_refused_account_sends_the_allowance_back_to_be_confirmed_with_another(
    mother: httpx.AsyncClient, treasury: Treasury, bank: SmallBank
) -> None:
    bank.refuses = {ITS_OWN}
    await confirm(mother)
    bank.work()
    await sweep(treasury)
    back = await allowance_of(mother)
    assert (back["status"], back["rejection"]) == ("rejected", "收款账户已销户")
    assert await balances(treasury) == (ZERO, ZERO, ZERO)
    told = "select type from events where stream = $1 order by version desc limit 1"
    assert await treasury.pool.fetchval(told, f"insured-{WORKER}") == "insurance.MaternityAllowancePaymentRejected"
    assert problem(await confirm(mother)) == (409, "another_account_needed")
    await sweep(treasury)
    assert await balances(treasury) == (ZERO, ZERO, ZERO)

    shown = (await mother.post("/my/payee-account", json={"card_number": CARD})).json()
    assert (shown["payee_account"], shown["allowances"][0]["status"]) == ("bank-card:****0018", "prepared")
    assert (await confirm(mother)).json()["status"] == "confirmed"
    assert await balances(treasury) == (-AMOUNT, AMOUNT, ZERO)
    bank.work()
    await sweep(treasury)
    assert (await allowance_of(mother))["status"] == "paid"
    assert await balances(treasury) == (-AMOUNT, ZERO, AMOUNT)
    assert [order.payee_account for order in bank.paid] == [f"bank-card:{CARD}"]
    assert len(bank.orders) == 2


async def test_a_settlement_whose_allowance_was_not_paid_can_be_reversed(
    office: Office, mother: httpx.AsyncClient, treasury: Treasury, bank: SmallBank
) -> None:
    bank.refuses = {ITS_OWN}
    await confirm(mother)
    [settlement] = (await mother.get("/my/settlements")).json()["settlements"]
    path = f"/settlements/{settlement['settlement']}/reverse"
    window = await office.window(IN_GUILIN.division)
    assert problem(await window.post(path, json={"reason": "x"})) == (409, "allowance_decided")
    bank.work()
    await sweep(treasury)
    assert (await window.post(path, json={"reason": "x"})).status_code == 200
    assert (await allowance_of(mother))["status"] == "withdrawn"


@pytest.mark.parametrize("number", ["6222020000000000019", "123", "", "6222 0200 0000 0000 01X"])
async def test_what_is_no_card_is_refused(office: Office, mother: httpx.AsyncClient, number: str) -> None:
    answer = await mother.post("/my/payee-account", json={"card_number": number})
    assert (answer.status_code, fields(answer)) == (422, {"card_number"})


async def test_who_is_not_insured_names_no_account(office: Office) -> None:
    stranger = await office.citizen(MOTHER)
    assert problem(await stranger.post("/my/payee-account", json={"card_number": CARD})) == (404, "no_such_insured")
    assert problem(await (await office.clerk()).post("/my/payee-account", json={"card_number": CARD})) == (
        403,
        "citizens_only",
    )


async def test_a_refused_hospital_payment_is_ordered_anew_when_it_is_asked_for_again(
    office: Office, treasury: Treasury, bank: SmallBank
) -> None:
    await office.insure()
    shown = await settle(await office.window(), bill())
    month = f"{day_in_shanghai(datetime.now(UTC)):%Y-%m}"
    account = f"hospital:{REGIONAL.code}"
    bank.refuses = {account}
    payouts = Payouts(treasury)

    async def pay(key: str) -> object:
        return (await payouts.pay(REGIONAL, month, Officer(OTHER_CLERK), LATER, Context(key=key)))[2]

    await payouts.propose(REGIONAL, month, Officer(CLERK), LATER, Context())
    assert isinstance(await pay("first"), Awaiting)
    bank.work()
    await sweep(treasury)
    owed = Decimal(shown["sheet"]["medfee_sumamt"])
    assert await balance_of(treasury.pool, account) == owed
    clerk = await office.clerk()
    [listed] = (await clerk.get("/payments", params={"status": "rejected"})).json()["payments"]
    assert (listed["kind"], listed["payee"], listed["reason"]) == ("hospital", REGIONAL.code, "收款账户已销户")
    bank.refuses = set()
    await pay("first")  # the same request, repeated
    assert len(bank.orders) == 1
    _, again = await payouts.propose(REGIONAL, month, Officer(CLERK), LATER, Context())
    assert (again.attempt, again.amount) == (2, Decimal(shown["sheet"]["fund_pay_sumamt"]))
    await asyncio.gather(pay("second"), pay("third"))
    bank.work()
    await sweep(treasury)
    [paid] = bank.paid
    assert await balance_of(treasury.pool, account) == owed - paid.amount
    assert (await clerk.get("/payments", params={"status": "settled"})).json()["payments"][0]["attempt"] == 2
    assert (await (await office.clerk("511500000000")).get("/payments")).json() == {"payments": [], "next": None}
    assert problem(await (await office.window()).get("/payments")) == (403, "role_needed")
