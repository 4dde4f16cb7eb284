"""For registrars: marriages, as civil affairs tells them."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from pydantic import BaseModel, Field

from services.identity.domain.marriage import Ended, EndMarriage, Reason, Standing, State, no_such_marriage, persons_of
from services.identity.domain.person import entry_of, no_such_person
from services.identity.marriages import Couple, Marriages
from services.identity.use_cases.officers import OwnMatters
from shared.department.body import Body
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.standards.id_number import IdNumber


class NewMarriage(Body):
    husband_id_number: IdNumber
    wife_id_number: IdNumber
    licence: Annotated[str, Field(max_length=40, examples=["J130123-2021-000520"])]  # 结婚证字号
    married_on: date


class Divorce(Body):
    ended_on: date  # as the divorce certificate or the court's ruling has it


class Marriage(BaseModel):
    marriage: UUID
    husband: UUID
    wife: UUID
    licence: str
    married_on: date
    ended_on: date | None
    ended_by: Reason | None

    @classmethod
    def of(cls, state: State) -> Self:
        standing = state.marriage if isinstance(state, Ended) else state
        assert isinstance(standing, Standing)  # what a command left behind
        husband, wife = standing.persons
        return cls(
            marriage=standing.marriage,
            husband=husband,
            wife=wife,
            licence=standing.licence,
            married_on=standing.married_on,
            ended_on=state.ended_on if isinstance(state, Ended) else None,
            ended_by=state.reason if isinstance(state, Ended) else None,
        )


@post("/marriages", tags=["marriages"], summary="婚姻登记 / record a marriage")
async def record(
    data: JSONBody[NewMarriage],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    marriages: NamedDependency[Marriages],
    now: NamedDependency[datetime],
) -> Response[Marriage]:
    """By a registrar of the division of either. Both are in the register, alive, of age and in no other marriage."""
    couple = await couple_of(marriages, power, data)
    await stand_aside(marriages, power, couple.husband.person, couple.wife.person)
    done = await marriages.record(couple, data.licence, data.married_on, now, context)
    return stored(done, Marriage.of(done.state))


@get("/marriages/{id:uuid}", tags=["marriages"], summary="查询婚姻登记 / look at a marriage")
async def show(id: FromPath[UUID], power: NamedDependency[Power], marriages: NamedDependency[Marriages]) -> Marriage:
    """For a registrar of the division of either; to others there is no such marriage."""
    return Marriage.of(await visible(marriages, power, id))


@post("/marriages/{id:uuid}/end", status_code=200, tags=["marriages"], summary="离婚登记 / record a divorce")
async def end(
    id: FromPath[UUID],
    data: JSONBody[Divorce],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    marriages: NamedDependency[Marriages],
    now: NamedDependency[datetime],
) -> Response[Marriage]:
    """By a registrar of the division of either. A death ends a marriage by itself."""
    await stand_aside(marriages, power, *persons_of(await visible(marriages, power, id)))
    done = await marriages.end(id, EndMarriage("divorce", data.ended_on, now), context)
    return stored(done, Marriage.of(done.state), 200)


@post(
    "/marriages/{id:uuid}/restore",
    status_code=200,
    tags=["marriages"],
    summary="恢复婚姻关系 / restore a marriage",
)
async def restore(
    id: FromPath[UUID],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    marriages: NamedDependency[Marriages],
    now: NamedDependency[datetime],
) -> Response[Marriage]:
    """By a registrar of the division of either, once the record of the death that ended it is withdrawn; not where a
    spouse has married since or declares in writing not to want it (Civil Code Art. 51)."""
    await stand_aside(marriages, power, *persons_of(await visible(marriages, power, id)))
    done = await marriages.restore(id, now, context)
    return stored(done, Marriage.of(done.state), 200)


async def couple_of(marriages: Marriages, power: Power, data: NewMarriage) -> Couple:
    """Raises NotFound where the registrar serves neither's division: they need not learn who is in the register."""
    couple = await marriages.couple(data.husband_id_number, data.wife_id_number)
    if not (power.reaches(couple.husband.division) or power.reaches(couple.wife.division)):
        raise no_such_person()
    return couple


async def visible(marriages: Marriages, power: Power, id: UUID) -> Standing | Ended:
    """Raises NotFound where the registrar serves neither spouse's division."""
    state = await marriages.written(id)
    entries = [entry_of(await marriages.household.kept(person)) for person in persons_of(state)]
    if not any(power.reaches(entry.division) for entry in entries):
        raise no_such_marriage()
    return state


async def stand_aside(marriages: Marriages, power: Power, *persons: UUID) -> None:
    """Raises Refused for an officer's own marriage, or a relative's."""
    await OwnMatters(marriages.household).stand_aside(power.caller.id, *persons)


HANDLERS = (record, show, end, restore)
