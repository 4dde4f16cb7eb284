"""A dismissed officer's signature signs no more: it is stopped by itself, with the reason.

`sealing.signing_pair` refuses it from the moment that his dismissal is heard; the leader's sweep then stops it for its
keepers to see. Appointed again, he has it resumed by a keeper.
"""

from dataclasses import dataclass
from uuid import UUID, uuid5

import structlog

from services.certificates.domain.seal import NAMESPACE, SEAL
from services.certificates.domain.seal_commands import Keeper, StopSeal
from services.certificates.domain.seal_state import InUse
from services.certificates.read_models.to_stop import next_to_stop
from shared.contracts.event import Metadata
from shared.department.sweeping import Clock, go_through, utc_now
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store

log = structlog.get_logger(__name__)

ITSELF = uuid5(NAMESPACE, "department")
"""Who stopped it, where no keeper did."""
REASON = "持有人已离任，签名自动停用。 The officer was dismissed; his signature is stopped by itself."


@dataclass(frozen=True, slots=True)
class Dismissing:
    store: Store
    pool: Pool
    at_once: int = 100  # signatures a page of the sweep

    async def sweep(self, clock: Clock = utc_now) -> None:
        await go_through(
            "signatures to stop",
            next_to_stop,
            lambda place: self._stop(place.id, clock),
            self.pool,
            clock,
            a_page=self.at_once,
        )

    async def _stop(self, signature: UUID, clock: Clock) -> None:
        stream = SEAL.stream(signature)
        state = (await self.store.stand(stream, SEAL)).state
        if not isinstance(state, InUse):
            return
        command = StopSeal(REASON, Keeper(ITSELF, state.of.division), clock())
        metadata = Metadata(actor=f"department:{self.store.registry.department}")
        await self.store.execute(stream, SEAL, command, Context(metadata))
        log.info("signature of a dismissed officer stopped", seal=str(signature))
