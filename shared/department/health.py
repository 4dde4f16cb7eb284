"""How the department does, for load balancers, operators and `tongban status`."""

import asyncio

from litestar import Response, get
from litestar.di import NamedDependency
from pydantic import BaseModel

from shared.department.engine import Engine
from shared.department.problems import AWAY
from shared.department.responses import JsonResponse
from shared.department.tokens import ISSUER
from shared.messaging import parking

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
    subscriptions: dict[str, SubscriptionHealth]


@get("/health/live", tags=["health"], summary="进程在运行 / the process answers", sync_to_thread=False)
def live(engine: NamedDependency[Engine]) -> Live:
    return Live(department=engine.service.name)


@get("/health/ready", tags=["health"], summary="可以办理 / requests can be served (else 503)")
async def ready(engine: NamedDependency[Engine]) -> Response[Ready]:
    database, keys, waiting = await _look(engine)
    is_ready = database and (keys or engine.service.name == ISSUER)
    state = engine.state()
    told = Ready(
        department=engine.service.name,
        is_ready=is_ready,
        database=database,
        signing_keys=keys,
        is_leading=state.is_leading,
        broker_connected=state.broker_connected,
        subscriptions={
            name: SubscriptionHealth(
                checkpoint=subscription.checkpoint, trouble=subscription.trouble, parked=waiting.get(name, 0)
            )
            for name, subscription in state.subscriptions.items()
        },
    )
    return JsonResponse(told, status_code=200 if is_ready else 503)


async def _look(engine: Engine) -> tuple[bool, bool, dict[str, int]]:
    """Does the database answer, does it know a key to check tokens with, and how many events are parked by feed?"""
    try:
        async with asyncio.timeout(PATIENCE):
            return True, bool(await engine.pool.fetchval(KEYS_KNOWN)), await parking.count(engine.pool)
    except AWAY:
        return False, False, {}
