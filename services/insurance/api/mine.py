"""An insured person's own, for them and for their agents: standing, settlements, sheets, allowances."""

from datetime import datetime
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from services.insurance.api.acting import CLAIM, READ, Of, acting_for
from services.insurance.api.bodies import PayeeAccountBody
from services.insurance.api.insured_answers import AllowanceShown, InsuredShown, show_allowance, show_insured
from services.insurance.api.settlement_answers import Settlements, list_settlement
from services.insurance.directory import directory
from services.insurance.domain import refusals
from services.insurance.domain.allowances import ConfirmAllowance, NamePayeeAccount, require_unchanged
from services.insurance.domain.insured import INSURED
from services.insurance.domain.insured_state import Insured
from services.insurance.paying import Paying
from services.insurance.read_models.settlements import settlements_of
from services.insurance.treasury import Treasury
from shared.department.caller import Caller
from shared.department.paging import DEFAULT_LIMIT, After, Limit, Place, page
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.standards.shanghai import day_in_shanghai


@get("/my/insurance", tags=["mine"], summary="我的医保 / how I am insured, my account, my year")
async def show_mine(
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
    of: Of = None,
) -> InsuredShown:
    acting = await acting_for(pool, caller, of, day_in_shanghai(now), READ)
    state = (await store.stand(INSURED.stream(acting.person), INSURED)).state
    if not isinstance(state, Insured):
        raise refusals.no_such_insured()
    return show_insured(state, day_in_shanghai(now))


@get("/my/settlements", tags=["mine"], summary="我的结算 / my settlements, the newest first")
async def list_mine(
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
    of: Of = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Settlements:
    start = Place.parse(after) if after else Place.last()
    acting = await acting_for(pool, caller, of, day_in_shanghai(now), READ)
    rows, following = page(await settlements_of(pool, acting.person, after=start, limit=limit + 1), limit)
    return Settlements(settlements=[list_settlement(row) for row in rows], next=following)


@post(
    "/my/allowances/{allowance:uuid}/confirm",
    status_code=200,
    tags=["mine"],
    summary="确认生育津贴 / confirm a maternity allowance; it is paid",
)
async def confirm(
    allowance: FromPath[UUID],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    treasury: NamedDependency[Treasury],
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
    of: Of = None,
) -> Response[AllowanceShown]:
    """Should the bank not answer this moment, or decide later, the rest follows by itself. What is implausible is held
    (待核实): status `held`, its reasons under `/held/{allowance}`.

    An agent confirms under a mandate for `insurance.claim`; it is paid to the insured person's own account.
    """
    acting = await acting_for(pool, caller, of, day_in_shanghai(now), CLAIM)
    person = acting.person
    stream = INSURED.stream(person)
    done = await store.execute(stream, INSURED, ConfirmAllowance(allowance, directory(), now, acting.agency), context)
    if done.is_repeat and isinstance(done.state, Insured):
        require_unchanged(done.state, allowance)
    paid = await Paying(treasury).pay_now(allowance, person, now)
    state = (await store.stand(stream, INSURED)).state
    assert isinstance(state, Insured)
    return stored((done, paid) if paid else done, show_allowance(state.allowances[allowance]), status=200)


@post(
    "/my/payee-account",
    status_code=200,
    tags=["mine"],
    summary="登记收款账户 / where benefits are paid to, instead of the social-security card's account",
)
async def name_account(
    data: JSONBody[PayeeAccountBody],
    store: NamedDependency[Store],
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[InsuredShown]:
    """What the bank rejected can be confirmed once more with it."""
    command = NamePayeeAccount(f"bank-card:{data.card_number}", now)
    done = await store.execute(INSURED.stream(caller.citizen()), INSURED, command, context)
    assert isinstance(done.state, Insured)
    return stored(done, show_insured(done.state, day_in_shanghai(now)), status=200)
