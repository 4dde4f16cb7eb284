"""A member of staff as reviewer, with the roles that the powers table gives them for this act."""

from services.certificates.domain.reviewer import Reviewer
from shared.department.powers import Power


def reviewer_of(power: Power) -> Reviewer:
    """Raises NotAllowed for a citizen."""
    return Reviewer(power.caller.id, power.area, power.roles, power.caller.person)
