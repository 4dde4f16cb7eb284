"""Clearing between regions: a month's statements, who has paid, closing."""

from datetime import datetime

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from services.insurance.api.payments import PaymentStanding, standing
from services.insurance.clearings import Clearings
from services.insurance.domain.clearing import balances, concerns, payment_of
from services.insurance.domain.hospital import overlap
from services.insurance.read_models.payments import payments_by_id
from services.insurance.treasury import Treasury
from shared.contracts.insurance import ClearingCorrection, RegionBalance
from shared.department.answer import Answer, division_name
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.standards.money import ZERO, Yuan


class StatementShown(Answer):
    """`payment`: null where none is due, or the month is open."""

    owed_by: str
    owed_to: str
    settlements: int
    amount: Yuan
    payment: PaymentStanding | None


class ClearingShown(Answer):
    """What regions of insurance owe regions of treatment for a month, where the clerk's own region owes or is owed.
    `balances`: of the clerk's own; of the whole country they add up to zero. `corrections`: what of
    the statements belongs to months closed before. `unpaid`: what of the closed month has not moved yet."""

    month: str
    is_closed: bool
    statements: list[StatementShown]
    corrections: list[ClearingCorrection]
    balances: list[RegionBalance]
    unpaid: Yuan
    names: dict[str, str]


@get("/clearing/{month:str}", tags=["money"], summary="地区间清算 / a month between regions, paid and unpaid")
async def show_month(
    month: FromPath[str],
    treasury: NamedDependency[Treasury],
    power: NamedDependency[Power],
) -> ClearingShown:
    return await _shown(Clearings(treasury), month, power.area)


@post(
    "/clearing/{month:str}/close",
    status_code=200,
    tags=["money"],
    summary="月度清算关账并拨付 / close a month, and pay what it states",
)
async def close_month(
    month: FromPath[str],
    treasury: NamedDependency[Treasury],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[ClearingShown]:
    clearings = Clearings(treasury)
    done = await clearings.close(month, power.caller.id, now, context)
    return stored(done, await _shown(clearings, month, power.area), status=200)


@post(
    "/clearing/{month:str}/payments",
    status_code=200,
    tags=["money"],
    summary="重新拨付 / order anew what the bank rejected of a closed month",
)
async def pay_month_again(
    month: FromPath[str],
    treasury: NamedDependency[Treasury],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> ClearingShown:
    clearings = Clearings(treasury)
    await clearings.pay_again(month, power.area, now, context)
    return await _shown(clearings, month, power.area)


async def _shown(clearings: Clearings, month: str, area: str) -> ClearingShown:
    is_closed, reckoned = await clearings.stated(month)
    statements = [one for one in reckoned.statements if concerns(one, area)]
    orders = {payment_of(month, one): one for one in statements} if is_closed else {}
    rows = {row.payment: row for row in await payments_by_id(clearings.treasury.pool, list(orders))}
    settled = {id for id, row in rows.items() if row.status == "settled"}
    regions = {region for one in statements for region in (one.owed_by, one.owed_to)}
    return ClearingShown(
        month=month,
        is_closed=is_closed,
        statements=[
            StatementShown(
                owed_by=one.owed_by,
                owed_to=one.owed_to,
                settlements=one.settlements,
                amount=one.amount,
                payment=standing(rows.get(payment_of(month, one))) if is_closed and one.amount != ZERO else None,
            )
            for one in statements
        ],
        corrections=[one for one in reckoned.corrections if concerns(one, area)],
        balances=[one for one in balances(statements) if overlap(one.region, area)],
        unpaid=sum((abs(one.amount) for id, one in orders.items() if id not in settled), ZERO),
        names={region: division_name(region) for region in sorted(regions)},
    )
