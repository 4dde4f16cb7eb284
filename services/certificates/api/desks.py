"""Through which channel somebody comes in: a citizen by the app, staff by the role they hold."""

from services.certificates.api.reviewing import held
from services.certificates.domain.desk import CHANNELS, Desk
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
    appointment = await find_appointment(pool, caller.id)
    return Desk(CHANNELS[role], caller.id, appointment.name if appointment else None)
