"""Erasing a person's data (删除个人信息): for the citizen, and for two registrars by law; what departments answered."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from services.identity.api.fields import Line
from services.identity.api.people import kept
from services.identity.domain.erasure import Asking
from services.identity.household import Household
from services.identity.http.annulments import ProposalSeen
from services.identity.use_cases.erasures import Answered, Erasures
from shared.contracts.case_items import Words
from shared.contracts.catalogue import CONTRACTS
from shared.department.answer import Answer, words
from shared.department.body import Body
from shared.department.caller import Caller
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context

Of = Annotated[UUID | None, QueryParameter(description="a minor whose guardian one is; by default oneself")]

TITLES = {contract.department: words(contract.title) for contract in CONTRACTS}


class NewErasure(Body):
    """`basis`: the law by which the data are erased. It names nobody."""

    basis: Line


class ReasonShown(Answer):
    keeps: Words
    basis: Words
    until: date | None  # its last day; null: as long as it lasts


class DepartmentAnswer(Answer):
    """`waiting`: it has not answered yet."""

    department: str
    name: Words
    status: Literal["waiting", "erased", "kept"]
    reasons: list[ReasonShown]
    answered_at: datetime | None


class ErasureProposalShown(Answer):
    proposal: UUID
    basis: str
    by: UUID
    proposed_at: datetime


class ErasureShown(Answer):
    """The last request, and what every department answered. `request` null: nobody asked."""

    request: UUID | None
    by: Literal["citizen", "law"] | None
    basis: str | None  # of a request by law
    asked_at: datetime | None
    departments: list[DepartmentAnswer]
    proposal: ErasureProposalShown | None  # that waits for another officer; never shown to the citizen


async def shown(erasures: Erasures, person: UUID, state: Asking, *, to_officer: bool) -> ErasureShown:
    asked, proposal = state.asked, state.proposal if to_officer else None
    answers = await erasures.answers(person, asked.request) if asked else []
    return ErasureShown(
        request=asked.request if asked else None,
        by=asked.by if asked else None,
        basis=asked.basis if asked else None,
        asked_at=asked.asked_at if asked else None,
        departments=[department_answer(one) for one in answers],
        proposal=proposal
        and ErasureProposalShown(proposal=proposal.id, basis=proposal.what, by=proposal.by, proposed_at=proposal.at),
    )


def department_answer(one: Answered) -> DepartmentAnswer:
    standing = one.standing
    reasons = standing.reasons if standing else ()
    return DepartmentAnswer(
        department=one.department,
        name=TITLES[one.department],
        status="waiting" if standing is None else "erased" if standing.status == "erased" else "kept",
        reasons=[ReasonShown(keeps=r.keeps, basis=r.basis, until=r.until) for r in reasons],
        answered_at=standing.answered_at if standing else None,
    )


@post("/me/erasure", tags=["erasure"], summary="请求删除本人信息 / ask that my data be erased")
async def ask(
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    household: NamedDependency[Household],
    now: NamedDependency[datetime],
    of: Of = None,
) -> Response[ErasureShown]:
    """Each department erases what it has recorded, or tells what law keeps it and how long. Asked again while
    departments have yet to answer, it is the same request. What is erased cannot be brought back."""
    erasures = Erasures(household)
    person = await erasures.whose(caller.citizen(), of, now)
    done = await erasures.ask(caller.citizen(), person, now, context)
    return stored(done, await shown(erasures, person, done.state, to_officer=False))


@get("/me/erasure", tags=["erasure"], summary="本人信息删除结果 / what came of my request for erasure")
async def show_mine(
    caller: NamedDependency[Caller],
    household: NamedDependency[Household],
    now: NamedDependency[datetime],
    of: Of = None,
) -> ErasureShown:
    """Department by department: erased, kept until when and why, or not answered yet."""
    erasures = Erasures(household)
    person = await erasures.whose(caller.citizen(), of, now)
    return await shown(erasures, person, await erasures.state(person), to_officer=False)


@get(
    "/people/{id:uuid}/erasure",
    tags=["erasure"],
    summary="个人信息删除情况 / how an erasure stands",
)
async def show(
    id: FromPath[UUID], power: NamedDependency[Power], household: NamedDependency[Household]
) -> ErasureShown:
    """For a registrar of the division; of annulled entries too."""
    await kept(household, power, id)
    erasures = Erasures(household)
    return await shown(erasures, id, await erasures.state(id), to_officer=True)


@post("/people/{id:uuid}/erasure", tags=["erasure"], summary="提出依法删除个人信息 / propose to erase by law")
async def propose(
    id: FromPath[UUID],
    data: JSONBody[NewErasure],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    household: NamedDependency[Household],
    now: NamedDependency[datetime],
) -> Response[ErasureShown]:
    """By a registrar of the division, not of themselves or a relative. Nothing is erased until another confirms."""
    await kept(household, power, id)
    erasures = Erasures(household)
    done = await erasures.propose(id, power.caller.id, data.basis, now, context)
    return stored(done, await shown(erasures, id, done.state, to_officer=True))


@post(
    "/people/{id:uuid}/erasure/confirm",
    status_code=200,
    tags=["erasure"],
    summary="确认依法删除个人信息 / confirm an erasure by law",
)
async def confirm(
    id: FromPath[UUID],
    data: JSONBody[ProposalSeen],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    household: NamedDependency[Household],
    now: NamedDependency[datetime],
) -> Response[ErasureShown]:
    """By another registrar of the division. Every department is asked; what law keeps stays until its end."""
    await kept(household, power, id)
    erasures = Erasures(household)
    done = await erasures.confirm(id, data.proposal, power.caller.id, now, context)
    return stored(done, await shown(erasures, id, done.state, to_officer=True), 200)


@post(
    "/people/{id:uuid}/erasure/end",
    status_code=200,
    tags=["erasure"],
    summary="撤回或退回删除意见 / withdraw or decline an erasure",
)
async def end(
    id: FromPath[UUID],
    data: JSONBody[ProposalSeen],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    household: NamedDependency[Household],
    now: NamedDependency[datetime],
) -> Response[ErasureShown]:
    """Withdrawn by whoever proposed it, or declined by another registrar of the division."""
    await kept(household, power, id)
    erasures = Erasures(household)
    done = await erasures.end(id, data.proposal, power.caller.id, now, context)
    return stored(done, await shown(erasures, id, done.state, to_officer=True), 200)


HANDLERS = (ask, show_mine, show, propose, confirm, end)
