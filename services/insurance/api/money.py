"""The money: the ledger's balance, clearing between regions, and what the relief of 1 July 2023 saved."""

from datetime import datetime
from typing import Annotated

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from services.insurance.api.bodies import PayoutBody
from services.insurance.api.serving import serve
from services.insurance.directory import directory
from services.insurance.domain import clearing
from services.insurance.domain.clearing import CLEARING, CloseMonth, balances
from services.insurance.payments import LocalLedger
from services.insurance.payouts import Payouts
from services.insurance.read_models.clearing_items import statements_of
from services.insurance.read_models.ledger_entries import trial_balance
from services.insurance.read_models.settlements import saved_in
from shared.contracts.identity import Role
from shared.contracts.insurance import ClearingStatement, RegionBalance
from shared.department.answer import Answer, division_name
from shared.department.caller import Caller
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.standards.money import ZERO, Yuan

Year = Annotated[int, QueryParameter(ge=2000, le=2100, description="of the discharge")]


class AccountShown(Answer):
    """`balance`: credit less debit."""

    account: str
    debit: Yuan
    credit: Yuan
    balance: Yuan


class LedgerBalance(Answer):
    """Both sides are equal, always; `is_balanced` says so by adding them up."""

    accounts: list[AccountShown]
    debit: Yuan
    credit: Yuan
    is_balanced: bool


@get("/ledger/balance", tags=["money"], summary="试算平衡 / every account, and whether both sides agree")
async def show_balance(pool: NamedDependency[Pool], caller: NamedDependency[Caller]) -> LedgerBalance:
    await serve(pool, caller, Role.insurance_clerk)
    sums = await trial_balance(pool)
    debit, credit = sum((one.debit for one in sums), ZERO), sum((one.credit for one in sums), ZERO)
    return LedgerBalance(
        accounts=[
            AccountShown(account=one.account, debit=one.debit, credit=one.credit, balance=one.credit - one.debit)
            for one in sums
        ],
        debit=debit,
        credit=credit,
        is_balanced=debit == credit,
    )


class ClearingShown(Answer):
    """What regions of insurance owe regions of treatment for a month; `balances` add up to zero."""

    month: str
    is_closed: bool
    statements: list[ClearingStatement]
    balances: list[RegionBalance]
    names: dict[str, str]


@get("/clearing/{month:str}", tags=["money"], summary="地区间清算 / a month between regions")
async def show_clearing(
    month: FromPath[str], store: NamedDependency[Store], pool: NamedDependency[Pool], caller: NamedDependency[Caller]
) -> ClearingShown:
    await serve(pool, caller, Role.insurance_clerk)
    clearing.first_day_after(month)
    closed = (await store.load(CLEARING.stream(month), CLEARING)).state
    return _clearing(month, closed, closed.statements if closed else await statements_of(pool, month))


@post("/clearing/{month:str}/close", status_code=200, tags=["money"], summary="月度清算关账 / close a month")
async def close_month(
    month: FromPath[str],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[ClearingShown]:
    await serve(pool, caller, Role.insurance_clerk)
    clearing.first_day_after(month)
    command = CloseMonth(month, await statements_of(pool, month), caller.id, now)
    done = await store.execute(CLEARING.stream(month), CLEARING, command, context)
    assert done.state is not None
    return stored(done, _clearing(month, done.state, done.state.statements), status=200)


def _clearing(month: str, closed: object, statements: tuple[ClearingStatement, ...]) -> ClearingShown:
    regions = {region for one in statements for region in (one.owed_by, one.owed_to)}
    return ClearingShown(
        month=month,
        is_closed=closed is not None,
        statements=list(statements),
        balances=list(balances(statements)),
        names={region: division_name(region) for region in sorted(regions)},
    )


class PayoutShown(Answer):
    """What was due up to the month's end and not ordered before; paid once."""

    hospital: str
    hospital_name: str
    month: str
    amount: Yuan
    receipt: str


@post("/hospitals/{hospital:str}/payments", tags=["money"], summary="拨付医院 / pay a hospital what a month came to")
async def pay_hospital(
    hospital: FromPath[str],
    data: JSONBody[PayoutBody],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[PayoutShown]:
    payee = directory().hospital(hospital)
    await serve(pool, caller, Role.insurance_clerk, payee.division)
    payouts = Payouts(store, pool, LocalLedger(store))
    done, ordered, receipt = await payouts.pay(payee, data.month, caller.id, now, context)
    body = PayoutShown(
        hospital=payee.code, hospital_name=payee.name, month=ordered.month, amount=ordered.amount, receipt=receipt
    )
    return stored(done, body)


class SavedShown(Answer):
    region: str
    region_name: str
    settlements: int
    relief: Yuan


class SavingsShown(Answer):
    """What patients would have paid more, unfiled, by the rules before 1 July 2023. No person is shown."""

    year: int
    settlements: int
    relief: Yuan
    regions: list[SavedShown]


@get(
    "/savings", tags=["money"], summary="免备案减负 / what the relief of 1 July 2023 saved in a year; open to everyone"
)
async def show_savings(pool: NamedDependency[Pool], year: Year) -> SavingsShown:
    rows = await saved_in(pool, year)
    return SavingsShown(
        year=year,
        settlements=sum(row.settlements for row in rows),
        relief=sum((row.relief for row in rows), ZERO),
        regions=[
            SavedShown(
                region=row.region,
                region_name=division_name(row.region),
                settlements=row.settlements,
                relief=row.relief,
            )
            for row in rows
        ],
    )
