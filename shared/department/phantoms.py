"""For operators: own events that rest on events which were taken back, and two officers' verdicts."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from pydantic import BaseModel, ConfigDict, Field

from shared.department.caller import Caller
from shared.department.engine import Engine
from shared.messaging import phantom_list, phantom_verdicts
from shared.messaging.phantom_list import NOBODY, Followed, Verdict
from shared.messaging.reason import Reason


class Consequence(BaseModel):
    """An own event, the phantom it followed from, and what was decided about it."""

    id: UUID
    stream: str
    type: str
    recorded_at: datetime
    phantom: UUID
    phantom_type: str  # 'identity.PersonDied'
    feed: str  # the phantom's, and the number it had
    sequence: int
    proposal: int | None  # the number to confirm or refuse
    verdict: Verdict | None
    reason: str | None
    proposed_by: str | None
    proposed_at: datetime | None
    decided_by: str | None  # another officer; then it is settled
    decided_at: datetime | None


class Consequences(BaseModel):
    events: list[Consequence]
    next: UUID | None  # send as `after` for the next page


class Propose(BaseModel):
    """`stands`: it is right all the same. `corrected`: what was wrong has been put right by later acts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdict: Verdict
    reason: Reason


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    proposal: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]


@get("/", summary="收回事件引起的后果清单 / what followed from events that were taken back")
async def leaf(
    engine: NamedDependency[Engine],
    decided: FromQuery[bool] = False,
    after: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> Consequences:
    """Those that wait for officers; with `decided`, all."""
    found = await phantom_list.page(engine.pool, after=after or NOBODY, with_decided=decided, limit=limit + 1)
    events = [_told(one) for one in found[:limit]]
    return Consequences(events=events, next=events[-1].id if len(found) > limit else None)


@post("/{event:uuid}/propose", status_code=200, summary="提出处理意见 / propose what becomes of it")
async def propose(
    event: FromPath[UUID], data: JSONBody[Propose], caller: NamedDependency[Caller], engine: NamedDependency[Engine]
) -> Consequence:
    """Another officer has to confirm it."""
    return _told(await phantom_verdicts.propose(engine.pool, event, data.verdict, data.reason, caller.actor))


@post("/{event:uuid}/confirm", status_code=200, summary="确认处理意见 / confirm what another officer proposed")
async def confirm(
    event: FromPath[UUID], data: JSONBody[Answer], caller: NamedDependency[Caller], engine: NamedDependency[Engine]
) -> Consequence:
    """Then it is decided. Only by another officer than who proposed it."""
    return await _answered(engine, caller, event, data, is_confirmed=True)


@post("/{event:uuid}/refuse", status_code=200, summary="退回或者撤回处理意见 / refuse or take back what was proposed")
async def refuse(
    event: FromPath[UUID], data: JSONBody[Answer], caller: NamedDependency[Caller], engine: NamedDependency[Engine]
) -> Consequence:
    """Then it waits for another proposal. Whoever proposed it takes it back so."""
    return await _answered(engine, caller, event, data, is_confirmed=False)


async def _answered(engine: Engine, caller: Caller, event: UUID, data: Answer, *, is_confirmed: bool) -> Consequence:
    return _told(
        await phantom_verdicts.answer(engine.pool, event, data.proposal, caller.actor, is_confirmed=is_confirmed)
    )


def _told(one: Followed) -> Consequence:
    facts = asdict(one)
    return Consequence(proposal=facts.pop("nth"), **facts)


ROUTES = Router("/operations/phantoms", route_handlers=[leaf, propose, confirm, refuse], tags=["operations"])
