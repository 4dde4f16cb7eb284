"""Held payments (待核实), and how officers decided: by region, the longest waiting first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.insurance.domain.events import HeldDecisionProposed
from services.insurance.domain.insured_state import HeldStatus
from shared.contracts.event import Recorded
from shared.contracts.insurance import (
    ClaimHeld,
    HeldMatter,
    HeldRefused,
    HeldReleased,
    HeldWithdrawn,
    MaternityAllowanceHeld,
)
from shared.department.paging import Place
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement
from shared.standards.divisions import span


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case ClaimHeld() as of:
            amount = of.sheet.medfee_sumamt
            yield (
                "held",
                (of.held, of.person, "settlement", of.region, of.hospital, of.hospital_name, amount, of.held_at),
            )
        case MaternityAllowanceHeld() as of:
            yield "held", (of.allowance, of.person, "allowance", of.region, None, None, of.amount, of.held_at)
        case HeldDecisionProposed(held=held, decision=decision, proposed_by=proposed_by):
            yield "proposed", (held, decision, proposed_by)
        case HeldReleased(held=held, released_at=at):
            yield "decided", (held, "released", at)
        case HeldRefused(held=held, refused_at=at):
            yield "decided", (held, "refused", at)
        case HeldWithdrawn(held=held, withdrawn_at=at):
            yield "decided", (held, "withdrawn", at)


HELD = ReadModel.beside(
    __file__,
    version=1,
    events=(ClaimHeld, MaternityAllowanceHeld, HeldDecisionProposed, HeldReleased, HeldRefused, HeldWithdrawn),
    project=project,
)

OF_AREA = """
select held, person, matter, region, hospital_name, amount, status, decision, proposed_by, held_at, decided_at
from held
where region between $1 and $2 and ($3::text is null or status = $3) and (held_at, held) > ($4, $5)
order by held_at, held limit $6
"""


@dataclass(frozen=True, slots=True)
class HeldRow:
    held: UUID
    person: UUID
    matter: HeldMatter
    region: str
    hospital_name: str | None
    amount: Decimal
    status: HeldStatus
    decision: str | None  # proposed
    proposed_by: UUID | None
    held_at: datetime
    decided_at: datetime | None

    @property
    def place(self) -> Place:
        return Place(self.held_at, self.held)


async def held_in(pool: Pool, area: str, status: HeldStatus | None, *, after: Place, limit: int) -> list[HeldRow]:
    """Of the regions within an area, the longest waiting first."""
    return [HeldRow(**row) for row in await pool.fetch(OF_AREA, *span(area), status, *after, limit)]


async def person_of(pool: Pool, held: UUID) -> UUID | None:
    """Whose it is. None: there is no such."""
    person: UUID | None = await pool.fetchval("select person from held where held = $1", held)
    return person
