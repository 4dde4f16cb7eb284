"""The registry of seals and signatures: for finding an owner's, and for anyone to look through."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.contracts.event import Recorded
from shared.contracts.seals import (
    SealApplied,
    SealCancelled,
    SealMade,
    SealRegistered,
    SealResumed,
    SealStopped,
)
from shared.department.paging import Place
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement
from shared.standards.divisions import span

LATEST = Place.last()
Status = Literal["applied", "made", "in_use", "stopped", "cancelled"]


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case SealApplied() as applied:
            yield (
                "applied",
                (
                    applied.seal,
                    applied.kind,
                    applied.owner_name,
                    applied.owner_code,
                    applied.division,
                    applied.applied_at,
                    event.id,
                ),
            )
        case SealMade(seal=seal, valid_to=valid_to):
            yield "made", (seal, valid_to)
        case SealRegistered(seal=seal) | SealResumed(seal=seal):
            yield "moved_on", (seal, "in_use")
        case SealStopped(seal=seal):
            yield "moved_on", (seal, "stopped")
        case SealCancelled(seal=seal):
            yield "moved_on", (seal, "cancelled")


SEALS = ReadModel.beside(
    __file__,
    version=1,
    events=(SealApplied, SealMade, SealRegistered, SealStopped, SealResumed, SealCancelled),
    project=project,
)

LIST = """
select seal, kind, owner_name, owner_code, division, status, applied_at, valid_to from seals
where division between $1 and $2 and ($3::text is null or kind = $3) and (applied_at, seal) < ($4, $5)
order by applied_at desc, seal desc limit $6
"""
CURRENT = """
select seal from seals where kind = $1 and owner_code = $2
order by status <> 'cancelled' desc, applied_at desc limit 1
"""


@dataclass(frozen=True, slots=True)
class SealRow:
    seal: UUID
    kind: Literal["seal", "signature"]
    owner_name: str
    owner_code: str
    division: str
    status: Status
    applied_at: datetime
    valid_to: datetime | None  # None: not made yet

    @property
    def place(self) -> Place:
        return Place(self.applied_at, self.seal)


async def seals_in(
    pool: Pool, area: str, *, kind: str | None = None, after: Place = LATEST, limit: int
) -> list[SealRow]:
    """Of a division and all below it, the newest first."""
    return [SealRow(**row) for row in await pool.fetch(LIST, *span(area), kind, *after, limit)]


async def current_seal(pool: Pool, kind: str, owner_code: str) -> UUID | None:
    """The living one, else the last that was cancelled. None: there never was one."""
    seal: UUID | None = await pool.fetchval(CURRENT, kind, owner_code)
    return seal


async def statuses_of(pool: Pool, kind: str, owner_code: str) -> dict[UUID, Status]:
    """All that an owner ever had."""
    rows = await pool.fetch("select seal, status from seals where kind = $1 and owner_code = $2", kind, owner_code)
    return {row["seal"]: row["status"] for row in rows}


async def applied_by_event(pool: Pool, event: UUID) -> UUID | None:
    """The seal that this event applied for."""
    seal: UUID | None = await pool.fetchval("select seal from seals where applied_event = $1", event)
    return seal
