"""Applying for a seal or a signature: who it is to belong to is looked up, then the seal decides."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.certificates.bodies import Bodies
from services.certificates.domain import seal_refusals as refusals
from services.certificates.domain.seal import SEAL, ids_for
from services.certificates.domain.seal_commands import ApplyForSeal, Keeper, Owner
from services.certificates.domain.seal_state import Applied, Kind, State
from services.certificates.images.handwriting import require_writable
from services.certificates.images.official_seal import require_drawable
from services.certificates.read_models import seals
from shared.department.staff import find_appointment
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Done, Store, repeated
from shared.standards.credit_code import CreditCode
from shared.standards.divisions import is_within
from shared.standards.person_name import is_same_name


@dataclass(frozen=True, slots=True)
class Wanted:
    """A body's seal: `division`, and code or name where the catalogue does not know them. An officer's: `staff`."""

    kind: Kind
    division: str | None = None
    credit_code: CreditCode | None = None
    staff: UUID | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class SealApplying:
    store: Store
    pool: Pool
    bodies: Bodies

    async def apply(self, wanted: Wanted, keeper: Keeper, now: datetime, context: Context) -> Done[State]:
        """Raises NotAllowed, NotFound, Invalid, NotValid; Refused "already_living"."""
        if repeat := await self._applied_before(context):
            return repeat
        owner = await self._owner(wanted, keeper)
        id = await self._next_id(owner)
        return await self.store.execute(SEAL.stream(id), SEAL, ApplyForSeal(id, owner, keeper, now), context)

    async def apply_or_go_on(self, wanted: Wanted, keeper: Keeper, now: datetime, context: Context) -> UUID:
        """The seal applied for, now or before; raises as `apply` when the living one is more than applied for."""
        owner = await self._owner(wanted, keeper)
        id = await self._next_id(owner)
        if not isinstance((await self.store.stand(SEAL.stream(id), SEAL)).state, Applied):
            await self.store.execute(SEAL.stream(id), SEAL, ApplyForSeal(id, owner, keeper, now), context)
        return id

    async def _next_id(self, owner: Owner) -> UUID:
        """The first id that is free, or that of the living one, which will refuse a second one."""
        known = await seals.statuses_of(self.pool, owner.kind, owner.code)
        return next(id for id in ids_for(owner.kind, owner.code) if known.get(id) != "cancelled")

    async def _owner(self, wanted: Wanted, keeper: Keeper) -> Owner:
        if wanted.kind == "signature":
            return await self._officer(wanted, keeper)
        if wanted.division is None:
            raise refusals.division_needed()
        owner = self.bodies.owner(wanted.division, wanted.credit_code, wanted.name)
        require_drawable(owner.name)
        return owner

    async def _officer(self, wanted: Wanted, keeper: Keeper) -> Owner:
        if wanted.staff is None:
            raise refusals.staff_needed()
        appointment = await find_appointment(self.pool, wanted.staff)
        if appointment is None or not appointment.roles or not is_within(appointment.division, keeper.area):
            raise refusals.no_such_staff()
        if wanted.name is not None and not is_same_name(wanted.name, appointment.name):
            raise refusals.wrong_name(appointment.name)
        require_writable(appointment.name)
        return Owner("signature", appointment.name, str(wanted.staff), appointment.division)

    async def _applied_before(self, context: Context) -> Done[State] | None:
        """The first outcome, when this request came before under its key. Raises KeyReused for another request."""
        if context.key is None:
            return None
        id = await seals.applied_by_event(self.pool, context.event_id(0))
        if id is None:
            return None
        return repeated(await self.store.load(SEAL.stream(id), SEAL), context)
