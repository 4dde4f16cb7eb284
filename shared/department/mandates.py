"""Who may act for whom, and in what, as identity told: mandates that were accepted and are not over.

Every department that honours mandates keeps this. What identity ended is gone the moment it is heard; a last day that
has passed counts even before identity is heard again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.contracts.event import Recorded
from shared.contracts.identity import IdentityErased, MandateAccepted, MandateEnded
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case MandateAccepted() as accepted:
            yield (
                "accepted",
                (
                    accepted.mandate,
                    accepted.principal,
                    accepted.principal_name,
                    accepted.agent,
                    accepted.agent_name,
                    list(accepted.matters),
                    accepted.until,
                ),
            )
        case MandateEnded(mandate=mandate):
            yield "ended", (mandate,)
        case IdentityErased(person=person):
            yield "principal_forgotten", (person,)
            yield "agent_forgotten", (person,)


MANDATES = ReadModel.beside(
    __file__, version=2, events=(MandateAccepted, MandateEnded, IdentityErased), project=project
)

ACTS_FOR = """
select mandate, principal, principal_name, agent, agent_name, matters, until from mandates
where agent = $1 and principal = $2 and matters && $3::text[] and until >= $4
order by until desc, mandate limit 1
"""


@dataclass(frozen=True, slots=True)
class Mandate:
    mandate: UUID
    principal: UUID
    principal_name: str
    agent: UUID
    agent_name: str
    matters: tuple[str, ...]
    until: date  # its last day


async def acts_for(pool: Pool, agent: UUID, principal: UUID, today: date, *matters: str) -> Mandate | None:
    """The mandate under which the agent may do this for the principal: any of these matters will do.

    Of several the one that holds longest. None: there is none, or it is over.
    """
    row = await pool.fetchrow(ACTS_FOR, agent, principal, list(matters), today)
    return Mandate(**dict(row) | {"matters": tuple(row["matters"])}) if row else None
