"""For citizens: their own household entry, marriage and children."""

from datetime import date, datetime
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from pydantic import BaseModel

from services.identity.api.fields import place_name
from services.identity.domain.person import Dead, Entered, entry_of
from services.identity.domain.today import is_of_age, today
from services.identity.household import Household
from services.identity.marriages import Marriages
from services.identity.read_models.wards import wards_of
from shared.department.caller import Caller
from shared.eventstore.database import Pool
from shared.standards.id_number import IdNumber


class Named(BaseModel):
    person: UUID
    name: str


class Spouse(Named):
    licence: str
    married_on: date


class Child(Named):
    """Whose guardian one is: the number whole, for it is needed for nursery and school."""

    id_number: IdNumber
    born_on: date
    division: str
    division_name: str
    address: str
    guardians: list[Named]


class MyHousehold(BaseModel):
    person: UUID
    name: str
    id_number: str  # masked
    division: str
    division_name: str
    address: str
    spouse: Spouse | None
    children: list[Child]  # minors


@get("/households/mine", tags=["me"], summary="我的户口登记 / my household entry")
async def my_household(
    caller: NamedDependency[Caller],
    household: NamedDependency[Household],
    marriages: NamedDependency[Marriages],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> MyHousehold:
    """As the register has it now, and the minors one is named as a guardian of."""
    mine = await household.entry(caller.citizen())
    wards = [await household.state(ward) for ward in await wards_of(pool, mine.person)]
    return MyHousehold(
        person=mine.person,
        name=mine.name,
        id_number=mine.id_number.masked,
        division=mine.division,
        division_name=place_name(mine.division),
        address=mine.address,
        spouse=await spouse_of(marriages, mine.person),
        children=[
            await child(household, ward)
            for ward in wards
            if isinstance(ward, Entered) and not is_of_age(ward.id_number, today(now))
        ],
    )


async def spouse_of(marriages: Marriages, person: UUID) -> Spouse | None:
    marriage = await marriages.of(person)
    if marriage is None:
        return None
    other = await named(marriages.household, next(one for one in marriage.persons if one != person))
    if other is None:
        return None
    return Spouse(person=other.person, name=other.name, licence=marriage.licence, married_on=marriage.married_on)


async def child(household: Household, entry: Entered) -> Child:
    return Child(
        person=entry.person,
        name=entry.name,
        id_number=entry.id_number,
        born_on=entry.id_number.birth_date,
        division=entry.division,
        division_name=place_name(entry.division),
        address=entry.address,
        guardians=[one for guardian in entry.guardians if (one := await named(household, guardian))],
    )


async def named(household: Household, person: UUID) -> Named | None:
    """None: the entry was annulled, so there is no such person."""
    state = await household.state(person)
    return Named(person=person, name=entry_of(state).name) if isinstance(state, Entered | Dead) else None


HANDLERS = (my_household,)
