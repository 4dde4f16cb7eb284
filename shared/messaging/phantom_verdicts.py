"""Two officers decide about an own event that followed from a phantom: one proposes, another one confirms or refuses.
Whoever proposed may take it back, which is a refusal of their own.

Primary keys let one of several at once be first; that two different people confirm is a constraint of the table too.
"""

from uuid import UUID

import asyncpg
import structlog

from shared.contracts.errors import NotFound, Refused
from shared.eventstore.database import Pool
from shared.messaging import phantom_list
from shared.messaging.phantom_list import Followed, Verdict

log = structlog.get_logger(__name__)

PROPOSE = """
insert into phantom_proposals (event, nth, verdict, reason, proposed_by)
select $1, (select coalesce(max(nth), 0) + 1 from phantom_proposals where event = $1), $2, $3, $4
where not exists (
  select from phantom_proposals p left join phantom_answers a using (event, nth)
  where p.event = $1 and (a.is_confirmed or a.is_confirmed is null)
)
"""
ANSWER = """
insert into phantom_answers (event, nth, proposed_by, is_confirmed, decided_by) values ($1, $2, $3, $4, $5)
"""


async def propose(pool: Pool, event: UUID, verdict: Verdict, reason: str, by: str) -> Followed:
    """Raises NotFound, Refused."""
    found = await _found(pool, event)
    _require_undecided(found)
    if found.nth is not None:
        raise _meanwhile()
    try:
        done = await pool.execute(PROPOSE, event, verdict, reason, by)
    except asyncpg.UniqueViolationError:
        raise _meanwhile() from None
    if done == "INSERT 0 0":
        raise _meanwhile()
    log.info("verdict on what followed from a phantom proposed", event_id=str(event), verdict=verdict, by=by)
    return await _found(pool, event)


async def answer(pool: Pool, event: UUID, nth: int, by: str, *, is_confirmed: bool) -> Followed:
    """`nth`: the proposal that was looked at. Raises NotFound, Refused."""
    found = await _found(pool, event)
    _require_undecided(found)
    if found.nth != nth or found.proposed_by is None:
        raise _meanwhile()
    if is_confirmed and found.proposed_by == by:
        raise Refused(
            "another_officer_needed",
            "提出处理意见的人员不能自行确认，请由另一名人员确认；需要更改的，请退回后重新提出。",
            "Whoever proposed it may not confirm it; another officer has to. To change it, take it back by refusing it,"
            " and propose anew.",
        )
    try:
        await pool.execute(ANSWER, event, nth, found.proposed_by, is_confirmed, by)
    except asyncpg.UniqueViolationError:
        raise _meanwhile() from None
    log.info("verdict on what followed from a phantom", event_id=str(event), is_confirmed=is_confirmed, by=by)
    return await _found(pool, event)


async def _found(pool: Pool, event: UUID) -> Followed:
    found = await phantom_list.one(pool, event)
    if found is None:
        raise NotFound(
            "not_from_a_phantom",
            "该事件不是由已被收回的事件引起的，或者被收回的事件已经重新收到；请刷新清单。",
            "This event did not follow from an event that was taken back, or that one has come again; please look at"
            " the list again.",
        )
    return found


def _require_undecided(found: Followed) -> None:
    if found.decided_at is not None:
        raise Refused(
            "decided_already",
            "该事件已经两名人员处理完毕，无需再次办理。",
            "Two officers have decided about this event already; nothing is left to do.",
        )


def _meanwhile() -> Refused:
    return Refused(
        "proposal_changed",
        "该事件的处理意见刚才已有变化，请刷新后再办理。",
        "What is proposed about this event has just changed; please look again.",
    )
