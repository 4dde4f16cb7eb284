"""Staff and their appointments, as identity told. Every department keeps this read model: a token may outlive an
appointment, and nobody is asked about it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.event import Recorded
from shared.contracts.identity import Role, StaffAppointed, StaffDismissed
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case StaffAppointed() as said:
            roles = sorted(said.roles)
            yield (
                "appointed",
                (said.staff, said.name, said.division, roles, said.department, said.appointed_at, said.person),
            )
        case StaffDismissed(staff=staff, dismissed_at=at):
            yield "dismissed", (staff, at)


STAFF = ReadModel.beside(__file__, version=3, events=(StaffAppointed, StaffDismissed), project=project)


@dataclass(frozen=True, slots=True)
class Appointment:
    """The last word about a member of staff."""

    name: str
    division: str
    roles: frozenset[Role]  # none once they were dismissed
    department: str | None
    at: datetime  # of the appointment or dismissal
    person: UUID | None = None  # who of the register they are, where identity told


async def find_appointment(pool: Pool, staff: UUID) -> Appointment | None:
    """None: nothing about them has arrived."""
    row = await pool.fetchrow("select name, division, roles, department, at, person from staff where staff = $1", staff)
    if row is None:
        return None
    roles = frozenset(map(Role, row["roles"]))
    return Appointment(row["name"], row["division"], roles, row["department"], row["at"], row["person"])


async def names_of(pool: Pool, staff: Collection[UUID]) -> dict[UUID, str]:
    """Names of those who are known."""
    rows = await pool.fetch("select staff, name from staff where staff = any($1)", list(staff))
    return {row["staff"]: row["name"] for row in rows}


async def appointed_at(pool: Pool, division: str, roles: Collection[str]) -> dict[UUID, frozenset[Role]]:
    """Holders of one of these roles for this very division, each with all of theirs, in the order of their ids."""
    rows = await pool.fetch(
        "select staff, roles from staff where division = $1 and roles && $2::text[] order by staff",
        division,
        list(roles),
    )
    return {row["staff"]: frozenset(map(Role, row["roles"])) for row in rows}
