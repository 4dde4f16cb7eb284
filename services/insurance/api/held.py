"""Held payments (待核实): officers look at them and decide by two; window and patient see how they stand."""

import asyncio
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from services.insurance.api.acting import READ
from services.insurance.api.bodies import HeldDecision, HeldProposal
from services.insurance.api.held_answers import HeldList, HeldShown, list_held, show_held
from services.insurance.api.serving import hospital_of
from services.insurance.directory import directory
from services.insurance.domain import refusals
from services.insurance.domain.hospital import own_regions, serves_insured
from services.insurance.domain.insured import INSURED
from services.insurance.domain.insured_state import Held, HeldStatus, Insured, State
from services.insurance.policies import policies
from services.insurance.read_models.held import held_in
from services.insurance.sheet_pdf import held_pdf
from services.insurance.use_cases.held import HeldDesk, find_held
from shared.contracts.identity import Role
from shared.contracts.insurance import ClaimHeld
from shared.department.mandates import acts_for
from shared.department.paging import DEFAULT_LIMIT, After, Limit, Place, page
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Done, Store
from shared.standards.shanghai import day_in_shanghai

StatusAsked = Annotated[HeldStatus | None, QueryParameter(description="by default all")]


@get("/held", tags=["held"], summary="待核实列表 / what is held, the longest waiting first")
async def list_all(
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    status: StatusAsked = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> HeldList:
    """Of the clerk's own region."""
    start = Place.parse(after) if after else Place.first()
    rows, following = page(await held_in(pool, own_regions(power.area), status, after=start, limit=limit + 1), limit)
    return HeldList(held=[list_held(row) for row in rows], next=following)


@get("/held/{held:uuid}", tags=["held"], summary="待核实事项 / one held payment, with its reasons")
async def show_one(
    held: FromPath[UUID],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    now: NamedDependency[datetime],
) -> HeldShown:
    """For officers of the region of insurance, the window that sent the bill, and the insured person or an agent."""
    return await _found(held, store, pool, power, day_in_shanghai(now))


@get(
    "/held/{held:uuid}/notice.pdf",
    tags=["held"],
    summary="打印待核实告知单 / the notice that a bill is held, as PDF",
    media_type="application/pdf",
)
async def print_one(
    held: FromPath[UUID],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """For the same people. It says that nothing is settled yet, why, and who decides."""
    shown = await _found(held, store, pool, power, day_in_shanghai(now))
    pdf = await asyncio.to_thread(held_pdf, shown)
    name = f"held-{held}.pdf"
    return Response(pdf, media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'})


async def _found(held: UUID, store: Store, pool: Pool, power: Power, today: date) -> HeldShown:
    """Who may not see it is told the same as for one that does not exist."""
    loaded, known = await find_held(store, pool, held)
    assert isinstance(loaded.state, Insured)
    if not await _may_see(pool, power, loaded.state, known, today):
        raise refusals.no_such_held()
    return show_held(loaded.state, known, loaded.events)


async def _may_see(pool: Pool, power: Power, insured: Insured, known: Held, today: date) -> bool:
    if power.caller.kind == "citizen":
        mine = power.caller.id == insured.person
        return mine or await acts_for(pool, power.caller.id, insured.person, today, READ) is not None
    if Role.hospital_window in power.roles:
        if not isinstance(known.of, ClaimHeld):
            return False
        hospital = await hospital_of(pool, power)
        if hospital is None:  # of several, and nothing settled there yet
            return known.of.window == power.caller.id
        return hospital.code == known.of.hospital
    return serves_insured(known.of.region, power.area)


@post(
    "/held/{held:uuid}/propose",
    status_code=200,
    tags=["held"],
    summary="提出核实意见 / propose to release or to refuse; another officer decides",
)
async def propose(
    held: FromPath[UUID],
    data: JSONBody[HeldProposal],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[HeldShown]:
    """A later proposal takes the place of an earlier one. The citizen is told the reason once it is decided."""
    desk = HeldDesk(store, pool, directory(), policies(), power.caller, power.area)
    done = await desk.propose(held, data.decision, data.reason_zh, data.reason_en, now, context)
    return await _told(store, done, held)


@post(
    "/held/{held:uuid}/confirm",
    status_code=200,
    tags=["held"],
    summary="确认核实意见 / release or refuse, as another officer proposed",
)
async def confirm(
    held: FromPath[UUID],
    data: JSONBody[HeldDecision],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[HeldShown]:
    """By another person than who proposed it. Released, a bill is settled by rules and year as they stand now."""
    desk = HeldDesk(store, pool, directory(), policies(), power.caller, power.area)
    return await _told(store, await desk.confirm(held, data.decision, now, context), held)


async def _told(store: Store, done: Done[State], held: UUID) -> Response[HeldShown]:
    loaded = await store.load(done.stream, INSURED)
    assert isinstance(loaded.state, Insured)
    return stored(done, show_held(loaded.state, loaded.state.held[held], loaded.events), status=200)
