"""For operators: what is witnessed of the neighbours, and a new era once an alarm was looked into."""

from datetime import datetime

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from pydantic import BaseModel, ConfigDict

from shared.contracts.identity import Role
from shared.department.caller import Caller
from shared.department.engine import Engine
from shared.department.ledger import LedgerAlarm, neighbour
from shared.messaging import witness_eras
from shared.messaging.reason import Reason


class BegunEra(BaseModel):
    """Any era but the first, which begins by itself."""

    era: int
    begun_by: str
    reason: str
    begun_at: datetime


class WitnessedNeighbour(BaseModel):
    """In its present era."""

    department: str
    era: int
    size: int  # events witnessed
    since: datetime | None  # when the first was
    alarms: list[LedgerAlarm]  # those that stand
    begun: list[BegunEra]


class WitnessedNeighbours(BaseModel):
    neighbours: list[WitnessedNeighbour]


class Renew(BaseModel):
    """Why: one line that anyone may read beside the ledger."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Reason


@get("/", summary="对其他部门的见证 / what is witnessed of the neighbours")
async def neighbours(caller: NamedDependency[Caller], engine: NamedDependency[Engine]) -> WitnessedNeighbours:
    caller.hold(Role.operator)
    return WitnessedNeighbours(neighbours=await _told(engine, *engine.neighbours))


@post("/{department:str}/renew", status_code=200, summary="开始新的见证期 / begin a new era for a neighbour")
async def renew(
    department: FromPath[str],
    data: JSONBody[Renew],
    caller: NamedDependency[Caller],
    engine: NamedDependency[Engine],
) -> WitnessedNeighbour:
    """When the alarm was looked into and was honest: a restored backup, a new key. What was witnessed stays."""
    caller.hold(Role.operator)
    member = neighbour(engine, department)
    await witness_eras.renew(engine.pool, member, caller.actor, data.reason)
    [renewed] = await _told(engine, member)
    return renewed


async def _told(engine: Engine, *departments: str) -> list[WitnessedNeighbour]:
    held = await witness_eras.held(engine.pool, departments)
    return [WitnessedNeighbour.model_validate(one, from_attributes=True) for one in held]


ROUTES = Router("/operations/witness", route_handlers=[neighbours, renew], tags=["operations"])
