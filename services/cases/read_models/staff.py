"""Who serves where (identity's staff): whom to tell by name."""

from collections.abc import Collection, Iterator
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


async def appointed_at(pool: Pool, division: str, roles: Collection[str]) -> tuple[UUID, ...]:
    """Who holds one of these roles for this very division."""
    rows = await pool.fetch(
        "select staff from staff where division = $1 and roles && $2::text[] order by staff", division, list(roles)
    )
    return tuple(row["staff"] for row in rows)
