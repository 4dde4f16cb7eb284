"""Births that wait for two officers (待核实), as registrars of the household's division see them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.identity.domain.events import (
    DeliveryBirthClaimed,
    DeliveryBirthFreed,
    DeliveryBirthHeld,
    HeldBirthDecided,
    HeldBirthProposalEnded,
    HeldBirthProposed,
    HeldDecision,
)
from services.identity.read_models.place import Place, extent
from shared.contracts.event import Recorded
from shared.contracts.identity import IdentityErased
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement

COLUMNS = """
newborn, mother, "case", born_on, birth_order, child_name, division, reasons, beside, held_at, proposal, decision,
reason, parentage_proof, proposed_by, is_over
"""
PAGE = f"""
select {COLUMNS} from held_births
where not is_over and division between $1 and $2 and (division, newborn) > ($3, $4)
order by division, newborn
limit $5
"""  # noqa: S608 - constants only
ONE = f"select {COLUMNS} from held_births where newborn = $1 order by is_over limit 1"  # noqa: S608 - constants only


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case DeliveryBirthHeld() as held:
            yield (
                "held",
                (
                    held.newborn,
                    held.mother,
                    held.case,
                    held.born_on,
                    held.order,
                    held.child_name,
                    held.division,
                    list(held.reasons),
                    list(held.beside),
                    held.held_at,
                    held.parentage_proof,
                ),
            )
        case HeldBirthProposed() as one:
            yield "proposed", (one.newborn, UUID(event.subject_id), one.proposal, one.decision, one.reason, one.by)
        case HeldBirthProposalEnded(newborn=newborn):
            yield "proposed", (newborn, UUID(event.subject_id), None, None, None, None)
        case (
            HeldBirthDecided(newborn=newborn)
            | DeliveryBirthClaimed(newborn=newborn)
            | DeliveryBirthFreed(newborn=newborn)
        ):
            yield "over", (newborn, UUID(event.subject_id))
        case IdentityErased(person=person, also=also):
            yield "forgotten", ([person, *map(UUID, also)],)


HELD_BIRTHS = ReadModel.beside(
    __file__,
    version=3,
    events=(
        DeliveryBirthHeld,
        HeldBirthProposed,
        HeldBirthProposalEnded,
        HeldBirthDecided,
        DeliveryBirthClaimed,
        DeliveryBirthFreed,
        IdentityErased,
    ),
    project=project,
)


@dataclass(frozen=True, slots=True)
class Row:
    """`proposal` and what follows: of the officer who proposes what to do. `is_over`: decided, withdrawn, or mended."""

    newborn: UUID
    mother: UUID
    case: UUID
    born_on: date
    birth_order: str
    child_name: str
    division: str
    reasons: list[str]
    beside: list[UUID]
    held_at: datetime
    proposal: UUID | None
    decision: HeldDecision | None
    reason: str | None
    proposed_by: UUID | None
    parentage_proof: str | None
    is_over: bool


async def page(pool: Pool, division: str, after: Place | None, limit: int) -> Sequence[Row]:
    """Of a division and all within it, by division and newborn, beginning after a place."""
    first, last = extent(division)
    start = after or Place.first()
    return [Row(**row) for row in await pool.fetch(PAGE, first, last, start.division, start.id, limit)]


async def one(pool: Pool, newborn: UUID) -> Row | None:
    row = await pool.fetchrow(ONE, newborn)
    return Row(**row) if row else None
