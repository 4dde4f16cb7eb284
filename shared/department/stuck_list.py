"""For operators: what the leader's to-do lists cannot do now. They see which thing it is, and no citizen's data."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody
from pydantic import BaseModel, ConfigDict

from shared.contracts.identity import Role
from shared.department import stuck
from shared.department.caller import Caller
from shared.department.engine import Engine
from shared.department.paging import DEFAULT_LIMIT, After, Limit, Place, page


class StuckOne(BaseModel):
    list: str  # 'certificates to issue'
    id: UUID  # of what waits: an application, a certificate, an item …
    at: datetime  # when it was put on the list
    problem: str  # without any value
    attempts: int
    since: datetime  # of this problem
    try_at: datetime


class StuckOnes(BaseModel):
    stuck: list[StuckOne]
    next: str | None  # send as `after` for the next page


class Retry(BaseModel):
    """Nothing named: all that is stuck here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    list: str | None = None
    id: UUID | None = None


class Retried(BaseModel):
    retried: int  # that rested; they are looked at within seconds


@get("/", summary="暂缓待办 / what cannot be done now")
async def leaf(
    caller: NamedDependency[Caller],
    engine: NamedDependency[Engine],
    after: FromQuery[After] = None,
    limit: FromQuery[Limit] = DEFAULT_LIMIT,
) -> StuckOnes:
    """The longest stuck first."""
    caller.hold(Role.operator)
    place = Place.parse(after) if after else Place.first()
    rows, following = page(await stuck.page(engine.pool, after=place, limit=limit + 1), limit)
    return StuckOnes(stuck=[StuckOne(**asdict(one)) for one in rows], next=following)


@post("/retry", status_code=200, summary="立即重试 / try again at the next look")
async def retry(
    data: JSONBody[Retry],
    caller: NamedDependency[Caller],
    engine: NamedDependency[Engine],
    now: NamedDependency[datetime],
) -> Retried:
    """Safe at any time: whatever is tried takes effect once."""
    caller.hold(Role.operator)
    return Retried(retried=await stuck.retry(engine.pool, now, data.list, data.id))


ROUTES = Router("/operations/stuck", route_handlers=[leaf, retry], tags=["operations"])
