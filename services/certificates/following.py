"""Living certificates: when identity tells that a fact changed, the certificates that rest on it follow by themselves.

A reaction cannot ask which certificates a person holds, so the leader sweeps what was heard, change by change. Every id
follows from identity's event and the certificate: a sweep cut short and begun anew does nothing twice. A change is
settled once all certificates of the person were looked at; one that is just being corrected keeps it open, because its
next version must be looked at, too.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.certificates.catalogue import Catalogue
from services.certificates.catalogue_now import with_published
from services.certificates.domain.certificate import CERTIFICATE
from services.certificates.domain.certificate_state import NotIssued
from services.certificates.domain.fact_change import Died, HearOfChange
from services.certificates.domain.settling import CHANGE, SettleChange
from services.certificates.read_models.changes import HeardChange, next_to_follow
from services.certificates.read_models.holdings import living_of
from services.certificates.read_models.people import find_person
from shared.contracts.event import Metadata
from shared.department.sweeping import Clock, go_through, utc_now
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store


@dataclass(frozen=True, slots=True)
class Following:
    store: Store
    pool: Pool
    catalogue: Catalogue  # as the release ships it
    at_once: int = 100  # changes a page of the sweep

    async def follow(self, heard: HeardChange, now: datetime) -> bool:
        """Whether the change is settled. Raises Misconfigured for a type the catalogue dropped, and what the store
        raises."""
        context = self._context(heard)
        holdings = [] if await self._is_withdrawn(heard) else await living_of(self.pool, heard.person)
        followed = [one.certificate for one in holdings if await self._tell(one.certificate, heard, now, context)]
        if any(one.is_being_corrected for one in holdings):
            return False
        command = SettleChange(heard.person, tuple(followed))
        await self.store.execute(CHANGE.stream(heard.event), CHANGE, command, context.step("settled"))
        return True

    async def _is_withdrawn(self, heard: HeardChange) -> bool:
        """A death whose record was withdrawn meanwhile suspends nothing any more."""
        if not isinstance(heard.change, Died):
            return False
        person = await find_person(self.pool, heard.person)
        return person is not None and person.died_on is None

    async def _tell(self, certificate: UUID, heard: HeardChange, now: datetime, context: Context) -> bool:
        """Whether it was suspended, or reinstated, for this change."""
        stream = CERTIFICATE.stream(certificate)
        state = (await self.store.load(stream, CERTIFICATE)).state
        if isinstance(state, NotIssued):
            return False
        of = state.as_issued
        catalogue = await with_published(self.catalogue, self.pool)
        type = catalogue.version(of.certificate_type, of.catalogue_version or 1)
        command = HearOfChange(heard.event, heard.change, type.rests_on, now)
        done = await self.store.execute(stream, CERTIFICATE, command, context.step(str(certificate)))
        return bool(done.events)

    def _context(self, heard: HeardChange) -> Context:
        return Context(
            metadata=Metadata(
                actor=f"department:{self.store.registry.department}",
                causation_id=str(heard.event),
                correlation_id=heard.story or str(heard.event),
            ),
            key=f"{heard.event}\nfollow",
        )

    async def sweep(self, clock: Clock = utc_now) -> int:
        """Follow whatever was heard, the oldest first. Returns how many changes are settled now."""
        return await go_through(
            "changes to follow",
            next_to_follow,
            lambda heard: self.follow(heard, clock()),
            self.pool,
            clock,
            a_page=self.at_once,
        )
