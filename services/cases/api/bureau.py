"""The bureau at work: what is stuck, another try, what the citizen must supplement, its own desk, figures."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from pydantic import BaseModel

from services.cases.api.answers import Cases, CaseShown, StuckItems, list_case, list_stuck
from services.cases.api.bodies import DeskDone, DeskRefused, Question, Sentence
from services.cases.api.serving import execute, part_of_bureau, require_charge
from services.cases.definitions import definitions
from services.cases.domain import refusals
from services.cases.domain.answering import GiveUpItem, RetryItem, TakeAnswer
from services.cases.domain.case import CASE
from services.cases.domain.case_state import ItemState, Running, Stopping
from services.cases.domain.consent import StopCase
from services.cases.domain.requests import DESK
from services.cases.domain.supplement import AskSupplement
from services.cases.read_models.cases import counts, open_cases, stuck_items
from services.cases.use_cases.comparing import Comparing
from shared.contracts.case_items import ItemDone, ItemRefused, Words
from shared.contracts.errors import NotAllowed
from shared.department.paging import DEFAULT_LIMIT, After, Limit, Place, page
from shared.department.powers import Power
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store

Division = Annotated[str | None, QueryParameter(max_length=12, description="within one's own; by default all of it")]


@get("/bureau/cases", tags=["bureau"], summary="在办 / cases in progress, the oldest first")
async def in_progress(
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    division: Division = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Cases:
    area = part_of_bureau(power, division)
    start = Place.parse(after) if after else Place.first()
    rows, following = page(await open_cases(pool, area, after=start, limit=limit + 1), limit)
    return Cases(cases=[list_case(row) for row in rows], next=following)


@get(
    "/bureau/stuck", tags=["bureau"], summary="超时、可重办和本局待办 / overdue, to be tried again, or on our own desk"
)
async def stuck(
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    now: NamedDependency[datetime],
    division: Division = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> StuckItems:
    area = part_of_bureau(power, division)
    start = Place.parse(after) if after else Place.first()
    rows, following = page(await stuck_items(pool, area, now, after=start, limit=limit + 1), limit)
    return StuckItems(items=[list_stuck(row) for row in rows], next=following)


@post("/cases/{case:uuid}/items/{item:str}/retry", status_code=200, tags=["bureau"], summary="重办 / try again")
async def retry(
    case: FromPath[UUID],
    item: FromPath[str],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[CaseShown]:
    """A repeated request carries the register's present facts."""
    await require_charge(store, power, case)
    await Comparing(store, pool, definitions()).before(case, now, context)
    return await execute(store, case, RetryItem(item, now), context, now)


@post("/cases/{case:uuid}/items/{item:str}/give-up", status_code=200, tags=["bureau"], summary="不再办理 / give it up")
async def give_up(
    case: FromPath[UUID],
    item: FromPath[str],
    store: NamedDependency[Store],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[CaseShown]:
    await require_charge(store, power, case)
    return await execute(store, case, GiveUpItem(item, now), context, now)


@post(
    "/cases/{case:uuid}/ask",
    status_code=200,
    tags=["bureau"],
    summary="要求补充，时限暂停 / ask; the clock stands still",
)
async def ask(
    case: FromPath[UUID],
    data: JSONBody[Question],
    store: NamedDependency[Store],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[CaseShown]:
    await require_charge(store, power, case)
    asking = AskSupplement(power.caller.id, data.text, now, tuple(data.fields))
    return await execute(store, case, asking, context, now)


@post("/cases/{case:uuid}/stop", status_code=200, tags=["bureau"], summary="终止办理 / stop it, with the reason")
async def stop(
    case: FromPath[UUID],
    data: JSONBody[Sentence],
    store: NamedDependency[Store],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[CaseShown]:
    await require_charge(store, power, case)
    return await execute(store, case, StopCase(power.caller.id, data.text, now), context, now)


@post(
    "/cases/{case:uuid}/items/{item:str}/done", status_code=200, tags=["bureau"], summary="本局办成 / done at our desk"
)
async def desk_done(
    case: FromPath[UUID],
    item: FromPath[str],
    data: JSONBody[DeskDone],
    store: NamedDependency[Store],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[CaseShown]:
    on_desk = await _on_desk(store, power, case, item)
    if missing := set(on_desk.plan.makes) - data.results.keys():
        raise refusals.results_missing(missing)
    answer = ItemDone(case=case, item=item, attempt=on_desk.attempt, results=data.results, done_at=now)
    return await execute(store, case, TakeAnswer(answer), context, now)


@post("/cases/{case:uuid}/items/{item:str}/refuse", status_code=200, tags=["bureau"], summary="本局不予办理 / refuse")
async def desk_refuse(
    case: FromPath[UUID],
    item: FromPath[str],
    data: JSONBody[DeskRefused],
    store: NamedDependency[Store],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[CaseShown]:
    on_desk = await _on_desk(store, power, case, item)
    answer = ItemRefused(
        case=case,
        item=item,
        attempt=on_desk.attempt,
        code="refused_at_the_desk",
        reason=Words(zh=data.reason, en=data.reason),
        may_retry=data.may_retry,
        refused_at=now,
    )
    return await execute(store, case, TakeAnswer(answer), context, now)


class CountShown(BaseModel):
    definition: str
    cases: int
    closed: int
    median_seconds: float | None


class Figures(BaseModel):
    figures: list[CountShown]


@get("/bureau/figures", tags=["bureau"], summary="办理情况 / how many, and how long they take")
async def figures(pool: NamedDependency[Pool], power: NamedDependency[Power], division: Division = None) -> Figures:
    rows = await counts(pool, part_of_bureau(power, division))
    return Figures(figures=[CountShown.model_validate(row, from_attributes=True) for row in rows])


async def _on_desk(store: Store, power: Power, case: UUID, code: str) -> ItemState:
    """Raises NotFound, and NotAllowed for an item that is another department's."""
    await require_charge(store, power, case)
    state = (await store.stand(CASE.stream(case), CASE)).state
    item = state.items.get(code) if isinstance(state, Running | Stopping) else None
    if item is None:
        raise refusals.no_such_item()
    if item.plan.department != DESK:
        raise NotAllowed(
            "not_ours",
            "该事项由其他部门办理，请等待其答复。",
            "Another department does this item; please wait for its answer.",
        )
    if not item.is_with_a_department:
        raise refusals.not_on_desk()
    return item


HANDLERS = (in_progress, stuck, retry, give_up, ask, stop, desk_done, desk_refuse, figures)
