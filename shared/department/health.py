"""How the department does, for load balancers, operators and `tongban status`."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from litestar import Response, get
from litestar.di import NamedDependency
from pydantic import BaseModel

from shared.department import stuck
from shared.department.engine import Engine
from shared.department.ledger import LedgerAlarm
from shared.department.responses import JsonResponse
from shared.department.tokens import ISSUER
from shared.eventstore import timers
from shared.eventstore.timers import TimersState
from shared.eventstore.transient import AWAY
from shared.messaging import parking, witness_store

PATIENCE = 2.0  # seconds for the database to answer

KEYS_KNOWN = "select exists (select from signing_keys where public_key is not null and retired_at is null)"


class Live(BaseModel):
    """The process answers."""

    department: str


class SubscriptionHealth(BaseModel):
    checkpoint: int | None
    trouble: str | None  # why it stands still, if it does
    parked: int = 0  # events that could not be handled and wait for an operator, with those behind them


class Ready(BaseModel):
    """Ready when the database answers and tokens can be checked; the broker may be away at any time."""

    department: str
    is_ready: bool
    database: bool
    signing_keys: bool
    is_leading: bool
    broker_connected: bool
    is_superseded: bool  # a newer release has taken over: end this instance
    subscriptions: dict[str, SubscriptionHealth]
    ledger_alarms: list[LedgerAlarm]  # of neighbours that did not keep to their history
    timers: TimersState
    stuck: int  # things that cannot be done now: /operations/stuck


@get("/health/live", tags=["health"], summary="进程在运行 / the process answers", sync_to_thread=False)
def live(engine: NamedDependency[Engine]) -> Live:
    return Live(department=engine.service.name)


@get("/health/ready", tags=["health"], summary="可以办理 / requests can be served (else 503)")
async def ready(engine: NamedDependency[Engine]) -> Response[Ready]:
    seen = await _look(engine)
    state = engine.state()
    is_ready = seen.database and (seen.signing_keys or engine.service.name == ISSUER) and not state.is_superseded
    told = Ready(
        department=engine.service.name,
        is_ready=is_ready,
        database=seen.database,
        signing_keys=seen.signing_keys,
        is_leading=state.is_leading,
        broker_connected=state.broker_connected,
        is_superseded=state.is_superseded,
        subscriptions={
            name: SubscriptionHealth(
                checkpoint=subscription.checkpoint, trouble=subscription.trouble, parked=seen.parked.get(name, 0)
            )
            for name, subscription in state.subscriptions.items()
        },
        ledger_alarms=seen.ledger_alarms,
        timers=seen.timers,
        stuck=seen.stuck,
    )
    return JsonResponse(told, status_code=200 if is_ready else 503)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the database says; as it stands here when it does not answer."""

    database: bool = False
    signing_keys: bool = False
    parked: Mapping[str, int] = field(default_factory=dict)  # events, by feed
    ledger_alarms: list[LedgerAlarm] = field(default_factory=list)
    timers: TimersState = field(default_factory=TimersState)
    stuck: int = 0


async def _look(engine: Engine) -> _Seen:
    try:
        async with asyncio.timeout(PATIENCE):
            alarms = await witness_store.standing(engine.pool)
            return _Seen(
                database=True,
                signing_keys=await engine.pool.fetchval(KEYS_KNOWN),
                parked=await parking.count(engine.pool),
                ledger_alarms=[LedgerAlarm.model_validate(alarm, from_attributes=True) for alarm in alarms],
                timers=await timers.count(engine.pool),
                stuck=await stuck.count(engine.pool),
            )
    except AWAY:
        return _Seen()
