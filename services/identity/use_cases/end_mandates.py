"""Ends mandates of which a party has died: the leader's duty, so that a crash after the death costs nothing."""

from dataclasses import dataclass

import structlog

from services.identity.domain.mandate import MANDATE, EndByDeath
from services.identity.read_models.mandates_given import of_the_dead
from shared.contracts.errors import ConcurrencyConflict
from shared.contracts.event import Metadata
from shared.department.sweeping import Clock, utc_now
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store

log = structlog.get_logger(__name__)

PAGE = 100
ITSELF = Context(Metadata(actor="department:identity"))


@dataclass(frozen=True, slots=True)
class EndMandates:
    store: Store
    pool: Pool

    async def sweep(self, clock: Clock = utc_now) -> int:
        """Returns how many it ended."""
        ended = 0
        for one in await of_the_dead(self.pool, PAGE):
            command = EndByDeath(one.person, clock(), one.is_annulled)
            try:
                done = await self.store.execute(MANDATE.stream(one.mandate), MANDATE, command, ITSELF)
            except ConcurrencyConflict:  # busy at this very moment: the next sweep looks again
                log.info("a mandate could not be ended", mandate=str(one.mandate))
            else:
                ended += bool(done.events)
        return ended
