"""How the department does, for load balancers, operators and `tongban status`."""

import asyncio

from litestar import Response, get
from litestar.di import NamedDependency
from pydantic import BaseModel

from shared.department.engine import Engine
from shared.department.ledger import LedgerAlarm
from shared.department.problems import AWAY
from shared.department.responses import JsonResponse
from shared.department.tokens import ISSUER
from shared.eventstore import timers
from shared.eventstore.timers import TimersState
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


@get("/health/live", tags=["health"], summary="进程在运行 / the process answers", sync_to_thread=False)
def live(engine: NamedDependency[Engine]) -> Live:
    return Live(department=engine.service.name)


@get("/health/ready", tags=["health"], summary="可以办理 / requests can be served (else 503)")
async def ready(engine: NamedDependency[Engine]) -> Response[Ready]:
    database, keys, waiting, alarms, timers_state = await _look(engine)
    state = engine.state()
    is_ready = database and (keys or engine.service.name == ISSUER) and not state.is_superseded
    told = Ready(
        department=engine.service.name,
        is_ready=is_ready,
        database=database,
        signing_keys=keys,
        is_leading=state.is_leading,
        broker_connected=state.broker_connected,
        is_superseded=state.is_superseded,
        subscriptions={
            name: SubscriptionHealth(
                checkpoint=subscription.checkpoint, trouble=subscription.trouble, parked=waiting.get(name, 0)
            )
            for name, subscription in state.subscriptions.items()
        },
        ledger_alarms=alarms,
        timers=timers_state,
    )
    return JsonResponse(told, status_code=200 if is_ready else 503)


async def _look(engine: Engine) -> tuple[bool, bool, dict[str, int], list[LedgerAlarm], TimersState]:
    """Does the database answer, does it know a key to check tokens with, how many events are parked by feed, which
    alarms stand, and how do the timers do?"""
    try:
        async with asyncio.timeout(PATIENCE):
            keys = bool(await engine.pool.fetchval(KEYS_KNOWN))
            alarms = await witness_store.standing(engine.pool)
            told = [LedgerAlarm.model_validate(alarm, from_attributes=True) for alarm in alarms]
            return True, keys, await parking.count(engine.pool), told, await timers.count(engine.pool)
    except AWAY:
        return False, False, {}, [], TimersState()
