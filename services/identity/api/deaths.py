"""For registrars: deaths, and the withdrawal of a record that was wrong."""

from datetime import date, datetime
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from services.identity.api.fields import Line
from services.identity.api.people import Person, visible
from services.identity.domain.person import PERSON, RecordDeath, WithdrawDeath
from services.identity.household import Household
from services.identity.use_cases.officers import OwnMatters
from shared.department.body import Body
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context


class Death(Body):
    died_on: date  # as the death certificate has it


class WithdrawalOfDeath(Body):
    """Why the record was wrong, and the document that shows it."""

    reason: Line
    basis: Line


@post("/people/{id:uuid}/death", status_code=200, tags=["household register"], summary="死亡注销 / record a death")
async def record_death(
    id: FromPath[UUID],
    data: JSONBody[Death],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    household: NamedDependency[Household],
    now: NamedDependency[datetime],
) -> Response[Person]:
    """By a registrar of the division. Closes the entry; whoever it was can no longer sign in."""
    await visible(household, power, id)
    await OwnMatters(household).stand_aside(power.caller.id, id)
    done = await household.store.execute(PERSON.stream(id), PERSON, RecordDeath(data.died_on, now), context)
    return stored(done, Person.of(done.state), 200)


@post(
    "/people/{id:uuid}/death/withdraw",
    status_code=200,
    tags=["household register"],
    summary="撤销死亡登记、恢复户口 / withdraw a record of death",
)
async def withdraw_death(
    id: FromPath[UUID],
    data: JSONBody[WithdrawalOfDeath],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    household: NamedDependency[Household],
    now: NamedDependency[datetime],
) -> Response[Person]:
    """By a registrar of the division. The entry is open again as it stood, and whoever it is can sign in."""
    await visible(household, power, id)
    await OwnMatters(household).stand_aside(power.caller.id, id)
    command = WithdrawDeath(data.reason, data.basis, now)
    done = await household.store.execute(PERSON.stream(id), PERSON, command, context)
    return stored(done, Person.of(done.state), 200)


HANDLERS = (record_death, withdraw_death)
