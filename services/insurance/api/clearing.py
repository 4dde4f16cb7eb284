"""Clearing between regions: a month's statements, who has paid, closing."""

from datetime import datetime
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from services.insurance.api.funds import InRegion, officer_of, own_region, seen_area
from services.insurance.api.payments import PaymentStanding, standing
from services.insurance.clearings import Clearings
from services.insurance.domain.clearing import Reckoned, balances, concerns, payment_of
from services.insurance.domain.hospital import overlap
from services.insurance.read_models.clearing_items import owing_regions
from services.insurance.read_models.payments import payments_by_id
from services.insurance.treasury import Treasury
from shared.contracts.insurance import ClearingCorrection, RegionBalance
from shared.department.answer import Answer, division_name
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.standards.divisions import is_within
from shared.standards.money import ZERO, Yuan


class StatementShown(Answer):
    """`payment`: null where none is due, or the month is open."""

    owed_by: str
    owed_to: str
    settlements: int
    amount: Yuan
    payment: PaymentStanding | None


class CloseProposed(Answer):
    """`is_current`: the month's figures are still what they were; else it is proposed anew."""

    region: str
    proposed_by: UUID
    proposed_at: datetime
    is_current: bool


class ClearingShown(Answer):
    """What regions of insurance owe regions of treatment for a month, where the clerk's own region owes or is owed.

    `is_closed`: of the books of the clerk's own regions. `balances`: of the clerk's own; of the whole country they
    add up to zero. `corrections`: what of the statements belongs to months closed before. `unpaid`: what of the closed
    month has not moved yet. `proposals`: months that wait for another officer.
    """

    month: str
    is_closed: bool
    statements: list[StatementShown]
    corrections: list[ClearingCorrection]
    balances: list[RegionBalance]
    unpaid: Yuan
    proposals: list[CloseProposed]
    names: dict[str, str]


@get("/clearing/{month:str}", tags=["money"], summary="地区间清算 / a month between regions, paid and unpaid")
async def show_month(
    month: FromPath[str],
    treasury: NamedDependency[Treasury],
    power: NamedDependency[Power],
    region: InRegion = None,
) -> ClearingShown:
    """Of the clerk's own regions, or of the one that is named."""
    return await _shown(treasury, month, seen_area(power, region))


@post(
    "/clearing/{month:str}/close/propose",
    status_code=200,
    tags=["money"],
    summary="提出月度清算关账 / propose to close a month; another officer closes it",
)
async def propose_close(
    month: FromPath[str],
    treasury: NamedDependency[Treasury],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
    region: InRegion = None,
) -> Response[ClearingShown]:
    """Of one region of insurance, by the office that keeps its fund."""
    own = own_region(power, region)
    done = await Clearings(treasury).propose_close(own, month, officer_of(power), now, context)
    return stored(done, await _shown(treasury, month, own), status=200)


@post(
    "/clearing/{month:str}/close",
    status_code=200,
    tags=["money"],
    summary="月度清算关账并拨付 / close a month as proposed, and pay what it states",
)
async def close_month(
    month: FromPath[str],
    treasury: NamedDependency[Treasury],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
    region: InRegion = None,
) -> Response[ClearingShown]:
    """By another person than who proposed it; refused when the figures have changed meanwhile."""
    own = own_region(power, region)
    done = await Clearings(treasury).close(own, month, officer_of(power), now, context)
    return stored(done, await _shown(treasury, month, own), status=200)


@post(
    "/clearing/{month:str}/payments/propose",
    status_code=200,
    tags=["money"],
    summary="提出重新拨付 / propose to order anew what the bank rejected, or what the region owes back",
)
async def propose_payments(
    month: FromPath[str],
    treasury: NamedDependency[Treasury],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
    region: InRegion = None,
) -> Response[ClearingShown]:
    """Out of the region's own account only."""
    own = own_region(power, region)
    done = await Clearings(treasury).propose_payments(own, month, officer_of(power), now, context)
    return stored(done, await _shown(treasury, month, own), status=200)


@post(
    "/clearing/{month:str}/payments",
    status_code=200,
    tags=["money"],
    summary="重新拨付 / order them, as another officer proposed",
)
async def pay_month_again(
    month: FromPath[str],
    treasury: NamedDependency[Treasury],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
    region: InRegion = None,
) -> Response[ClearingShown]:
    """By another person than who proposed it; refused when what is to be ordered has changed meanwhile."""
    own = own_region(power, region)
    done = await Clearings(treasury).approve_payments(own, month, officer_of(power), now, context)
    return stored(done, await _shown(treasury, month, own), status=200)


async def _shown(treasury: Treasury, month: str, area: str) -> ClearingShown:
    clearings = Clearings(treasury)
    regions = await owing_regions(treasury.pool, area)
    one_of_them = [] if area.endswith("0" * 10) else [area]  # also when it owes nothing
    own = sorted({*(one for one in regions if is_within(one, area)), *one_of_them})
    of_all = {one: await clearings.stated(one, month) for one in sorted({*own, *regions})}
    said = [(one, is_closed) for is_closed, reckoned in of_all.values() for one in reckoned.statements]
    statements = [(one, is_closed) for one, is_closed in said if concerns(one, area)]
    orders = {payment_of(month, one): one for one, is_closed in statements if is_closed and one.amount != ZERO}
    rows = {row.payment: row for row in await payments_by_id(treasury.pool, list(orders))}
    settled = {id for id, row in rows.items() if row.status == "settled"}
    named = {region for one, _ in statements for region in (one.owed_by, one.owed_to)}
    return ClearingShown(
        month=month,
        is_closed=bool(own) and all(of_all[one][0] for one in own),
        statements=[
            StatementShown(
                owed_by=one.owed_by,
                owed_to=one.owed_to,
                settlements=one.settlements,
                amount=one.amount,
                payment=standing(rows.get(payment_of(month, one))) if is_closed and one.amount != ZERO else None,
            )
            for one, is_closed in statements
        ],
        corrections=[one for _, reckoned in of_all.values() for one in reckoned.corrections if concerns(one, area)],
        balances=[one for one in balances([one for one, _ in statements]) if overlap(one.region, area)],
        unpaid=sum((abs(one.amount) for id, one in orders.items() if id not in settled), ZERO),
        proposals=[one for region in own if (one := await _proposed(clearings, region, month, of_all[region]))],
        names={region: division_name(region) for region in sorted(named)},
    )


async def _proposed(
    clearings: Clearings, region: str, month: str, stated: tuple[bool, Reckoned]
) -> CloseProposed | None:
    is_closed, reckoned = stated
    proposal = (await clearings.book(region)).proposed.get(month)
    if is_closed or proposal is None:
        return None
    return CloseProposed(
        region=region,
        proposed_by=proposal.proposed_by,
        proposed_at=proposal.proposed_at,
        is_current=(proposal.statements, proposal.corrections) == (reckoned.statements, reckoned.corrections),
    )
