"""How the department does, for load balancers, operators and `tongban status`.

Anyone may ask, so it tells codes, feeds and times, and no text of an exception. Numbers and reasons stand on the port
for metrics.
"""

from datetime import datetime

from litestar import Response, get
from litestar.di import NamedDependency
from pydantic import BaseModel

from shared.department.engine import Engine
from shared.department.ledger import LedgerAlarm
from shared.department.responses import JsonResponse
from shared.department.vital_signs import Code, Gravity, can_serve
from shared.department.vitals import Vitals
from shared.eventstore.timers import TimersState


class Live(BaseModel):
    """The process answers."""

    department: str


class SubscriptionHealth(BaseModel):
    checkpoint: int | None
    trouble: str | None  # why it stands still, if it does
    parked: int = 0  # events that could not be handled and wait for an operator, with those behind them


class HealthRemark(BaseModel):
    """Something that is not as it should be; docs/guides/runbook.md says what to do."""

    code: Code
    gravity: Gravity
    about: str  # a feed, a list, a duty, a neighbour; empty: the department
    since: datetime  # as far as is known


class Ready(BaseModel):
    """Ready when the database answers and tokens can be checked; the broker may be away at any time."""

    department: str
    is_ready: bool
    database: bool
    signing_keys: bool
    master_keys: bool = True  # false: KEY_MASTER_FILE holds none of those that stored keys are encrypted under
    is_leading: bool
    broker_connected: bool
    is_superseded: bool  # a newer release has taken over: end this instance
    is_stopping: bool = False  # it ends soon: send new requests elsewhere
    subscriptions: dict[str, SubscriptionHealth]
    ledger_alarms: list[LedgerAlarm]  # of neighbours that did not keep to their history
    phantoms: int = 0  # own events that followed from events taken back, and wait for officers: /operations/phantoms
    timers: TimersState
    stuck: int  # things that cannot be done now: /operations/stuck
    remarks: list[HealthRemark]  # the gravest first; requests are served all the same


@get("/health/live", tags=["health"], summary="进程在运行 / the process answers", sync_to_thread=False)
def live(engine: NamedDependency[Engine]) -> Live:
    return Live(department=engine.service.name)


@get("/health/ready", tags=["health"], summary="可以办理 / requests can be served (else 503)")
async def ready(engine: NamedDependency[Engine], vitals: NamedDependency[Vitals]) -> Response[Ready]:
    """What stands here is at most a few seconds old."""
    seen, state, remarks = await vitals.told()
    is_ready = can_serve(seen, state, engine.service.name)
    told = Ready(
        department=engine.service.name,
        is_ready=is_ready,
        database=seen.database,
        signing_keys=seen.database and seen.signing_keys,
        master_keys=not seen.masters.is_all,
        is_leading=state.is_leading,
        broker_connected=state.broker_connected,
        is_superseded=state.is_superseded,
        is_stopping=state.is_stopping,
        subscriptions={
            name: SubscriptionHealth(
                checkpoint=subscription.checkpoint, trouble=subscription.trouble, parked=seen.parked.get(name, 0)
            )
            for name, subscription in state.subscriptions.items()
        },
        ledger_alarms=[LedgerAlarm.model_validate(alarm, from_attributes=True) for alarm in seen.ledger_alarms],
        phantoms=seen.phantoms,
        timers=seen.timers,
        stuck=sum(one.things for one in seen.stuck.values()),
        remarks=[HealthRemark.model_validate(one, from_attributes=True) for one in remarks],
    )
    return JsonResponse(told, status_code=200 if is_ready else 503)
