"""Corrections whose next version is not issued, and certificates whose predecessor still stands: to-do lists that are
empty but for moments, or after a crash."""

from collections.abc import Iterator

from services.certificates.domain.life_events import CorrectionDecided, SuccessionSettled
from shared.contracts.certificates import (
    CertificateExpired,
    CertificateIssued,
    CertificateRevoked,
    CertificateSuperseded,
)
from shared.contracts.event import Recorded
from shared.department.paging import Place
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case CorrectionDecided(certificate=certificate, decided_at=at):
            yield "to_correct", (certificate, at)
        case CertificateSuperseded(certificate=certificate):
            yield "corrected", (certificate,)
        case CertificateRevoked(certificate=certificate) | CertificateExpired(certificate=certificate):
            yield "corrected", (certificate,)
        case CertificateIssued(certificate=certificate, issued_at=at, replaces=replaced) if replaced:
            yield "to_settle", (certificate, at)
        case SuccessionSettled(certificate=certificate):
            yield "settled", (certificate,)


TO_REPLACE = ReadModel.beside(
    __file__,
    version=1,
    events=(
        CorrectionDecided,
        CertificateSuperseded,
        CertificateRevoked,
        CertificateExpired,
        CertificateIssued,
        SuccessionSettled,
    ),
    project=project,
)

NEXT_TO_CORRECT = """
select decided_at as at, certificate from corrections_to_make
where (decided_at, certificate) > ($1, $2) order by decided_at, certificate limit $3
"""
NEXT_TO_SETTLE = """
select issued_at as at, certificate from successions_to_settle
where (issued_at, certificate) > ($1, $2) order by issued_at, certificate limit $3
"""


async def next_to_correct(pool: Pool, *, after: Place, limit: int) -> list[Place]:
    """The longest waiting first; each place's id is the certificate that says something wrong."""
    return [Place(row["at"], row["certificate"]) for row in await pool.fetch(NEXT_TO_CORRECT, *after, limit)]


async def next_to_settle(pool: Pool, *, after: Place, limit: int) -> list[Place]:
    """The longest waiting first; each place's id is the certificate that took another's place."""
    return [Place(row["at"], row["certificate"]) for row in await pool.fetch(NEXT_TO_SETTLE, *after, limit)]
