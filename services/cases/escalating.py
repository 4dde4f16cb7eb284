"""From what is overdue to the people who are told, named as they are appointed at that moment: a leader's duty."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from services.cases.domain.bureau import is_of_the_bureau
from services.cases.domain.case import CASE
from services.cases.domain.overdue import CaseOverdue, Escalate
from services.cases.read_models.to_escalate import next_to_escalate
from shared.contracts.cases import CaseEscalated
from shared.contracts.event import Recorded
from shared.contracts.identity import Role
from shared.department.staff import appointed_at
from shared.department.sweeping import Clock, go_through, utc_now
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.messaging.reacting import context_of

log = structlog.get_logger(__name__)

TOLD = (Role.leader, Role.window)


@dataclass(frozen=True, slots=True)
class Escalating:
    store: Store
    pool: Pool
    at_once: int = 100  # cases a page of the sweep

    async def sweep(self, clock: Clock = utc_now) -> int:
        """Tell whomever is to be told. Returns how many were escalated."""
        escalated = await go_through(
            "cases to escalate",
            next_to_escalate,
            lambda place: self.escalate(place.id, clock()),
            self.pool,
            clock,
            a_page=self.at_once,
        )
        if escalated:
            log.info("overdue cases escalated", cases=escalated)
        return escalated

    async def escalate(self, case: UUID, now: datetime) -> int:
        """What went overdue in one case and was not told yet."""
        stream = CASE.stream(case)
        loaded = await self.store.load(stream, CASE)
        untold: dict[tuple[str | None, str], tuple[CaseOverdue, Recorded]] = {}
        for event in loaded.events:
            match event.data:
                case CaseOverdue() as overdue:
                    untold[overdue.item, overdue.level] = overdue, event
                case CaseEscalated(item=item, level=level):
                    untold.pop((item, level), None)
        escalated = 0
        for overdue, cause in untold.values():
            there = await appointed_at(self.pool, overdue.division, TOLD)
            people = tuple(staff for staff, roles in there.items() if is_of_the_bureau(roles, overdue.division))
            context = context_of(cause, self.store.registry.department, "escalate")
            done = await self.store.execute(stream, CASE, Escalate(overdue, people, now), context)
            escalated += len(done.events)
        return escalated
