"""Who serves where, as identity told: a read model for departments that ask. A token may outlive an appointment."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from uuid import UUID

from shared.contracts.event import Recorded
from shared.contracts.identity import Role, StaffAppointed, StaffDismissed
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case StaffAppointed(staff=staff, name=name, roles=roles, division=division):
            yield "appointed", (staff, name, division, sorted(roles))
        case StaffDismissed(staff=staff):
            yield "dismissed", (staff,)


STAFF = ReadModel.beside(__file__, version=1, events=(StaffAppointed, StaffDismissed), project=project)


@dataclass(frozen=True, slots=True)
class Appointment:
    """What we last heard of a member of staff."""

    name: str
    division: str
    roles: frozenset[Role]  # none once he was dismissed


async def find_appointment(pool: Pool, staff: UUID) -> Appointment | None:
    """None: nothing about him has arrived."""
    row = await pool.fetchrow("select name, division, roles from staff where staff = $1", staff)
    return Appointment(row["name"], row["division"], frozenset(map(Role, row["roles"]))) if row else None


async def appointed_at(pool: Pool, division: str, roles: Collection[str]) -> tuple[UUID, ...]:
    """Who holds one of these roles for this very division."""
    rows = await pool.fetch(
        "select staff from staff where division = $1 and roles && $2::text[] order by staff", division, list(roles)
    )
    return tuple(row["staff"] for row in rows)
