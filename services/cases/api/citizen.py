"""What citizens do: look, hand in, agree, supplement, withdraw."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from services.cases.api.acting import Of, reading_for
from services.cases.api.answers import (
    Cases,
    CaseShown,
    DefinitionsShown,
    FormShown,
    list_case,
    list_definition,
    show_case,
    show_form,
)
from services.cases.api.bodies import Correction, HandedIn, WithdrawalBody
from services.cases.api.serving import execute, is_at_counter_only, masked_form, may_see, shown
from services.cases.applying import Applying
from services.cases.definitions import definitions
from services.cases.domain.case import CASE
from services.cases.domain.consent import GiveConsent
from services.cases.domain.supplement import Supplement
from services.cases.read_models.cases import cases_of
from services.cases.use_cases.comparing import Comparing
from services.cases.use_cases.withdrawing import withdrawal
from shared.department import drafts
from shared.department.caller import Caller
from shared.department.paging import DEFAULT_LIMIT, After, Limit, Place, page
from shared.department.powers import Power
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.standards.shanghai import day_in_shanghai

Moment = Annotated[datetime | None, QueryParameter(description="as it stood then; else as it stands")]
WayChosen = Annotated[str | None, QueryParameter(max_length=40, description="one of the definition's ways")]


@get("/definitions", tags=["cases"], summary="一件事目录 / one-thing cases one can have")
async def list_definitions(now: NamedDependency[datetime]) -> DefinitionsShown:
    found = definitions().in_force(day_in_shanghai(now))
    return DefinitionsShown(definitions=[list_definition(one) for one in found])


@get("/definitions/{code:str}/form", tags=["cases"], summary="表单，已预填 / the form, filled")
async def form(
    code: FromPath[str],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
    way: WayChosen = None,
) -> FormShown:
    return show_form(*await Applying(store, pool, definitions()).form(caller.citizen(), code, now, way))


@post("/cases", tags=["cases"], summary="提交一件事 / hand in the one form")
async def hand_in(
    data: JSONBody[HandedIn],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[CaseShown]:
    applying, citizen = Applying(store, pool, definitions()), caller.citizen()
    done = await applying.open(citizen, data.definition, data.form, now, context, draft=data.draft)
    if data.draft:
        await drafts.delete(pool, citizen, data.draft)
    return await shown(store, done, now)


@get("/cases", tags=["cases"], summary="我的一件事 / my cases, and those that wait for my consent; the newest first")
async def my_cases(
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
    of: Of = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Cases:
    start = Place.parse(after) if after else Place.last()
    person = await reading_for(pool, caller, of, day_in_shanghai(now))
    rows, following = page(await cases_of(pool, person, after=start, limit=limit + 1), limit)
    return Cases(cases=[list_case(row) for row in rows], next=following)


@get("/cases/{case:uuid}", tags=["cases"], summary="一件的全部进度，可看任一时点 / one case, now or at any past moment")
async def one_case(
    case: FromPath[UUID],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    now: NamedDependency[datetime],
    as_of: Moment = None,
) -> CaseShown:
    """Who may not see it is told the same as for one that does not exist."""
    loaded = await store.load(CASE.stream(case), CASE)
    await may_see(pool, power, loaded.state, day_in_shanghai(now))
    answer = show_case(list(loaded.events), now, as_of.astimezone(UTC) if as_of else None)
    if is_at_counter_only(power, loaded.state):
        return answer.model_copy(update={"form": masked_form(loaded.state)})
    return answer


@post("/cases/{case:uuid}/consent", status_code=200, tags=["cases"], summary="同意 / agree, from one's own account")
async def consent(
    case: FromPath[UUID],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[CaseShown]:
    citizen = caller.citizen()
    wrong = await Comparing(store, pool, definitions()).before(case, now, context, agreeing=citizen)
    return await execute(store, case, GiveConsent(citizen, now, wrong=wrong), context, now)


@post(
    "/cases/{case:uuid}/withdraw",
    status_code=200,
    tags=["cases"],
    summary="撤回申请或同意 / withdraw it, or one's consent",
)
async def withdraw(
    case: FromPath[UUID],
    store: NamedDependency[Store],
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
    data: JSONBody[WithdrawalBody | None] = None,
) -> Response[CaseShown]:
    because = data.because if data else None
    command = await withdrawal(store, definitions(), case, caller.citizen(), because, now)
    return await execute(store, case, command, context, now)


@post("/cases/{case:uuid}/supplement", status_code=200, tags=["cases"], summary="补充、补正 / answer and correct")
async def supplement(
    case: FromPath[UUID],
    data: JSONBody[Correction],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[CaseShown]:
    citizen = caller.citizen()
    by_form = await Comparing(store, pool, definitions()).before_correction(case, now, context)
    command = Supplement(citizen, data.text, now, data.form, by_form)
    return await execute(store, case, command, context, now)


HANDLERS = (list_definitions, form, hand_in, my_cases, one_case, consent, withdraw, supplement)
