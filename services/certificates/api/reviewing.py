"""Whether a member of staff may review: by his token, and by what we heard of his appointment since."""

from services.certificates.domain.application import Reviewer
from services.certificates.read_models.reviewers import find_appointment
from shared.contracts.errors import NotAllowed
from shared.contracts.identity import Role
from shared.department.caller import Caller
from shared.eventstore.database import Pool
from shared.standards.divisions import is_within


async def reviewer_of(pool: Pool, caller: Caller) -> Reviewer:
    """Raises NotAllowed unless he is a reviewer where his token says. Not heard of yet: his token is enough."""
    area = caller.division or ""
    caller.serve(Role.reviewer, area)
    appointment = await find_appointment(pool, caller.id)
    if appointment and not (appointment.is_reviewer and is_within(area, appointment.division)):
        raise NotAllowed(
            "appointment_ended",
            "您在该地区的经办任职已变更，请重新登录；如仍不能办理，请联系管理员。",
            "You no longer review for this division; please sign in again, or ask your administrator.",
        )
    return Reviewer(caller.id, area)
