"""For officers: mandates of people who stand at the counter with their ID card, and may have no phone."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from pydantic import Field

from services.identity.domain.mandate import Party
from services.identity.domain.mandate_refusals import card_not_seen, nobody_of_that_name
from services.identity.http.mandates import MandateListed, MandateShown, NewMandate, PersonNamed, listed
from services.identity.use_cases.mandates import Mandates, Officer
from shared.department.answer import Answer
from shared.department.body import Body
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context


class PrincipalPresent(Body):
    """`card_seen`: the officer compared the ID card with the person."""

    principal: PersonNamed
    card_seen: bool


class NewMandateAtCounter(NewMandate):
    principal: Annotated[PersonNamed, Field(examples=[{"name": "甄样例", "id_number": "130123198604129960"}])]
    card_seen: bool


class MandatesGiven(Answer):
    """Those that are not over first, then the newest."""

    given: list[MandateListed]


@post("/counter/mandates", tags=["mandates at the counter"], summary="现场登记委托 / record a mandate given in person")
async def give(
    data: JSONBody[NewMandateAtCounter],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    mandates: NamedDependency[Mandates],
    now: NamedDependency[datetime],
) -> Response[MandateShown]:
    """Which matters, says `matters.yaml`. The agent accepts from their own account, and is never the officer."""
    principal = await _present(mandates, power, data.principal, card_seen=data.card_seen)
    done = await mandates.give(principal, data.offer, now, context, Officer(power.caller.id))
    return stored(done, MandateShown.of(done.state))


@post(
    "/counter/mandates/find",
    status_code=200,
    tags=["mandates at the counter"],
    summary="现场查询委托 / the mandates of a person who is present",
)
async def find(
    data: JSONBody[PrincipalPresent], power: NamedDependency[Power], mandates: NamedDependency[Mandates]
) -> MandatesGiven:
    """By POST, because name and number do not belong in an address."""
    principal = await _present(mandates, power, data.principal, card_seen=data.card_seen)
    return MandatesGiven(given=[listed(row) for row in await mandates.given_by(principal.person)])


@post(
    "/counter/mandates/{mandate:uuid}/end",
    status_code=200,
    tags=["mandates at the counter"],
    summary="现场终止委托 / end a mandate for its principal, who is present",
)
async def end(
    mandate: FromPath[UUID],
    data: JSONBody[PrincipalPresent],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    mandates: NamedDependency[Mandates],
    now: NamedDependency[datetime],
) -> Response[MandateShown]:
    principal = await _present(mandates, power, data.principal, card_seen=data.card_seen)
    done = await mandates.end(mandate, principal.person, now, context, Officer(power.caller.id))
    return stored(done, MandateShown.of(done.state), 200)


async def _present(mandates: Mandates, power: Power, named: PersonNamed, *, card_seen: bool) -> Party:
    """Raises Invalid: the same for whom the officer may not serve as for nobody."""
    if not card_seen:
        raise card_not_seen()
    entry = await mandates.somebody(named.name, named.id_number)
    if not power.reaches(entry.division):
        raise nobody_of_that_name()
    return Party(entry.person, entry.name, entry.id_number)


HANDLERS = (give, find, end)
