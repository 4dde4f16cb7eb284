"""One settlement: for the window that settled it, the insured person or an agent, and the clerk of the region."""

import asyncio
from datetime import date, datetime
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from services.insurance.api.acting import READ
from services.insurance.api.serving import hospital_of
from services.insurance.api.settlement_answers import SettlementShown, settled_event, show_settlement
from services.insurance.domain import refusals
from services.insurance.domain.insured import INSURED
from services.insurance.read_models.settlements import person_of
from services.insurance.sheet_pdf import sheet_pdf
from shared.contracts.event import Recorded
from shared.contracts.identity import Role
from shared.contracts.insurance import ClaimSettled
from shared.department.mandates import acts_for
from shared.department.powers import Power
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.standards.shanghai import day_in_shanghai


@get("/settlements/{settlement:uuid}", tags=["settlements"], summary="结算单 / one settlement, line by line")
async def show_one(
    settlement: FromPath[UUID],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    now: NamedDependency[datetime],
) -> SettlementShown:
    events, recorded = await find(settlement, store, pool, power, day_in_shanghai(now))
    return show_settlement(events, recorded)


async def find(
    settlement: UUID, store: Store, pool: Pool, power: Power, today: date
) -> tuple[tuple[Recorded, ...], Recorded]:
    """The stream and the settlement's event. Who may not see it is told the same as for one that does not exist."""
    person = await person_of(pool, settlement)
    if person is None:
        raise refusals.no_such_settlement()
    events = (await store.load(INSURED.stream(person), INSURED)).events
    recorded = settled_event(events, settlement)
    if recorded is None or not await _may_see(pool, power, recorded, today):
        raise refusals.no_such_settlement()
    return events, recorded


async def _may_see(pool: Pool, power: Power, recorded: Recorded, today: date) -> bool:
    settled = recorded.data
    assert isinstance(settled, ClaimSettled)
    if power.caller.kind == "citizen":
        mine = power.caller.id == settled.person
        return mine or await acts_for(pool, power.caller.id, settled.person, today, READ) is not None
    if Role.hospital_window in power.roles:
        hospital = await hospital_of(pool, power)
        return hospital is not None and hospital.code == settled.hospital
    return power.reaches(settled.region)


@get(
    "/settlements/{settlement:uuid}/sheet.pdf",
    tags=["settlements"],
    summary="打印结算单 / the sheet as PDF",
    media_type="application/pdf",
)
async def print_one(
    settlement: FromPath[UUID],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    events, recorded = await find(settlement, store, pool, power, day_in_shanghai(now))
    settled = recorded.data
    assert isinstance(settled, ClaimSettled)
    pdf = await asyncio.to_thread(sheet_pdf, show_settlement(events, recorded), settled.region)
    name = f"settlement-{settlement}.pdf"
    return Response(pdf, media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'})
