"""Who is guardian no more is told no more: the leader ends it wherever he acted, once the register names others."""

from dataclasses import dataclass

from services.certificates.domain.application import APPLICATION
from services.certificates.domain.certificate import CERTIFICATE
from services.certificates.domain.guardian import EndGuardianship
from services.certificates.read_models.acting_guardians import Former, replaced
from shared.contracts.event import Metadata
from shared.department.sweeping import Clock, go_through, utc_now
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store


@dataclass(frozen=True, slots=True)
class Unguarding:
    store: Store
    pool: Pool
    at_once: int = 100  # a page of the sweep

    async def sweep(self, clock: Clock = utc_now) -> int:
        """Returns how many it ended."""
        return await go_through(
            "guardianships to end",
            replaced,
            lambda former: self._end(former, EndGuardianship(former.guardian, clock())),
            self.pool,
            clock,
            a_page=self.at_once,
        )

    async def _end(self, former: Former, command: EndGuardianship) -> bool:
        context = Context(Metadata(actor=f"department:{self.store.registry.department}"))
        if former.kind == "application":
            done = await self.store.execute(APPLICATION.stream(former.id), APPLICATION, command, context)
            return bool(done.events)
        issued = await self.store.execute(CERTIFICATE.stream(former.id), CERTIFICATE, command, context)
        return bool(issued.events)
