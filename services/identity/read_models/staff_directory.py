"""Who serves where, and who did, as administrators see it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.identity.domain.events import StaffLoginGiven
from services.identity.read_models.place import Place, extent
from shared.contracts.event import Recorded
from shared.contracts.identity import Role, StaffAppointed, StaffDismissed
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement

PAGE = """
select staff, name, login, roles, division, department, appointed_at, dismissed_at
from staff_directory
where division between $1 and $2 and (division, staff) > ($3, $4)
order by division, staff
limit $5
"""


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case StaffAppointed() as staff:
            roles = sorted(staff.roles)
            yield "appointed", (staff.staff, staff.name, roles, staff.division, staff.appointed_at, staff.department)
        case StaffLoginGiven() as given:
            yield "login_given", (UUID(event.subject_id), given.login)
        case StaffDismissed() as staff:
            yield "dismissed", (staff.staff, staff.dismissed_at)


STAFF_DIRECTORY = ReadModel.beside(
    __file__, version=2, events=(StaffAppointed, StaffLoginGiven, StaffDismissed), project=project
)


@dataclass(frozen=True, slots=True)
class Row:
    staff: UUID
    name: str
    login: str | None
    roles: frozenset[Role]
    division: str
    department: str | None
    appointed_at: datetime
    dismissed_at: datetime | None


async def page(pool: Pool, division: str, after: Place | None, limit: int) -> Sequence[Row]:
    """Staff of a division and all within it, by division and staff id, beginning after a place."""
    first, last = extent(division)
    start = after or Place.first()
    rows = await pool.fetch(PAGE, first, last, start.division, start.id, limit)
    return [Row(**{**row, "roles": frozenset(Role(role) for role in row["roles"])}) for row in rows]
