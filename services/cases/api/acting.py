"""The person whose cases a citizen reads: themselves, or who gave them a mandate for it."""

from collections.abc import Collection
from datetime import date
from typing import Annotated
from uuid import UUID

from litestar.params import QueryParameter

from shared.contracts.errors import NotFound
from shared.department.caller import Caller
from shared.department.mandates import acts_for
from shared.eventstore.database import Pool

READ = "cases.read"
"""A matter of `matters.yaml`."""

Of = Annotated[UUID | None, QueryParameter(description="who gave the caller a mandate for this; by default oneself")]


async def reading_for(pool: Pool, caller: Caller, of: UUID | None, today: date) -> UUID:
    """Raises NotAllowed for staff, NotFound for anybody who gave no such mandate."""
    citizen = caller.citizen()
    if of is None or await reads_for(pool, citizen, [of], today):
        return of or citizen
    raise NotFound(
        "no_such_mandate",
        "您没有此人现行有效的该项委托，请从“我的委托”中选择。",
        "You hold no such mandate of this person; please choose one of your mandates.",
    )


async def reads_for(pool: Pool, citizen: UUID, concerned: Collection[UUID], today: date) -> bool:
    """Whether the citizen is one of those concerned, or reads for one of them under a mandate."""
    if citizen in concerned:
        return True
    for person in concerned:
        if await acts_for(pool, citizen, person, today, READ):
            return True
    return False
