"""Who reviews where (identity's staff). A token may outlive an appointment; this knows of its end."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from shared.contracts.event import Recorded
from shared.contracts.identity import Role, StaffAppointed, StaffDismissed
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case StaffAppointed(staff=staff, name=name, roles=roles, division=division):
            yield "appointed", (staff, name, division, Role.reviewer in roles)
        case StaffDismissed(staff=staff):
            yield "dismissed", (staff,)


REVIEWERS = ReadModel.beside(__file__, version=1, events=(StaffAppointed, StaffDismissed), project=project)


@dataclass(frozen=True, slots=True)
class Appointment:
    """What we last heard of a member of staff."""

    name: str
    division: str
    is_reviewer: bool


async def find_appointment(pool: Pool, staff: UUID) -> Appointment | None:
    """None: nothing about him has arrived."""
    row = await pool.fetchrow("select name, division, is_reviewer from reviewers where staff = $1", staff)
    return Appointment(**row) if row else None
