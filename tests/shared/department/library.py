"""A department to try the frame with: one aggregate (a loan), a few routes, and a route for every way to say no."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import asyncpg
from litestar import Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from shared.contracts import errors
from shared.contracts.event import Event
from shared.contracts.feed import Contract, Feed
from shared.contracts.identity import IDENTITY, Role
from shared.department.responses import stored
from shared.department.service import Service
from shared.department.sign_in import Caller
from shared.eventstore.aggregate import Aggregate, Context
from shared.eventstore.store import Store
from shared.standards.errors import NotValid
from shared.standards.phone import MobileNumber
from shared.standards.text import Language, Text
from tests.powers import for_signed_in, open_to_anyone


class BookLent(Event):
    title: str


LOANS = Feed("library", "loans", Text("借阅", "loans"), (BookLent,))
LIBRARY = Contract("library", Text("图书馆", "the library"), (LOANS,))
CONTRACTS = (IDENTITY, LIBRARY)
SHARING = """
members: [identity, library]
feeds:
  identity.people: {attribute: not_shared, basis: sample}
  identity.accounts: {attribute: not_shared, basis: sample}
  identity.staff: {attribute: unconditional, basis: sample, subscribers: [library]}
  identity.mandates: {attribute: not_shared, basis: sample}
  identity.keys: {attribute: unconditional, basis: sample, subscribers: [library]}
  identity.rules: {attribute: not_shared, basis: sample}
  identity.case_items: {attribute: not_shared, basis: sample}
  library.loans: {attribute: not_shared, basis: sample}
"""


@dataclass(frozen=True)
class Lend:
    title: str


def decide(lent: str | None, command: Lend) -> Sequence[Event]:
    if lent == command.title:
        return []
    if lent is not None:
        raise errors.Refused("already_lent", "该书已借出，请另选一本。", "This book is lent; please choose another.")
    return [BookLent(title=command.title)]


def evolve(lent: str | None, event: Event) -> str | None:
    return event.title if isinstance(event, BookLent) else lent


LOAN: Aggregate[str | None, Lend] = Aggregate("loan", None, decide, evolve)


class Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NewLoan(Form):
    title: str = Field(min_length=1, max_length=50)


class Loan(BaseModel):
    id: UUID
    title: str | None


@post("/loans/{loan:uuid}")
async def lend(
    loan: FromPath[UUID],
    data: JSONBody[NewLoan],
    store: NamedDependency[Store],
    context: NamedDependency[Context],
) -> Response[Loan]:
    done = await store.execute(LOAN.stream(loan), LOAN, Lend(data.title), context)
    return stored(done, Loan(id=loan, title=done.state))


@post("/kiosk/{loan:uuid}")
async def lend_at_the_kiosk(
    loan: FromPath[UUID],
    data: JSONBody[NewLoan],
    store: NamedDependency[Store],
    open_context: NamedDependency[Context],
) -> Response[Loan]:
    done = await store.execute(LOAN.stream(loan), LOAN, Lend(data.title), open_context)
    return stored(done, Loan(id=loan, title=done.state))


@get("/loans/{loan:uuid}")
async def look(loan: FromPath[UUID], store: NamedDependency[Store]) -> Loan:
    return Loan(id=loan, title=(await store.load(LOAN.stream(loan), LOAN)).state)


class Who(BaseModel):
    actor: str
    language: str
    now: datetime


@get("/who", sync_to_thread=False)
def who(caller: NamedDependency[Caller], language: NamedDependency[Language], now: NamedDependency[datetime]) -> Who:
    return Who(actor=caller.actor, language=language, now=now)


@post("/review/{division:str}", sync_to_thread=False)
def review(division: FromPath[str], caller: NamedDependency[Caller]) -> dict[str, str]:
    caller.serve(Role.reviewer, division)
    return {"reviewed": division}


@post("/mine", sync_to_thread=False)
def mine(caller: NamedDependency[Caller]) -> dict[str, str]:
    return {"citizen": str(caller.citizen())}


class Everything(Form):
    """One field for each kind of mistake."""

    name: str = Field(default="x", min_length=2, max_length=4, pattern=r"^[a-z]*$")
    count: int = Field(default=1, ge=1, le=9)
    id: UUID | None = None
    day: date | None = None
    at: datetime | None = None
    kind: Literal["paper", "card"] = "paper"
    role: Role | None = None
    many: list[int] = []
    phone: MobileNumber | None = None
    even: int = 2

    @field_validator("even")
    @classmethod
    def is_even(cls, value: int) -> int:
        if value % 2:
            raise NotValid("odd", "应为偶数。", "This should be even.")
        return value


@post("/everything", sync_to_thread=False)
def everything(data: JSONBody[Everything]) -> dict[str, str]:
    return {"taken": data.name}


@get("/search", sync_to_thread=False)
def search(limit: FromQuery[Annotated[int, Field(ge=1)]]) -> dict[str, int]:
    return {"limit": limit}


def _validation_error() -> Exception:
    try:
        NewLoan(title="")
    except ValidationError as error:
        return error
    raise AssertionError


FAILURES: dict[str, Callable[[], Exception]] = {
    "refused": lambda: errors.Refused("closed", "今天闭馆。", "Closed today.", secret="13800138000"),
    "invalid": lambda: errors.Invalid("wrong", "有误。", "Wrong.", fields={"a.b": Text("甲有误。", "A is wrong.")}),
    "not_signed_in": lambda: errors.NotSignedIn("who", "请登录。", "Sign in."),
    "not_allowed": lambda: errors.NotAllowed("no", "不可以。", "You may not."),
    "not_found": lambda: errors.NotFound("gone", "没有。", "Not there."),
    "too_many": lambda: errors.TooMany("often", "太频繁。", "Too often.", retry_after=7.2),
    "too_many_plain": lambda: errors.TooMany("often", "太频繁。", "Too often."),
    "key_reused": errors.KeyReused,
    "conflict": lambda: errors.ConcurrencyConflict("13800138000 was first"),
    "unavailable": lambda: errors.Unavailable("13800138000 unknown"),
    "not_valid": lambda: NotValid("digit", "校验码有误。", "The check digit is wrong."),
    "validation": _validation_error,
    "poison": lambda: errors.Poison("13800138000"),
    "bug": lambda: ZeroDivisionError("13800138000"),
    "ended_session": lambda: asyncpg.InternalClientError("cannot switch to state 12; 13800138000"),
    "refused_connection": lambda: ConnectionRefusedError("13800138000"),
}


@get("/fail/{how:str}", sync_to_thread=False)
def fail(how: FromPath[str]) -> None:
    raise FAILURES[how]()


async def shelf(store: NamedDependency[Store], caller: NamedDependency[Caller]) -> str:
    """A dependency of the library's own, built on what the frame gives."""
    return f"shelf of {caller.kind} in {store.registry.department}"


@get("/", sync_to_thread=False)
def look_at_the_shelf(shelf: NamedDependency[str]) -> dict[str, str]:
    return {"shelf": shelf}


SHELF = Router("/shelf", route_handlers=[look_at_the_shelf], dependencies={"shelf": Provide(shelf)})

ROUTES: Any = (lend, lend_at_the_kiosk, look, who, review, mine, everything, search, fail, SHELF)
POWERS = {
    **open_to_anyone("GET /loans/{loan}", "POST /kiosk/{loan}", "POST /everything", "GET /search", "GET /fail/{how}"),
    **for_signed_in("POST /loans/{loan}", "GET /who", "POST /review/{division}", "POST /mine", "GET /shelf"),
}
SERVICE = Service(LIBRARY, routes=ROUTES, powers=POWERS)
