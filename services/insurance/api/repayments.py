"""Orders to pay back (责令退回): what is owed, and that it was paid back or is dropped, decided by two officers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from services.insurance.api.bodies import RepaymentConfirmation, RepaymentProposal
from services.insurance.domain.hospital import own_regions
from services.insurance.domain.insured_state import Repayment, RepaymentStatus, State
from services.insurance.domain.repayment import Step
from services.insurance.read_models.repayments import RepaymentRow, repayments_in
from services.insurance.use_cases.repayments import RepaymentDesk, repayment_of
from shared.contracts.case_items import Words
from shared.contracts.insurance import HeldMatter, RepaymentDropped, RepaymentRecorded
from shared.department.answer import Answer
from shared.department.paging import DEFAULT_LIMIT, After, Limit, Place, page
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Done, Store
from shared.standards.money import Yuan

StatusAsked = Annotated[RepaymentStatus | None, QueryParameter(description="by default all")]


class RepaymentListed(Answer):
    """`of`: the settlement or allowance that was paid; `payee`: a person's id or a hospital's code."""

    repayment: UUID
    person: UUID
    matter: HeldMatter
    of: UUID
    payee: str
    region: str
    amount: Yuan
    status: RepaymentStatus
    step: Step | None  # proposed, to be confirmed by another officer
    proposed_by: UUID | None
    ordered_at: datetime
    ended_at: datetime | None


class RepaymentsListed(Answer):
    """The newest first. `next` goes back as `after`; null at the end."""

    repayments: list[RepaymentListed]
    next: str | None


class RepaymentShown(Answer):
    """`note`: of the step that is proposed or done: the bank's receipt, or why it is dropped."""

    repayment: UUID
    person: UUID
    matter: HeldMatter
    of: UUID
    payee: str
    region: str
    amount: Yuan
    reason: Words
    status: RepaymentStatus
    step: Step | None
    note: str | None
    proposed_by: UUID | None
    ordered_at: datetime
    ended_at: datetime | None


@get("/repayments", tags=["held"], summary="退款台账 / what is ordered to be paid back, and what became of it")
async def list_all(
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    status: StatusAsked = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> RepaymentsListed:
    """Of the clerk's own region."""
    start = Place.parse(after) if after else Place.last()
    area = own_regions(power.area)
    rows, following = page(await repayments_in(pool, area, status, after=start, limit=limit + 1), limit)
    return RepaymentsListed(repayments=[_listed(row) for row in rows], next=following)


def _listed(row: RepaymentRow) -> RepaymentListed:
    return RepaymentListed.model_validate({name: getattr(row, name) for name in RepaymentListed.model_fields})


@post(
    "/repayments/{repayment:uuid}/propose",
    status_code=200,
    tags=["held"],
    summary="提出退款到账或撤销退款 / propose that it was paid back, or is dropped",
)
async def propose(
    repayment: FromPath[UUID],
    data: JSONBody[RepaymentProposal],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[RepaymentShown]:
    """Another officer decides. `note`: the bank's receipt, or the reason."""
    desk = RepaymentDesk(store, pool, power.caller, power.area)
    return _told(await desk.propose(repayment, data.step, data.note, now, context), repayment)


@post(
    "/repayments/{repayment:uuid}/confirm",
    status_code=200,
    tags=["held"],
    summary="确认退款到账或撤销退款 / record it, as another officer proposed",
)
async def confirm(
    repayment: FromPath[UUID],
    data: JSONBody[RepaymentConfirmation],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[RepaymentShown]:
    """By another person than who proposed it."""
    desk = RepaymentDesk(store, pool, power.caller, power.area)
    return _told(await desk.confirm(repayment, data.step, now, context), repayment)


def _told(done: Done[State], order: UUID) -> Response[RepaymentShown]:
    return stored(done, show_repayment(repayment_of(done.state, order)), status=200)


def show_repayment(known: Repayment) -> RepaymentShown:
    of, proposal = known.of, known.proposal
    return RepaymentShown(
        repayment=of.order,
        person=of.person,
        matter=of.matter,
        of=of.of,
        payee=of.payee,
        region=of.region,
        amount=of.amount,
        reason=Words(zh=of.reason_zh, en=of.reason_en),
        status=known.status,
        step=proposal.step if proposal else None,
        note=_note(known),
        proposed_by=proposal.proposed_by if proposal else None,
        ordered_at=of.ordered_at,
        ended_at=_ended_at(known),
    )


def _note(known: Repayment) -> str | None:
    match known.ended:
        case RepaymentRecorded(receipt=note) | RepaymentDropped(reason=note):
            return note
        case None:
            return known.proposal.note if known.proposal else None


def _ended_at(known: Repayment) -> datetime | None:
    match known.ended:
        case RepaymentRecorded(recorded_at=at) | RepaymentDropped(dropped_at=at):
            return at
        case None:
            return None
