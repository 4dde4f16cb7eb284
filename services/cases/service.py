"""The department's rooms, named."""

from functools import partial

from services.cases.api import ROUTES
from services.cases.definitions import definitions
from services.cases.domain.events import DeskItemRequested, FactsCompared
from services.cases.domain.overdue import CaseOverdue
from services.cases.erasing import ERASURE
from services.cases.escalating import Escalating
from services.cases.gauges import GAUGES
from services.cases.reactions import FOLLOW
from services.cases.read_models.births import BIRTHS
from services.cases.read_models.cases import CASES as CASES_AS_THEY_STAND
from services.cases.read_models.people import PEOPLE
from services.cases.read_models.rules import RULES
from services.cases.read_models.to_compare import OF_A_PERSON, TO_COMPARE
from services.cases.read_models.to_escalate import TO_ESCALATE
from services.cases.timers import OVERDUE, UNANSWERED
from services.cases.use_cases.comparing import Comparing
from shared.contracts.cases import CASES, CaseItemFinished
from shared.department.engine import Engine
from shared.department.mandates import MANDATES
from shared.department.powers import powers_beside
from shared.department.service import Service
from shared.department.settings import Settings
from shared.department.sweeping import keep_sweeping
from shared.messaging.erasure_request import PRIVATE_ERASURE_EVENTS


async def begin(engine: Engine, _settings: Settings) -> None:
    """Raises Misconfigured when a definition this release ships is not right."""
    definitions()
    escalating = Escalating(engine.store, engine.pool)
    engine.add_duty(partial(keep_sweeping, engine.waking(CaseOverdue), escalating.sweep))
    comparing = Comparing(engine.store, engine.pool, definitions())
    engine.add_duty(partial(keep_sweeping, engine.waking(*OF_A_PERSON, CaseItemFinished), comparing.sweep))


SERVICE = Service(
    CASES,
    private_events=(DeskItemRequested, CaseOverdue, FactsCompared, *PRIVATE_ERASURE_EVENTS),
    read_models=(PEOPLE, BIRTHS, MANDATES, RULES, CASES_AS_THEY_STAND, TO_ESCALATE, TO_COMPARE, ERASURE.read_model),
    reactions=(FOLLOW, *ERASURE.reactions),
    timers=(OVERDUE, UNANSWERED, ERASURE.timer),
    routes=(ROUTES,),
    powers=powers_beside(__file__),
    gauges=GAUGES,
    erasure=ERASURE,
    on_start=(begin, ERASURE.keep_erasing),
)
