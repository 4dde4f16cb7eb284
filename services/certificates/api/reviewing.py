"""Whether a member of staff may do this: by his token, and by what we heard of his appointment since."""

from services.certificates.domain.reviewer import REVIEWING, Reviewer
from shared.contracts.errors import NotAllowed
from shared.contracts.identity import Role
from shared.department.caller import Caller
from shared.department.staff import find_appointment
from shared.eventstore.database import Pool
from shared.standards.divisions import is_within


async def reviewer_of(pool: Pool, caller: Caller) -> Reviewer:
    """With the reviewing roles he holds where his token says. Raises what `held` raises."""
    area, roles = await held(pool, caller, REVIEWING)
    return Reviewer(caller.id, area, roles)


async def held(pool: Pool, caller: Caller, wanted: frozenset[Role]) -> tuple[str, frozenset[Role]]:
    """His division, and those of the wanted roles that he holds there. Not heard of yet: his token is enough.

    Raises NotAllowed "role_needed" when he holds none, "appointment_ended" when he does no longer.
    """
    roles = caller.roles & wanted
    area = caller.hold(next(iter(roles or wanted)))
    appointment = await find_appointment(pool, caller.id)
    if appointment:
        roles &= appointment.roles
        if not roles or not is_within(area, appointment.division):
            raise NotAllowed(
                "appointment_ended",
                "您在该地区的任职已变更，请重新登录；如仍不能办理，请联系管理员。",
                "You no longer serve in this division as you did; please sign in again, or ask your administrator.",
            )
    return area, roles


def part_of(reviewer: Reviewer, division: str | None) -> str:
    """The part of his area that is asked about, all of it when none is named. Raises NotAllowed, NotValid."""
    if division is None:
        return reviewer.area
    if not reviewer.serves(division):
        raise NotAllowed(
            "outside_division",
            "该事项不在您负责的行政区划内，请转交当地经办人员。",
            "This lies outside your division; please pass it to the staff who serve there.",
        )
    return division
