"""For operators: keys of neighbours that do not come, and giving one up."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from pydantic import BaseModel, ConfigDict

from shared.contracts.errors import NotFound
from shared.contracts.person_key import ID
from shared.department.caller import Caller
from shared.department.engine import Engine
from shared.eventstore import missing_keys
from shared.eventstore.missing_keys import MissingKey
from shared.messaging.reason import Reason

PLACE = rf"^[a-z0-9.]+ {ID.pattern}$"


class MissingKeyRow(BaseModel):
    provider: str  # 'local.identity'
    id: str
    feed: str  # in which it was missed first
    since: datetime
    given_up_at: datetime | None
    given_up_by: str | None
    reason: str | None
    came_at: datetime | None  # after it had been given up: what it seals can be read again


class MissingKeys(BaseModel):
    keys: list[MissingKeyRow]
    next: str | None  # send as `after` for the next page


class GiveUp(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Reason


@get("/", summary="缺失密钥清单 / keys of neighbours that have not come")
async def leaf(
    engine: NamedDependency[Engine],
    given_up: FromQuery[bool] = False,
    after: Annotated[str | None, QueryParameter(pattern=PLACE, max_length=100)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> MissingKeys:
    """Those that something waits for; with `given_up`, those too that were given up."""
    provider, _, id = (after or "").partition(" ")
    found = await missing_keys.page(engine.pool, after=(provider, id), with_given_up=given_up, limit=limit + 1)
    rows = [_told(one) for one in found[:limit]]
    return MissingKeys(keys=rows, next=f"{rows[-1].provider} {rows[-1].id}" if len(found) > limit else None)


@post("/{provider:str}/{id:str}/give-up", status_code=200, summary="放弃等待密钥 / wait for one no longer")
async def give_up(
    provider: FromPath[str],
    id: FromPath[str],
    data: JSONBody[GiveUp],
    caller: NamedDependency[Caller],
    engine: NamedDependency[Engine],
) -> MissingKeyRow:
    """What it seals reads as empty, and its feed goes on. Who did it and why is kept. Should it come after all, it
    opens again."""
    is_one = provider.isprintable() and ID.fullmatch(id) is not None
    if not is_one or not await missing_keys.give_up(engine.pool, provider, id, caller.actor, data.reason):
        raise NotFound(
            "key_not_missing",
            "没有事项在等待该密钥，可能已经收到；请刷新清单。",
            "Nothing waits for this key; it may have come meanwhile. Please look at the list again.",
        )
    found = await missing_keys.one(engine.pool, provider, id)
    assert found is not None
    return _told(found)


def _told(one: MissingKey) -> MissingKeyRow:
    return MissingKeyRow(**asdict(one))


ROUTES = Router("/operations/keys", route_handlers=[leaf, give_up], tags=["operations"])
