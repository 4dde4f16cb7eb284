"""Papers that nobody used for long are swept away: first nobody can name them any more, an hour later the file goes.

The hour is for applications that were being checked in the moment of the first step. A file that comes again meanwhile
stays: it was stored anew.
"""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from services.certificates.domain.evidence import EVIDENCE, SweepEvidence, evidence_id
from services.certificates.read_models.uploads import swept_files, unused_since
from shared.contracts.event import Metadata
from shared.department import files
from shared.department.sweeping import Clock, utc_now
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Store

log = structlog.get_logger(__name__)

EVERY = 600.0  # seconds
GRACE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SweepingUploads:
    store: Store
    after: timedelta  # that a paper may lie unused
    at_once: int = 500

    async def sweep(self, clock: Clock = utc_now) -> None:
        now = clock()
        pool, metadata = self.store.pool, Metadata(actor=f"department:{self.store.registry.department}")
        unused = await unused_since(pool, now - self.after, self.at_once)
        for one in unused:
            stream = EVIDENCE.stream(evidence_id(one.uploaded_by, one.sha256))
            await self.store.execute(stream, EVIDENCE, SweepEvidence(now - self.after, now), Context(metadata))
        gone = await swept_files(pool, now - GRACE, self.at_once)
        for name in gone:
            await files.drop(pool, name, now - GRACE)
        if unused or gone:
            log.info("unused evidence swept away", papers=len(unused), files=len(gone))
