"""What funds and personal accounts owe a hospital: settled in a month, less what was reversed in it."""

from collections.abc import Iterator
from decimal import Decimal

from services.insurance.domain.postings import month_of, owed_to_hospital
from shared.contracts.event import Recorded
from shared.contracts.insurance import ClaimSettled, SettlementReversed
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case (ClaimSettled() | SettlementReversed()) as data:
            yield "due", (event.id, data.hospital, month_of(data), owed_to_hospital(data))


HOSPITAL_DUES = ReadModel.beside(__file__, version=1, events=(ClaimSettled, SettlementReversed), project=project)


async def due_until(pool: Pool, hospital: str, month: str) -> Decimal:
    """All up to that month's end."""
    due: Decimal = await pool.fetchval(
        "select coalesce(sum(amount), 0) from hospital_dues where hospital = $1 and month <= $2", hospital, month
    )
    return due
