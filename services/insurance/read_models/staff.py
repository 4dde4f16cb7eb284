"""Who serves where (identity's staff). A token may outlive an appointment; this knows of its end."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from shared.contracts.event import Recorded
from shared.contracts.identity import StaffAppointed, StaffDismissed
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
    roles: frozenset[str]


async def find_appointment(pool: Pool, staff: UUID) -> Appointment | None:
    """None: nothing about him has arrived."""
    row = await pool.fetchrow("select name, division, roles from staff where staff = $1", staff)
    return Appointment(row["name"], row["division"], frozenset(row["roles"])) if row else None
