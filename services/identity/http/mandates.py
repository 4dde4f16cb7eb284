"""For verified citizens: mandates they give, and mandates given to them."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Literal, Self
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from pydantic import Field

from services.identity.api.fields import Name
from services.identity.domain.mandate import NotGiven, Over, State
from services.identity.domain.mandate_refusals import no_such_mandate
from services.identity.read_models.mandates_given import MandateRow
from services.identity.use_cases.mandates import Mandates, Offer
from shared.contracts.case_items import Words
from shared.contracts.identity import MandateEnd
from shared.contracts.matters import MATTERS
from shared.department.answer import Answer, words
from shared.department.body import Body
from shared.department.caller import Caller
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done
from shared.standards.id_number import IdNumber
from shared.standards.shanghai import SHANGHAI

MOST_NAMED = 20  # matters in one request
EXAMPLE_LAST_DAY = (datetime.now(SHANGHAI).date() + timedelta(days=90)).isoformat()  # one that is not over

Status = Literal["offered", "accepted", "declined", "ended"]
MatterCode = Annotated[str, Field(min_length=1, max_length=40, examples=["insurance.read"])]


class PersonNamed(Body):
    """A person, by name and ID number."""

    name: Name
    id_number: IdNumber


class NewMandate(Body):
    """`until`: its last day. `matters`: codes of `GET /mandates/matters`."""

    agent: PersonNamed
    matters: Annotated[tuple[MatterCode, ...], Field(max_length=MOST_NAMED)]
    until: Annotated[date, Field(examples=[EXAMPLE_LAST_DAY])]

    @property
    def offer(self) -> Offer:
        return Offer(self.agent.name, self.agent.id_number, self.matters, self.until)


class MatterShown(Answer):
    code: str
    name: Words


class MattersShown(Answer):
    """What a mandate can be given for, and for how many days at most."""

    matters: list[MatterShown]
    longest_days: int


class MandateShown(Answer):
    """`agent`: their person id once they have accepted or declined. `reason`: why it ended."""

    mandate: UUID
    principal: UUID
    principal_name: str
    agent: UUID | None
    agent_name: str
    matters: list[MatterShown]
    until: date
    status: Status
    reason: MandateEnd | None

    @classmethod
    def of(cls, state: State) -> Self:
        if isinstance(state, NotGiven):
            raise no_such_mandate()
        terms = state.terms
        end = state.end if isinstance(state, Over) else None
        over: Status = "ended" if end else "declined"
        status: Status = over if isinstance(state, Over) else state.status
        return cls(
            mandate=terms.mandate,
            principal=terms.principal,
            principal_name=terms.principal_name,
            agent=None if status == "offered" or end else terms.agent,
            agent_name=terms.agent_name,
            matters=_matters(terms.matters),
            until=terms.until,
            status=status,
            reason=end,
        )


class MandateListed(MandateShown):
    given_at: datetime
    changed_at: datetime
    at_counter: bool  # recorded by an officer before whom the principal stood


class MyMandates(Answer):
    """Those that are not over first, then the newest."""

    given: list[MandateListed]
    received: list[MandateListed]


@get("/mandates/matters", tags=["mandates"], summary="可委托事项 / what a mandate can be given for")
async def list_matters() -> MattersShown:
    return MattersShown(matters=_matters(list(MATTERS.matters)), longest_days=MATTERS.longest_days)


@get("/mandates", tags=["mandates"], summary="我的委托 / mandates I gave, and mandates given to me")
async def list_mine(caller: NamedDependency[Caller], mandates: NamedDependency[Mandates]) -> MyMandates:
    """A mandate reaches whoever bears the name and the ID number that its principal wrote."""
    person = caller.citizen()
    given, received = await mandates.given_by(person), await mandates.given_to(person)
    return MyMandates(given=[listed(row) for row in given], received=[listed(row) for row in received])


@post("/mandates", tags=["mandates"], summary="委托他人 / let another adult act for me")
async def give(
    data: JSONBody[NewMandate],
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    mandates: NamedDependency[Mandates],
    now: NamedDependency[datetime],
) -> Response[MandateShown]:
    """The answer is the same whether or not anybody of that name and number exists or has an account."""
    done = await mandates.give(await mandates.party(caller.citizen()), data.offer, now, context)
    return stored(done, MandateShown.of(done.state))


Act = Callable[[Mandates, UUID, UUID, datetime, Context], Awaitable[Done[State]]]


def acting(path: str, summary: str, act: Act, says: str | None = None) -> HTTPRouteHandler:
    """A handler that does one thing with a mandate for whoever asks."""

    async def handler(
        mandate: FromPath[UUID],
        caller: NamedDependency[Caller],
        context: NamedDependency[Context],
        mandates: NamedDependency[Mandates],
        now: NamedDependency[datetime],
    ) -> Response[MandateShown]:
        done = await act(mandates, mandate, caller.citizen(), now, context)
        return stored(done, MandateShown.of(done.state), 200)

    handler.__doc__ = says
    return post(f"/mandates/{{mandate:uuid}}/{path}", status_code=200, tags=["mandates"], summary=summary)(handler)


accept = acting("accept", "接受委托 / accept a mandate", Mandates.accept)
decline = acting("decline", "谢绝委托 / decline a mandate", Mandates.decline)
end = acting(
    "end",
    "终止委托 / end a mandate at once",
    Mandates.end,
    "By whoever gave it, or whoever accepted it. Asked again it changes nothing.",
)


def listed(row: MandateRow) -> MandateListed:
    return MandateListed(
        mandate=row.mandate,
        principal=row.principal,
        principal_name=row.principal_name,
        agent=row.agent if row.status in ("accepted", "declined") else None,
        agent_name=row.agent_name,
        matters=_matters(row.matters),
        until=row.until,
        status=row.status,
        reason=row.reason,
        given_at=row.given_at,
        changed_at=row.changed_at,
        at_counter=row.at_counter,
    )


def _matters(codes: Sequence[str]) -> list[MatterShown]:
    return [MatterShown(code=code, name=words(MATTERS.titles([code]))) for code in codes]


HANDLERS = (list_matters, list_mine, give, accept, decline, end)
