"""For registrars: the household register."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from pydantic import BaseModel, Field

from services.identity.api.fields import Division, HouseholdFields, Line, Name, place_name
from services.identity.domain.guardians import MOST_GUARDIANS, NameGuardians, can_guard
from services.identity.domain.person import (
    PERSON,
    Annulled,
    CorrectPerson,
    Dead,
    Entered,
    MovePerson,
    State,
    Unknown,
    entry_closed,
    entry_of,
    no_such_person,
)
from services.identity.household import Household
from services.identity.read_models import household_register
from services.identity.read_models.place import Place
from services.identity.use_cases.officers import OwnMatters
from shared.department.body import Body
from shared.department.caller import outside_division
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.standards.id_number import IdNumber


class NewPerson(HouseholdFields):
    """What of the household is not known is left out."""

    name: Name
    id_number: IdNumber
    division: Division
    address: Line


class Correction(Body):
    """Name and ID number as they should be, both whole."""

    name: Name
    id_number: IdNumber
    reason: Line


class Move(HouseholdFields):
    """Household number, householder and relation are those of the place moved to."""

    division: Division
    address: Line


class Guardians(Body):
    guardians: Annotated[tuple[UUID, ...], Field(max_length=MOST_GUARDIANS)]  # persons of the register


class AnnulmentProposed(BaseModel):
    """One registrar proposes to annul the entry; another is to confirm or decline."""

    proposal: UUID
    reason: str
    basis: str
    proposed_by: UUID  # staff
    proposed_at: datetime


class Person(BaseModel):
    """`annulled_at`: the entry should never have been made; nobody but registrars is shown it."""

    person: UUID
    name: str
    id_number: IdNumber
    division: str
    division_name: str
    address: str
    died_on: date | None
    guardians: tuple[UUID, ...]
    household_number: str | None
    householder: UUID | None
    householder_name: str | None
    relation: str | None
    annulment: AnnulmentProposed | None
    annulled_at: datetime | None

    @classmethod
    def of(cls, state: State) -> Self:
        assert not isinstance(state, Unknown)  # what a command left behind
        entry = entry_of(state)
        of, proposal = entry.household, entry.annulment
        return cls(
            person=entry.person,
            name=entry.name,
            id_number=entry.id_number,
            division=entry.division,
            division_name=place_name(entry.division),
            address=entry.address,
            died_on=state.died_on if isinstance(state, Dead) else None,
            guardians=entry.guardians,
            household_number=of.number,
            householder=of.householder,
            householder_name=of.householder_name,
            relation=of.relation,
            annulment=AnnulmentProposed(
                proposal=proposal.id,
                reason=proposal.reason,
                basis=proposal.what,
                proposed_by=proposal.by,
                proposed_at=proposal.at,
            )
            if proposal
            else None,
            annulled_at=state.annulled_at if isinstance(state, Annulled) else None,
        )


class PersonRow(BaseModel):
    """`annulled_at`: the entry should never have been made; nobody but registrars is shown it."""

    person: UUID
    name: str
    id_number: str  # masked
    division: str
    division_name: str
    address: str
    registered_on: date
    died_on: date | None
    annulled_at: datetime | None = None


class People(BaseModel):
    people: list[PersonRow]
    next: str | None  # send as `after` for the next page


@post("/people", tags=["household register"], summary="户口登记 / enter a person")
async def enter(
    data: JSONBody[NewPerson],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    household: NamedDependency[Household],
    now: NamedDependency[datetime],
) -> Response[Person]:
    """By a registrar of the division."""
    power.serve(data.division)
    done = await household.enter(data.name, data.id_number, data.division, data.address, now, context, data.place)
    return stored(done, Person.of(done.state))


@get("/people/{id:uuid}", tags=["household register"], summary="查询登记 / look at an entry")
async def show(id: FromPath[UUID], power: NamedDependency[Power], household: NamedDependency[Household]) -> Person:
    """For a registrar of the division, annulled entries too; to others there is no such person."""
    return Person.of(await kept(household, power, id))


@post("/people/{id:uuid}/correct", status_code=200, tags=["household register"], summary="更正登记 / correct an entry")
async def correct(
    id: FromPath[UUID],
    data: JSONBody[Correction],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    household: NamedDependency[Household],
    now: NamedDependency[datetime],
) -> Response[Person]:
    """By a registrar of the division. The ID number that proved wrong is free again for whom it belongs to."""
    entry = await visible_entry(household, power, id)
    await OwnMatters(household).stand_aside(power.caller.id, id)
    command = CorrectPerson(data.name, data.id_number, data.reason, entry.edition, now)
    done = await household.correct(entry, command, context)
    return stored(done, Person.of(done.state), 200)


@post("/people/{id:uuid}/move", status_code=200, tags=["household register"], summary="户口迁移 / move a household")
async def move(
    id: FromPath[UUID],
    data: JSONBody[Move],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    household: NamedDependency[Household],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Person]:
    """By a registrar of the place left or of the place moved to: one counter is enough for both."""
    entry = await household.entry(id)
    if not (power.reaches(entry.division) or power.reaches(data.division)):
        raise outside_division()
    await OwnMatters(household).stand_aside(power.caller.id, id)
    command = MovePerson(data.division, data.address, now, data.place)
    done = await store.execute(PERSON.stream(id), PERSON, command, context)
    return stored(done, Person.of(done.state), 200)


@post(
    "/people/{id:uuid}/guardians", status_code=200, tags=["household register"], summary="监护人登记 / name guardians"
)
async def name_guardians(
    id: FromPath[UUID],
    data: JSONBody[Guardians],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    household: NamedDependency[Household],
    now: NamedDependency[datetime],
) -> Response[Person]:
    """By a registrar of the minor's division, all of them at once; they take the place of those named before."""
    await visible_entry(household, power, id)
    await OwnMatters(household).stand_aside(power.caller.id, id, *data.guardians)
    for guardian in data.guardians:
        can_guard((await household.entry(guardian)).id_number, now)
    done = await household.store.execute(PERSON.stream(id), PERSON, NameGuardians(data.guardians, now), context)
    return stored(done, Person.of(done.state), 200)


@get("/people", tags=["household register"], summary="登记名册 / leaf through the register")
async def leaf(
    power: NamedDependency[Power],
    pool: NamedDependency[Pool],
    division: FromQuery[str | None] = None,
    after: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
) -> People:
    """Entries of a division and all within it, by a registrar's own division when none is named."""
    place = power.part(division or None)
    start = Place.parse(after) if after else None
    rows = await household_register.page(pool, place, start, limit + 1)
    people = [PersonRow(**asdict(row), division_name=place_name(row.division)) for row in rows[:limit]]
    more = len(rows) > limit
    return People(people=people, next=str(Place(people[-1].division, people[-1].person)) if more else None)


async def visible_entry(household: Household, power: Power, id: UUID) -> Entered:
    """As `visible`; raises Refused for a closed entry."""
    state = await visible(household, power, id)
    if isinstance(state, Dead):
        raise entry_closed()
    return state


async def visible(household: Household, power: Power, id: UUID) -> Entered | Dead:
    """Raises NotFound for an entry outside the registrar's division too: they need not learn that it exists."""
    state = await kept(household, power, id)
    if isinstance(state, Annulled):
        raise no_such_person()
    return state


async def kept(household: Household, power: Power, id: UUID) -> Entered | Dead | Annulled:
    """As `visible`, annulled entries too."""
    state = await household.kept(id)
    if not power.reaches(entry_of(state).division):
        raise no_such_person()
    return state


HANDLERS = (enter, show, correct, move, name_guardians, leaf)
