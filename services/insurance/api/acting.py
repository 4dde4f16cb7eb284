"""The person whose insurance a citizen looks after: themselves, or who gave them a mandate for it."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from litestar.params import QueryParameter

from shared.contracts.agency import Agency
from shared.contracts.errors import NotFound
from shared.department.caller import Caller
from shared.department.mandates import acts_for
from shared.eventstore.database import Pool

READ = "insurance.read"
CLAIM = "insurance.claim"
"""Matters of `matters.yaml`."""

Of = Annotated[UUID | None, QueryParameter(description="who gave the caller a mandate for this; by default oneself")]


@dataclass(frozen=True, slots=True)
class Acting:
    """`agency` None: the citizen acts for themselves."""

    person: UUID
    agency: Agency | None = None


async def acting_for(pool: Pool, caller: Caller, of: UUID | None, today: date, matter: str) -> Acting:
    """Raises NotAllowed for staff, NotFound for anybody who gave no such mandate."""
    citizen = caller.citizen()
    if of is None or of == citizen:
        return Acting(citizen)
    mandate = await acts_for(pool, citizen, of, today, matter)
    if mandate is None:
        raise NotFound(
            "no_such_mandate",
            "您没有此人现行有效的该项委托，请从“我的委托”中选择。",
            "You hold no such mandate of this person; please choose one of your mandates.",
        )
    return Acting(of, Agency(mandate.mandate, mandate.agent, mandate.agent_name))
