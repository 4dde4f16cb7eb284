"""Mandates as their parties see them, and those a death is to end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.identity.domain.events import MandateAddressed
from shared.contracts.event import Recorded
from shared.contracts.identity import (
    IdentityErased,
    MandateAccepted,
    MandateDeclined,
    MandateEnd,
    MandateEnded,
    MandateGiven,
)
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement

Status = Literal["offered", "accepted", "declined", "ended"]
MOST = 200  # mandates listed, those that are not over first

COLUMNS = """
mandate, principal, principal_name, agent, agent_name, matters, until, status, reason, given_at, changed_at, at_counter
"""
ORDER = "order by status in ('offered', 'accepted') desc, given_at desc, mandate limit $2"
GIVEN_BY = f"select {COLUMNS} from mandates_given where principal = $1 {ORDER}"  # noqa: S608 - constants only
ADDRESSED = f"""
select {COLUMNS} from mandates_given where addressee = $1 or (agent = $3 and status <> 'offered') {ORDER}
"""  # noqa: S608 - constants only
OPEN = "select count(*) from mandates_given where principal = $1 and status in ('offered', 'accepted')"
OF_THE_DEAD = """
select m.mandate, d.person, d.is_annulled from mandates_given m join the_dead d on d.person in (m.principal, m.agent)
where m.status in ('offered', 'accepted') order by m.mandate limit $1
"""


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case MandateGiven() as given:
            yield (
                "given",
                (
                    given.mandate,
                    given.principal,
                    given.principal_name,
                    given.agent,
                    given.agent_name,
                    list(given.matters),
                    given.until,
                    given.given_at,
                    given.recorded_by is not None,
                ),
            )
        case MandateAddressed(mandate=mandate, addressee=addressee):
            yield "addressed", (mandate, addressee)
        case MandateAccepted(mandate=mandate, agent=agent, agent_name=name, accepted_at=at):
            yield "answered", (mandate, agent, name, "accepted", at)
        case MandateDeclined(mandate=mandate, agent=agent, agent_name=name, declined_at=at):
            yield "answered", (mandate, agent, name, "declined", at)
        case MandateEnded(mandate=mandate, reason=reason, ended_at=at):
            yield "ended", (mandate, reason, at)
        case IdentityErased(person=person, also=also):
            yield "principal_forgotten", (person,)
            yield "agent_forgotten", (person,)
            yield "unnamed_agent_forgotten", ([*map(UUID, also)],)


MANDATES_GIVEN = ReadModel.beside(
    __file__,
    version=2,
    events=(MandateGiven, MandateAddressed, MandateAccepted, MandateDeclined, MandateEnded, IdentityErased),
    project=project,
)


@dataclass(frozen=True, slots=True)
class MandateRow:
    mandate: UUID
    principal: UUID
    principal_name: str
    agent: UUID | None
    agent_name: str
    matters: tuple[str, ...]
    until: date
    status: Status
    reason: MandateEnd | None
    given_at: datetime
    changed_at: datetime
    at_counter: bool


@dataclass(frozen=True, slots=True)
class OfTheDead:
    """`is_annulled`: the person's entry was."""

    mandate: UUID
    person: UUID
    is_annulled: bool


async def given_by(pool: Pool, principal: UUID) -> list[MandateRow]:
    """Those that are not over first, then the newest."""
    return [MandateRow(**row) for row in await pool.fetch(GIVEN_BY, principal, MOST)]


async def addressed_to(pool: Pool, person: UUID, addressee: UUID) -> list[MandateRow]:
    """As `given_by`: of this person's number, whatever the name; and those this person has answered."""
    return [MandateRow(**row) for row in await pool.fetch(ADDRESSED, addressee, MOST, person)]


async def open_of(pool: Pool, principal: UUID) -> int:
    """Mandates of the principal that are not over."""
    count: int = await pool.fetchval(OPEN, principal)
    return count


async def of_the_dead(pool: Pool, limit: int) -> Sequence[OfTheDead]:
    """Mandates that stand although one of their parties has died."""
    return [OfTheDead(**row) for row in await pool.fetch(OF_THE_DEAD, limit)]
