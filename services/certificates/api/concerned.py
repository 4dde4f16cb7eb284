"""Who may look at an application: its citizen, his guardian, and who is concerned with reviewing it."""

from datetime import date

from services.certificates.api.reviewing import reviewer_of
from services.certificates.domain import refusals
from services.certificates.domain.application_state import Closed, NotSubmitted, Open, State
from services.certificates.domain.conversation import may_take_part
from services.certificates.guardianship import stands_for
from shared.department.caller import Caller
from shared.eventstore.database import Pool


async def seen_by(pool: Pool, caller: Caller, state: State, today: date) -> Open | Closed:
    """The application. Raises NotFound for who may not see it, as for one that does not exist."""
    if isinstance(state, NotSubmitted):
        raise refusals.no_such_application()
    if caller.kind == "citizen":
        may_see = await stands_for(pool, caller.id, state.of.citizen, today)
    else:
        may_see = may_take_part(state, await reviewer_of(pool, caller))
    if not may_see:
        raise refusals.no_such_application()
    return state
