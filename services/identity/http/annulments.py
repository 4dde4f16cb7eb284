"""For registrars: annulling an entry that should never have been made (撤销登记), by two of them."""

from datetime import datetime
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from services.identity.api.fields import Line
from services.identity.api.people import Person, kept
from services.identity.household import Household
from services.identity.use_cases.annulments import Annulments
from shared.department.body import Body
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context


class NewAnnulment(Body):
    """Why the entry should never have been made, and the document that shows it."""

    reason: Line
    basis: Line


class ProposalSeen(Body):
    """The proposal that was looked into; one that no longer stands is refused."""

    proposal: UUID


@post("/people/{id:uuid}/annulment", tags=["household register"], summary="提出撤销登记 / propose to annul an entry")
async def propose(
    id: FromPath[UUID],
    data: JSONBody[NewAnnulment],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    household: NamedDependency[Household],
    now: NamedDependency[datetime],
) -> Response[Person]:
    """By a registrar of the division, not of themselves or a relative. Nothing changes until another confirms."""
    await kept(household, power, id)
    done = await Annulments(household).propose(id, power.caller.id, data.reason, data.basis, now, context)
    return stored(done, Person.of(done.state))


@post(
    "/people/{id:uuid}/annulment/confirm",
    status_code=200,
    tags=["household register"],
    summary="确认撤销登记 / confirm an annulment",
)
async def confirm(
    id: FromPath[UUID],
    data: JSONBody[ProposalSeen],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    household: NamedDependency[Household],
    now: NamedDependency[datetime],
) -> Response[Person]:
    """By another registrar of the division. Account, mandates, marriage, papers and cover end; the number is never
    given again, and the birth may be entered anew."""
    await kept(household, power, id)
    done = await Annulments(household).confirm(id, data.proposal, power.caller.id, now, context)
    return stored(done, Person.of(done.state), 200)


@post(
    "/people/{id:uuid}/annulment/end",
    status_code=200,
    tags=["household register"],
    summary="撤回或退回撤销意见 / withdraw or decline an annulment",
)
async def end(
    id: FromPath[UUID],
    data: JSONBody[ProposalSeen],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    household: NamedDependency[Household],
    now: NamedDependency[datetime],
) -> Response[Person]:
    """Withdrawn by whoever proposed it, or declined by another registrar of the division. The entry stays."""
    await kept(household, power, id)
    done = await Annulments(household).end(id, data.proposal, power.caller.id, now, context)
    return stored(done, Person.of(done.state), 200)


HANDLERS = (propose, confirm, end)
