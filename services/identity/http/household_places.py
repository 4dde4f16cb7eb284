"""For registrars: a person's place in their household (户号、户主、与户主关系)."""

from datetime import datetime
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from services.identity.api.fields import HouseholdFields
from services.identity.api.people import Person, visible_entry
from services.identity.domain.person import PERSON, RecordHousehold
from services.identity.household import Household
from services.identity.use_cases.officers import OwnMatters
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context


@post(
    "/people/{id:uuid}/household",
    status_code=200,
    tags=["household register"],
    summary="登记户号、户主和与户主关系 / record a household",
)
async def record(
    id: FromPath[UUID],
    data: JSONBody[HouseholdFields],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    household: NamedDependency[Household],
    now: NamedDependency[datetime],
) -> Response[Person]:
    """By a registrar of the division, told whole: what is left out is not known. A householder is their own."""
    await visible_entry(household, power, id)
    await OwnMatters(household).stand_aside(power.caller.id, id)
    if data.householder and data.householder != id:
        await household.entry(data.householder)
    done = await household.store.execute(PERSON.stream(id), PERSON, RecordHousehold(data.place, now), context)
    return stored(done, Person.of(done.state), 200)


HANDLERS = (record,)
