"""Reviewers' work: the queue, one application, the decisions."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from services.certificates.api.application_answers import ApplicationShown, ReviewQueue, list_waiting
from services.certificates.api.bodies import Refusal, SendingBack
from services.certificates.api.paging import DEFAULT_LIMIT, After, Limit, page
from services.certificates.api.reviewing import reviewer_of
from services.certificates.api.showing import show
from services.certificates.catalogue_files import catalogue
from services.certificates.domain import refusals
from services.certificates.domain.application import (
    APPLICATION,
    ApproveApplication,
    RefuseApplication,
    SendBackApplication,
)
from services.certificates.domain.application_state import NotSubmitted
from services.certificates.issuing import Issuing
from services.certificates.read_models.place import Place
from services.certificates.read_models.review_queue import waiting_in
from shared.contracts.identity import Role
from shared.department.caller import Caller
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.standards.divisions import is_within

Division = Annotated[str | None, QueryParameter(max_length=12, description="within one's own; by default all of it")]


@get("/review-queue", tags=["review"], summary="待审核 / what waits for a decision, the most urgent first")
async def show_queue(
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
    division: Division = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> ReviewQueue:
    reviewer = await reviewer_of(pool, caller)
    area = division or reviewer.area
    caller.serve(Role.reviewer, area)
    start = Place.parse(after) if after else Place.first()
    rows, following = page(await waiting_in(pool, area, after=start, limit=limit + 1), limit)
    return ReviewQueue(waiting=[list_waiting(row, catalogue(), now) for row in rows], next=following)


@get("/applications/{application:uuid}", tags=["applications"], summary="一件申请 / for its citizen and its reviewers")
async def show_application(
    application: FromPath[UUID],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
) -> ApplicationShown:
    """Who may not see it is told the same as for one that does not exist."""
    state = (await store.load(APPLICATION.stream(application), APPLICATION)).state
    if caller.kind == "citizen":
        may_see = not isinstance(state, NotSubmitted) and state.of.citizen == caller.id
    else:
        area = (await reviewer_of(pool, caller)).area
        may_see = not isinstance(state, NotSubmitted) and is_within(state.of.division, area)
    if not may_see:
        raise refusals.no_such_application()
    return await show(pool, state)


@post("/applications/{application:uuid}/approve", status_code=200, tags=["review"], summary="通过 / approve")
async def approve(
    application: FromPath[UUID],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[ApplicationShown]:
    """The certificate is issued at once; should that not be possible this moment, it follows by itself."""
    command = ApproveApplication(await reviewer_of(pool, caller), now)
    done = await store.execute(APPLICATION.stream(application), APPLICATION, command, context)
    issued = await Issuing(store, pool, catalogue()).issue_now(application, now)
    return stored((done, issued) if issued else done, await show(pool, done.state), status=200)


@post("/applications/{application:uuid}/refuse", status_code=200, tags=["review"], summary="不予通过 / refuse")
async def refuse(
    application: FromPath[UUID],
    data: JSONBody[Refusal],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[ApplicationShown]:
    command = RefuseApplication(await reviewer_of(pool, caller), data.reason, now)
    done = await store.execute(APPLICATION.stream(application), APPLICATION, command, context)
    return stored(done, await show(pool, done.state), status=200)


@post("/applications/{application:uuid}/send-back", status_code=200, tags=["review"], summary="退回补正 / send back")
async def send_back(
    application: FromPath[UUID],
    data: JSONBody[SendingBack],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[ApplicationShown]:
    reviewer = await reviewer_of(pool, caller)
    stream = APPLICATION.stream(application)
    state = (await store.load(stream, APPLICATION)).state
    if isinstance(state, NotSubmitted):
        raise refusals.no_such_application()
    type = catalogue().version(state.of.certificate_type, state.of.catalogue_version)
    command = SendBackApplication(reviewer, type, data.wrong_fields, now)
    done = await store.execute(stream, APPLICATION, command, context)
    return stored(done, await show(pool, done.state), status=200)
