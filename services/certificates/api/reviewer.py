"""Reviewers' work: the queue, one application, claiming it, the decisions."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from services.certificates.api.application_answers import ApplicationShown
from services.certificates.api.bodies import Refusal, SendingBack
from services.certificates.api.concerned import seen_by
from services.certificates.api.queue_answers import ReviewQueue, TerminatedReviews, list_terminated, list_waiting
from services.certificates.api.reviewing import reviewer_of
from services.certificates.api.showing import show
from services.certificates.catalogue_now import current_catalogue
from services.certificates.deciding import Verdict, deciding_of
from services.certificates.domain.application import APPLICATION
from services.certificates.domain.dates import day_in_china
from services.certificates.domain.review import ClaimApplication, ReleaseApplication
from services.certificates.read_models.review_queue import Claimed, waiting_for
from services.certificates.read_models.terminated_reviews import terminated_after
from services.certificates.settings import CertificatesSettings
from shared.department.paging import DEFAULT_LIMIT, After, Limit, Place, page
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store

Division = Annotated[str | None, QueryParameter(max_length=12, description="within one's own; by default all of it")]
ClaimedBy = Annotated[Claimed | None, QueryParameter(description="`mine` or `unclaimed`; by default both, and others'")]


@get("/review-queue", tags=["review"], summary="待审核 / what waits for a decision, the most urgent first")
async def show_queue(
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    now: NamedDependency[datetime],
    division: Division = None,
    claimed: ClaimedBy = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> ReviewQueue:
    """What is at a step the caller may decide. A leader also sees what was escalated to him."""
    reviewer = reviewer_of(power)
    area = power.part(division)
    start = Place.parse(after) if after else Place.first()
    waiting = await waiting_for(pool, reviewer, area, claimed=claimed, after=start, limit=limit + 1)
    rows, following = page(waiting, limit)
    current = await current_catalogue(pool)
    return ReviewQueue(waiting=[list_waiting(row, current, now) for row in rows], next=following)


@get("/review-queue/terminated", tags=["review"], summary="审核后终止 / reviewed by me, and ended all the same")
async def show_terminated(
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> TerminatedReviews:
    """The latest first, with the reason."""
    reviewer = reviewer_of(power)
    start = Place.parse(after) if after else Place.last()
    rows, following = page(await terminated_after(pool, reviewer.id, after=start, limit=limit + 1), limit)
    current = await current_catalogue(pool)
    return TerminatedReviews(terminated=[list_terminated(row, current) for row in rows], next=following)


@get("/applications/{application:uuid}", tags=["applications"], summary="一件申请 / for its citizen and its reviewers")
async def show_application(
    application: FromPath[UUID],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    now: NamedDependency[datetime],
) -> ApplicationShown:
    """Who may not see it is told the same as for one that does not exist."""
    state = (await store.stand(APPLICATION.stream(application), APPLICATION)).state
    return await show(pool, await seen_by(pool, power, state, day_in_china(now)))


@post("/applications/{application:uuid}/claim", status_code=200, tags=["review"], summary="领取 / claim")
async def claim(
    application: FromPath[UUID],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[ApplicationShown]:
    """Nobody else decides it until it is decided, released, or half an hour has gone by."""
    command = ClaimApplication(reviewer_of(power), now)
    done = await store.execute(APPLICATION.stream(application), APPLICATION, command, context)
    return stored(done, await show(pool, done.state), status=200)


@post("/applications/{application:uuid}/release", status_code=200, tags=["review"], summary="释放 / release")
async def release(
    application: FromPath[UUID],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[ApplicationShown]:
    """By its claimer, or a leader of the division."""
    command = ReleaseApplication(reviewer_of(power), now)
    done = await store.execute(APPLICATION.stream(application), APPLICATION, command, context)
    return stored(done, await show(pool, done.state), status=200)


@post("/applications/{application:uuid}/approve", status_code=200, tags=["review"], summary="通过 / approve")
async def approve(
    application: FromPath[UUID],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
    settings: NamedDependency[CertificatesSettings],
) -> Response[ApplicationShown]:
    """At the last step the certificate is issued at once; should that not be possible, it follows by itself.

    What would keep it from being issued (no seal, a missing glyph) is refused, and nothing is stored.
    """
    deciding, reviewer = await deciding_of(store, pool, settings), reviewer_of(power)
    decided = await deciding.decide(application, Verdict("approve"), reviewer, now, context)
    return stored(decided.outcomes, await show(pool, decided.state), status=200)


@post("/applications/{application:uuid}/refuse", status_code=200, tags=["review"], summary="不予通过 / refuse")
async def refuse(
    application: FromPath[UUID],
    data: JSONBody[Refusal],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
    settings: NamedDependency[CertificatesSettings],
) -> Response[ApplicationShown]:
    deciding, reviewer = await deciding_of(store, pool, settings), reviewer_of(power)
    decided = await deciding.decide(application, Verdict("refuse", data.reason), reviewer, now, context)
    return stored(decided.outcomes, await show(pool, decided.state), status=200)


@post("/applications/{application:uuid}/send-back", status_code=200, tags=["review"], summary="退回补正 / send back")
async def send_back(
    application: FromPath[UUID],
    data: JSONBody[SendingBack],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
    settings: NamedDependency[CertificatesSettings],
) -> Response[ApplicationShown]:
    deciding, reviewer = await deciding_of(store, pool, settings), reviewer_of(power)
    verdict = Verdict("send_back", wrong_fields=data.wrong_fields)
    decided = await deciding.decide(application, verdict, reviewer, now, context)
    return stored(decided.outcomes, await show(pool, decided.state), status=200)


HANDLERS = (show_queue, show_terminated, show_application, claim, release, approve, refuse, send_back)
