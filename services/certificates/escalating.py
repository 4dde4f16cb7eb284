"""From an overdue application to the people who are told, named as they are appointed at that moment.

Effectively once, because all of it follows from the event that the timer made; a leader's duty, like issuing.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from services.certificates.domain.application import APPLICATION
from services.certificates.domain.application_overdue import ApplicationOverdue
from services.certificates.domain.application_state import NotSubmitted, State
from services.certificates.domain.escalation import EscalateApplication
from services.certificates.domain.reviewer import Reviewer
from services.certificates.read_models.to_escalate import next_to_escalate
from shared.contracts.certificates import ReviewStep
from shared.contracts.identity import Role
from shared.department.staff import appointed_at
from shared.department.sweeping import Clock, go_through, utc_now
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.messaging.reacting import context_of

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Escalating:
    store: Store
    pool: Pool
    at_once: int = 100  # applications a page of the sweep

    async def escalate(self, application: UUID, now: datetime) -> bool:
        """Tell the level it went overdue to. False: it was decided or told meanwhile."""
        stream = APPLICATION.stream(application)
        loaded = await self.store.load(stream, APPLICATION)
        cause = next((event for event in reversed(loaded.events) if isinstance(event.data, ApplicationOverdue)), None)
        if cause is None or not isinstance(cause.data, ApplicationOverdue):
            return False
        told = await self._to_tell(cause.data, loaded.state)
        context = context_of(cause, self.store.registry.department, "escalate")
        done = await self.store.execute(stream, APPLICATION, EscalateApplication(told, now), context)
        return bool(done.events)

    async def _to_tell(self, overdue: ApplicationOverdue, state: State) -> tuple[UUID, ...]:
        """Those who hold the step's role there, and those who lead bodies of the issuing kind."""
        assert not isinstance(state, NotSubmitted)  # it went overdue
        division, kind = overdue.division, state.of.kind
        found = await appointed_at(self.pool, division, {overdue.role, Role.leader})
        step = ReviewStep(division=division, role=overdue.role)
        there = (Reviewer(staff, division, roles) for staff, roles in found.items())
        return tuple(one.id for one in there if one.holds(step, kind) or one.leads(division, kind))

    async def sweep(self, clock: Clock = utc_now) -> int:
        """Escalate whatever is overdue, the longest waiting first. Returns how many it escalated."""
        escalated = await go_through(
            "applications to escalate",
            next_to_escalate,
            lambda place: self.escalate(place.id, clock()),
            self.pool,
            clock,
            a_page=self.at_once,
        )
        if escalated:
            log.info("overdue applications escalated", applications=escalated)
        return escalated
