"""Who may look at an application: its citizen, their guardian or agent, and who is concerned with reviewing it."""

from datetime import date

from services.certificates.api.reviewing import reviewer_of
from services.certificates.domain import refusals
from services.certificates.domain.application_state import Closed, NotSubmitted, Open, State
from services.certificates.domain.conversation import may_take_part
from services.certificates.guardianship import APPLY, READ, stands_for
from shared.contracts.agency import Agency
from shared.department.powers import Power
from shared.eventstore.database import Pool


async def seen_by(pool: Pool, power: Power, state: State, today: date) -> Open | Closed:
    """The application. Raises NotFound for who may not see it, as for one that does not exist."""
    seen, _ = await taken_part_in(pool, power, state, today, APPLY, READ)
    return seen


async def taken_part_in(
    pool: Pool, power: Power, state: State, today: date, *matters: str
) -> tuple[Open | Closed, Agency | None]:
    """The application, and the mandate for one of these matters under which the caller acts, if they do.

    Raises NotFound for who may not, as for an application that does not exist.
    """
    if isinstance(state, NotSubmitted):
        raise refusals.no_such_application()
    if power.caller.kind == "citizen":
        acting = await stands_for(pool, power.caller.id, state.of.citizen, today, *matters)
        if acting:
            return state, acting.agency
    elif may_take_part(state, reviewer_of(power)):
        return state, None
    raise refusals.no_such_application()
