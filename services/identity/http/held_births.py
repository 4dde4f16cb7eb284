"""For registrars: births that wait for two of them (待核实)."""

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from services.identity.api.fields import Line, place_name
from services.identity.domain.delivery import not_held
from services.identity.domain.events import HeldDecision
from services.identity.domain.person import Dead, Entered, entry_of
from services.identity.household import Household
from services.identity.http.annulments import ProposalSeen
from services.identity.read_models import held_births
from services.identity.read_models.held_births import Row
from services.identity.read_models.place import Place
from services.identity.use_cases.held_births import Held, HeldBirths
from shared.contracts.case_items import Words
from shared.department.answer import Answer
from shared.department.body import Body
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool

REASONS: Final = {
    "same_order": Words(
        zh="与母亲相邻日期的另一出生登记次序不符，可能是同一孩子",
        en="its order does not fit another birth of the mother the day before or after: perhaps it is the same child",
    ),
    "too_close": Words(
        zh="与母亲另一次分娩相隔不足八个月，且不在相邻日期",
        en="another birth of the mother is less than eight months away, and not the day before or after",
    ),
    "known_child": Words(
        zh="母亲名下已有出生日期相近的孩子，该登记不是由“出生一件事”办理的",
        en="the register has a child of the mother born about then, which was not entered by a case",
    ),
    "mother_age": Words(zh="母亲在孩子出生时的年龄不常见", en="the mother's age at the birth is unusual"),
    "father_age": Words(zh="父亲在孩子出生时的年龄不常见", en="the father's age at the birth is unusual"),
    "parentage_proof": Words(
        zh="非婚生育随父落户：请核对亲子鉴定意见书原件",
        en="joins the household of a father not married to the mother: please look at the original parentage test",
    ),
}


class NewDecision(Body):
    """`release`: it is entered; `refuse`: it is not, and the case ends; `send_back`: the family is to mend it."""

    decision: HeldDecision
    reason: Line


class Child(Answer):
    """Whom the birth is held because of."""

    person: UUID
    name: str
    born_on: date
    division_name: str


class HeldBirth(Answer):
    """`proposal` and what follows: of the registrar who proposes what to do. `is_over`: it waits no longer."""

    newborn: UUID
    case: UUID
    child_name: str
    born_on: date
    birth_order: str
    mother: UUID
    mother_name: str
    division: str
    division_name: str
    reasons: list[Words]
    beside: list[Child]
    parentage_proof: str | None  # number of the parentage test to look at
    held_at: datetime
    proposal: UUID | None
    decision: HeldDecision | None
    reason: str | None
    proposed_by: UUID | None
    is_over: bool


class HeldBirthsListed(Answer):
    births: list[HeldBirth]
    next: str | None  # send as `after` for the next page


@get("/births/held", tags=["held births"], summary="待核实的出生登记 / births that wait for two officers")
async def leaf(
    power: NamedDependency[Power],
    pool: NamedDependency[Pool],
    household: NamedDependency[Household],
    division: FromQuery[str | None] = None,
    after: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
) -> HeldBirthsListed:
    """Of a division and all within it, by a registrar's own division when none is named."""
    start = Place.parse(after) if after else None
    rows = await held_births.page(pool, power.part(division or None), start, limit + 1)
    births = [await shown(household, row) for row in rows[:limit]]
    more = len(rows) > limit
    return HeldBirthsListed(births=births, next=str(Place(births[-1].division, births[-1].newborn)) if more else None)


@post("/births/held/{newborn:uuid}/decision", tags=["held births"], summary="提出处理意见 / propose a decision")
async def propose(
    newborn: FromPath[UUID],
    data: JSONBody[NewDecision],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    household: NamedDependency[Household],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> Response[HeldBirth]:
    """By a registrar of the household's division, who is no relative. Nothing changes until another confirms."""
    held = await visible(pool, power, newborn)
    done = await HeldBirths(household).propose(held, power.caller.id, data.decision, data.reason, now, context)
    return stored(done, await again(household, pool, newborn))


@post(
    "/births/held/{newborn:uuid}/decision/confirm",
    status_code=200,
    tags=["held births"],
    summary="确认处理意见 / confirm a decision",
)
async def confirm(
    newborn: FromPath[UUID],
    data: JSONBody[ProposalSeen],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    household: NamedDependency[Household],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> Response[HeldBirth]:
    """By another registrar of the household's division. The birth is entered, refused or sent back at once."""
    held = await visible(pool, power, newborn)
    done = await HeldBirths(household).confirm(held, data.proposal, power.caller.id, now, context)
    return stored(done, await again(household, pool, newborn), 200)


@post(
    "/births/held/{newborn:uuid}/decision/end",
    status_code=200,
    tags=["held births"],
    summary="撤回或退回处理意见 / withdraw or decline a decision",
)
async def end(
    newborn: FromPath[UUID],
    data: JSONBody[ProposalSeen],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    household: NamedDependency[Household],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> Response[HeldBirth]:
    """Withdrawn by whoever proposed it, or declined by another registrar. The birth is held as before."""
    held = await visible(pool, power, newborn)
    done = await HeldBirths(household).end(held, data.proposal, power.caller.id, now, context)
    return stored(done, await again(household, pool, newborn), 200)


async def visible(pool: Pool, power: Power, newborn: UUID) -> Held:
    """Raises NotFound for one of another division too."""
    row = await held_births.one(pool, newborn)
    if row is None or not power.reaches(row.division):
        raise not_held()
    return Held(row.mother, row.newborn)


async def again(household: Household, pool: Pool, newborn: UUID) -> HeldBirth:
    row = await held_births.one(pool, newborn)
    assert row is not None  # it was just seen, and rows stay
    return await shown(household, row)


async def shown(household: Household, row: Row) -> HeldBirth:
    mother = entry_of(await household.kept(row.mother))
    states = [await household.state(child) for child in row.beside]
    beside = [entry_of(one) for one in states if isinstance(one, Entered | Dead)]  # of one that is held too: no entry
    return HeldBirth(
        newborn=row.newborn,
        case=row.case,
        child_name=row.child_name,
        born_on=row.born_on,
        birth_order=row.birth_order,
        mother=row.mother,
        mother_name=mother.name,
        division=row.division,
        division_name=place_name(row.division),
        reasons=[REASONS[reason] for reason in row.reasons],
        beside=[
            Child(
                person=one.person,
                name=one.name,
                born_on=one.id_number.birth_date,
                division_name=place_name(one.division),
            )
            for one in beside
        ],
        parentage_proof=row.parentage_proof,
        held_at=row.held_at,
        proposal=row.proposal,
        decision=row.decision,
        reason=row.reason,
        proposed_by=row.proposed_by,
        is_over=row.is_over,
    )


HANDLERS = (leaf, propose, confirm, end)
