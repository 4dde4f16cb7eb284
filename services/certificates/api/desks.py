"""The channel a caller comes in by: a citizen by the app, staff by the role they hold."""

from uuid import UUID

from services.certificates.domain.desk import CHANNELS, Desk
from services.certificates.read_models.citizens import phone_of
from shared.department.powers import Power
from shared.department.staff import find_appointment
from shared.eventstore.database import Pool


async def desk_of(pool: Pool, power: Power) -> Desk:
    """Anybody may be served anywhere: the division does not matter. Of several roles the first of `CHANNELS` counts."""
    who = power.caller.id
    if power.caller.kind == "citizen":
        return Desk("app", who)
    channel = next(channel for role, channel in CHANNELS.items() if role in power.roles)
    return Desk(channel, who, await _verified_person(pool, who) if channel == "helper" else None)


async def _verified_person(pool: Pool, staff: UUID) -> UUID | None:
    """Who of the register a member of staff is, where their appointment says so and they have a verified account."""
    appointment = await find_appointment(pool, staff)
    person = appointment.person if appointment else None
    return person if person and await phone_of(pool, person) else None
