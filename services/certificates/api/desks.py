"""The channel a caller comes in by: a citizen by the app, staff by the role they hold."""

from uuid import UUID

from services.certificates.api.reviewing import held
from services.certificates.domain.desk import CHANNELS, Desk
from services.certificates.read_models.citizens import phone_of
from shared.contracts.identity import Role
from shared.department.caller import Caller
from shared.department.staff import find_appointment
from shared.eventstore.database import Pool


async def desk_of(pool: Pool, caller: Caller) -> Desk:
    """Anybody may be served anywhere: the division does not matter. Raises for staff what `counter_of` raises."""
    return Desk("app", caller.id) if caller.kind == "citizen" else await counter_of(pool, caller, *CHANNELS)


async def counter_of(pool: Pool, caller: Caller, *wanted: Role) -> Desk:
    """Of several roles the first of `wanted` counts. Raises what `held` raises."""
    _, roles = await held(pool, caller, frozenset(wanted))
    role = next(role for role in wanted if role in roles)
    channel = CHANNELS[role]
    return Desk(channel, caller.id, await _verified_person(pool, caller.id) if channel == "helper" else None)


async def _verified_person(pool: Pool, staff: UUID) -> UUID | None:
    """Who of the register a member of staff is, where their appointment says so and they have a verified account."""
    appointment = await find_appointment(pool, staff)
    person = appointment.person if appointment else None
    return person if person and await phone_of(pool, person) else None
