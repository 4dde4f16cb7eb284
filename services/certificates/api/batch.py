"""Many decisions in one request; each has its own outcome."""

from collections import Counter
from datetime import datetime
from http import HTTPStatus
from typing import Literal
from uuid import UUID

import structlog
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from pydantic import Field

from services.certificates.api.bodies import Value, Values
from services.certificates.api.reviewing import reviewer_of
from services.certificates.deciding import Verdict, deciding_of
from services.certificates.domain import refusals
from services.certificates.settings import CertificatesSettings
from shared.contracts.errors import TongbanError
from shared.department.answer import Answer
from shared.department.body import Body
from shared.department.field_errors import FieldError
from shared.department.powers import Power
from shared.department.problems import kind_of
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.eventstore.tasks import each
from shared.standards.text import Language

log = structlog.get_logger(__name__)

MOST = 100  # decisions a request
AT_ONCE = 25  # of them under way: enough to share commits, few enough to leave connections to others


class OneDecision(Body):
    """`reason` belongs to a refusal, `wrong_fields` to what is sent back."""

    application: UUID
    decision: Literal["approve", "refuse", "send_back"]
    reason: Value = ""
    wrong_fields: Values = Field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        return Verdict(self.decision, self.reason, self.wrong_fields)


class Decisions(Body):
    decisions: list[OneDecision] = Field(min_length=1, max_length=MOST)


class DecisionOutcome(Answer):
    """In the order sent. `status` is what the decision alone would have been answered with: 200, or as in a problem."""

    application: UUID
    status: int
    state: str | None = None  # how the application stands now
    events: tuple[UUID, ...] = ()
    code: str | None = None
    detail: str | None = None
    errors: tuple[FieldError, ...] = ()


class DecisionOutcomes(Answer):
    outcomes: list[DecisionOutcome]


@post("/review-queue/decide", status_code=200, tags=["review"], summary="批量审核 / decide up to 100 at once")
async def decide_many(
    data: JSONBody[Decisions],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    language: NamedDependency[Language],
    now: NamedDependency[datetime],
    settings: NamedDependency[CertificatesSettings],
) -> DecisionOutcomes:
    """What is wrong with one costs no other. Under an Idempotency-Key each is decided once, however often it comes.

    The events' ids are in the body, for they may be too many for a header.
    """
    reviewer = reviewer_of(power)
    deciding = await deciding_of(store, pool, settings)
    times = Counter(one.application for one in data.decisions)

    async def decide(one: OneDecision) -> DecisionOutcome:
        step = context.step(f"decide {one.application}")
        try:
            if times[one.application] > 1:
                raise refusals.named_twice()
            decided = await deciding.decide(one.application, one.verdict, reviewer, now, step)
        except TongbanError as error:
            kind, fields = kind_of(error, language)
            if kind.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                log.exception("decision of a batch failed", application=str(one.application))
            return DecisionOutcome(
                application=one.application,
                status=kind.status,
                code=kind.code,
                detail=kind.detail.to(language),
                errors=tuple(fields),
            )
        return DecisionOutcome(
            application=one.application,
            status=200,
            state="issued" if decided.issued else decided.state.status,
            events=tuple(event.id for outcome in decided.outcomes for event in outcome.events),
        )

    return DecisionOutcomes(outcomes=await each(decide, data.decisions, at_once=AT_ONCE))


HANDLERS = (decide_many,)
