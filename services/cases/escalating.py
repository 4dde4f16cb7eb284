"""From what is overdue to the people who are told, named as they are appointed at that moment: a leader's duty."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import structlog

from services.cases.domain.case import CASE
from services.cases.domain.overdue import CaseOverdue, Escalate
from services.cases.read_models.staff import appointed_at
from services.cases.read_models.to_escalate import next_to_escalate
from shared.contracts.cases import CaseEscalated
from shared.contracts.errors import ConcurrencyConflict
from shared.contracts.identity import Role
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.messaging.reacting import context_of

log = structlog.get_logger(__name__)

EVERY = 1.0  # seconds between sweeps
TOLD = (Role.leader, Role.window)


@dataclass(frozen=True, slots=True)
class Escalating:
    store: Store
    pool: Pool
    at_once: int = 100  # cases a sweep

    async def sweep(self, now: datetime) -> int:
        """Tell whomever is to be told. Returns how many were escalated."""
        escalated = 0
        for case in await next_to_escalate(self.pool, self.at_once):
            try:
                escalated += await self.escalate(case, now)
            except ConcurrencyConflict:  # busy; the next sweep comes in a second
                log.info("escalation waits", case=str(case))
        return escalated

    async def escalate(self, case: UUID, now: datetime) -> int:
        """What went overdue in one case and was not told yet."""
        stream = CASE.stream(case)
        loaded = await self.store.load(stream, CASE)
        told = {(one.data.item, one.data.level) for one in loaded.events if isinstance(one.data, CaseEscalated)}
        escalated = 0
        for cause in loaded.events:
            overdue = cause.data
            if isinstance(overdue, CaseOverdue) and (overdue.item, overdue.level) not in told:
                people = await appointed_at(self.pool, overdue.division, TOLD)
                context = context_of(cause, self.store.registry.department, "escalate")
                await self.store.execute(stream, CASE, Escalate(overdue, people, now), context)
                escalated += 1
        return escalated

    async def keep_sweeping(self) -> None:
        """The leader's duty. Errors of the database end it together with the leadership."""
        while True:
            if escalated := await self.sweep(datetime.now(UTC)):
                log.info("overdue cases escalated", cases=escalated)
            await asyncio.sleep(EVERY)
