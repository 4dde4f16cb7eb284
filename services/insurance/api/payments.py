"""Payments: what a hospital is paid, and how all payments stand."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from services.insurance.api.bodies import PayoutBody
from services.insurance.api.funds import officer_of, own_region
from services.insurance.directory import directory
from services.insurance.domain.hospital import own_regions
from services.insurance.domain.payment import Kind, Paid, State, TurnedDown
from services.insurance.payouts import Payouts
from services.insurance.read_models.payments import PaymentRow, Status, payments_of
from services.insurance.treasury import Treasury
from shared.department.answer import Answer, division_name
from shared.department.paging import DEFAULT_LIMIT, After, Limit, Place, page
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.standards.money import Yuan

StatusAsked = Annotated[Status | None, QueryParameter(description="by default all")]


class PaymentStanding(Answer):
    """`ordered`: not known whether the bank has it; `accepted`: it decides later; `to_order`: follows in a moment."""

    status: Status | Literal["to_order"]
    attempt: int
    receipt: str | None
    code: str | None
    reason: str | None


class PaymentShown(PaymentStanding):
    """`payee`: a person's id, a hospital's code, or a region."""

    payment: UUID
    kind: Kind
    payer: str
    payer_name: str
    payee: str
    payee_name: str | None
    amount: Yuan
    ordered_at: datetime
    decided_at: datetime | None


class PaymentsListed(Answer):
    """The newest first. `next` goes back as `after`; null at the end."""

    payments: list[PaymentShown]
    next: str | None


@get("/payments", tags=["money"], summary="付款台账 / what was ordered, paid and rejected, by counterparty")
async def list_payments(
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    status: StatusAsked = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> PaymentsListed:
    """Of the clerk's region, paying or paid."""
    area = own_regions(power.area)
    start = Place.parse(after) if after else Place.last()
    rows, following = page(await payments_of(pool, area, status, after=start, limit=limit + 1), limit)
    return PaymentsListed(payments=[_listed(row) for row in rows], next=following)


def _listed(row: PaymentRow) -> PaymentShown:
    return PaymentShown(
        **standing(row).model_dump(),
        payment=row.payment,
        kind=row.kind,
        payer=row.payer,
        payer_name=division_name(row.payer),
        payee=row.payee,
        payee_name=_name(row),
        amount=row.amount,
        ordered_at=row.ordered_at,
        decided_at=row.decided_at,
    )


def _name(row: PaymentRow) -> str | None:
    if row.kind == "clearing":
        return division_name(row.payee)
    hospital = directory().hospitals.get(row.payee)
    return hospital.name if hospital else None


def standing(row: PaymentRow | None) -> PaymentStanding:
    if row is None:
        return PaymentStanding(status="to_order", attempt=0, receipt=None, code=None, reason=None)
    return PaymentStanding(
        status=row.status, attempt=row.attempt, receipt=row.receipt, code=row.code, reason=row.reason
    )


class PayoutShown(Answer):
    """What was due up to the month's end and not ordered before; paid once. `receipt`: null until the bank settled."""

    hospital: str
    hospital_name: str
    month: str
    amount: Yuan
    status: Literal["ordered", "settled", "rejected"]
    receipt: str | None
    reason: str | None


class PayoutProposed(Answer):
    """What another officer is to confirm. `attempt`: above 1 after the bank rejected it."""

    hospital: str
    hospital_name: str
    month: str
    amount: Yuan
    attempt: int
    proposed_by: UUID
    proposed_at: datetime


@post(
    "/hospitals/{hospital:str}/payments/propose",
    status_code=200,
    tags=["money"],
    summary="提出拨付医院 / propose to pay a hospital; another officer orders it",
)
async def propose_payment(
    hospital: FromPath[str],
    data: JSONBody[PayoutBody],
    treasury: NamedDependency[Treasury],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[PayoutProposed]:
    """What is due until the month's end; or anew what the bank rejected. By the office that keeps the region's fund."""
    payee = directory().hospital(hospital)
    own_region(power, payee.region)
    done, proposed = await Payouts(treasury).propose(payee, data.month, officer_of(power), now, context)
    body = PayoutProposed(
        hospital=payee.code,
        hospital_name=payee.name,
        month=proposed.month,
        amount=proposed.amount,
        attempt=proposed.attempt,
        proposed_by=proposed.proposed_by,
        proposed_at=proposed.proposed_at,
    )
    return stored(done, body, status=200)


@post("/hospitals/{hospital:str}/payments", tags=["money"], summary="拨付医院 / pay a hospital, as another proposed")
async def pay_hospital(
    hospital: FromPath[str],
    data: JSONBody[PayoutBody],
    treasury: NamedDependency[Treasury],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[PayoutShown]:
    """By another person than who proposed it; refused when what is due has changed meanwhile."""
    payee = directory().hospital(hospital)
    own_region(power, payee.region)
    made, ordered, payment = await Payouts(treasury).pay(payee, data.month, officer_of(power), now, context)
    body = PayoutShown(
        hospital=payee.code,
        hospital_name=payee.name,
        month=ordered.month,
        amount=ordered.amount,
        status=_status(payment),
        receipt=payment.receipt if isinstance(payment, Paid) else None,
        reason=payment.reason if isinstance(payment, TurnedDown) else None,
    )
    return stored(made, body)


def _status(payment: State) -> Literal["ordered", "settled", "rejected"]:
    match payment:
        case Paid():
            return "settled"
        case TurnedDown():
            return "rejected"
        case _:
            return "ordered"
