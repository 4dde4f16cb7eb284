"""A death, or an annulled entry, ends the marriage: the leader's duty, so that a crash after it costs nothing."""

from dataclasses import dataclass

import structlog

from services.identity.domain.marriage import EndMarriage
from services.identity.marriages import Marriages
from services.identity.read_models.standing_marriages import widowed
from shared.contracts.errors import ConcurrencyConflict, Refused
from shared.contracts.event import Metadata
from shared.department.sweeping import utc_now
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool

log = structlog.get_logger(__name__)

PAGE = 100
ITSELF = Context(Metadata(actor="department:identity"))


@dataclass(frozen=True, slots=True)
class Widowing:
    marriages: Marriages
    pool: Pool

    async def sweep(self) -> int:
        """Returns how many marriages it ended."""
        ended = 0
        for one in await widowed(self.pool, PAGE):
            try:
                command = EndMarriage("annulled" if one.is_annulled else "death", one.died_on, utc_now())
                done = await self.marriages.end(one.marriage, command, ITSELF)
            except (ConcurrencyConflict, Refused):  # divorced at this very moment, or busy: the next sweep looks again
                log.info("a marriage could not be ended", marriage=str(one.marriage))
            else:
                ended += bool(done.events)
        return ended
