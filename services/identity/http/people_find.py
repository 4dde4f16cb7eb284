"""For registrars: finding people of the register by ID number or by name, however it is spelt."""

from dataclasses import asdict
from typing import Annotated, Final

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from pydantic import BaseModel, Field

from services.identity.api.fields import Name, place_name
from services.identity.api.people import PersonRow
from services.identity.domain.person import entry_of
from services.identity.household import Household
from services.identity.read_models import household_register
from shared.contracts.errors import Invalid
from shared.department.body import Body
from shared.department.powers import Power
from shared.eventstore.database import Pool
from shared.standards.id_number import IdNumber
from shared.standards.person_name import is_same_name
from shared.standards.text import Text

MOST: Final = 50


class PeopleSought(Body):
    """At least one of the two; with both, whoever bears them both. `division`: where to look for a name."""

    id_number: IdNumber | None = None
    name: Name | None = None
    division: Annotated[str | None, Field(max_length=12, examples=["130123000000"])] = None


class PersonFound(PersonRow):
    """`is_former_number`: the number that was sought was theirs until it was corrected."""

    is_former_number: bool = False


class PeopleFound(BaseModel):
    people: list[PersonFound]
    are_all: bool  # false: more bear the name; seek by ID number, or in a smaller division


@post("/people/find", status_code=200, tags=["household register"], summary="查找登记 / find people in the register")
async def find(
    data: JSONBody[PeopleSought],
    power: NamedDependency[Power],
    household: NamedDependency[Household],
    pool: NamedDependency[Pool],
) -> PeopleFound:
    """By a registrar, within their own division; the dead are found, too; by a number also annulled entries, and
    whoever bore it before it was corrected. By POST, because name and number do not belong in an address."""
    if data.id_number is not None:
        found = await _bearers(household, pool, power, data.id_number, data.name)
        return PeopleFound(people=found, are_all=True)
    if not data.name or not data.name.strip():
        raise _name_or_number()
    place = power.part(data.division or None)
    rows = await household_register.of_name(pool, data.name, place, MOST + 1)
    return PeopleFound(people=[_row(row) for row in rows[:MOST]], are_all=len(rows) <= MOST)


async def _bearers(
    household: Household, pool: Pool, power: Power, number: IdNumber, name: str | None
) -> list[PersonFound]:
    found = []
    for state in await household.bearers_ever(number):
        entry = entry_of(state)
        if not power.reaches(entry.division) or (name and not is_same_name(entry.name, name)):
            continue
        if row := await household_register.of_person(pool, entry.person):
            found.append(_row(row, is_former_number=entry.id_number != number))
    return found


def _row(row: household_register.Row, *, is_former_number: bool = False) -> PersonFound:
    return PersonFound(**asdict(row), division_name=place_name(row.division), is_former_number=is_former_number)


def _name_or_number() -> Invalid:
    text = Text("请填写公民身份号码或姓名。", "Please give the ID number or the name.")
    return Invalid("name_or_number_needed", *text, fields={"id_number": text, "name": text})


HANDLERS = (find,)
