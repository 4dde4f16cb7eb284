"""Who holds which certificate, and whether it holds: for its reviewers, and for what follows when a fact changes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.certificates.domain.life_events import CorrectionDecided, RevocationDeclined, RevocationProposed
from shared.contracts.certificates import (
    CertificateExpired,
    CertificateIssued,
    CertificateReinstated,
    CertificateRevoked,
    CertificatesErased,
    CertificateSuperseded,
    CertificateSuspended,
)
from shared.contracts.event import Recorded
from shared.department.paging import Place
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement
from shared.standards.divisions import span

Status = Literal["valid", "suspended", "revoked", "superseded", "expired"]


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case CertificateIssued() as issued:
            yield (
                "issued",
                (
                    issued.certificate,
                    issued.citizen,
                    issued.certificate_type,
                    issued.division,
                    issued.identifier,
                    issued.holder_name,
                    issued.valid_to,
                    issued.issued_at,
                    event.id,
                ),
            )
        case CertificateSuspended(certificate=certificate, reason=reason, decided_by=by, suspended_at=at):
            yield "stands", (certificate, "suspended", at if reason == "fact_changed" and by is None else None)
        case CertificateReinstated(certificate=certificate):
            yield "stands", (certificate, "valid", None)
        case CertificateRevoked(certificate=certificate):
            yield "stands", (certificate, "revoked", None)
        case CertificateSuperseded(certificate=certificate):
            yield "stands", (certificate, "superseded", None)
        case CertificateExpired(certificate=certificate):
            yield "stands", (certificate, "expired", None)
        case RevocationProposed(certificate=certificate):
            yield "revocation", (certificate, True)
        case RevocationDeclined(certificate=certificate):
            yield "revocation", (certificate, False)
        case CorrectionDecided(certificate=certificate):
            yield "correction", (certificate,)
        case CertificatesErased(person=person):
            yield "forgotten", (person,)


HOLDINGS = ReadModel.beside(
    __file__,
    version=3,
    events=(
        CertificateIssued,
        CertificateSuspended,
        CertificateReinstated,
        CertificateRevoked,
        CertificateSuperseded,
        CertificateExpired,
        RevocationProposed,
        RevocationDeclined,
        CorrectionDecided,
        CertificatesErased,
    ),
    project=project,
)

LIVING = """
select certificate, certificate_type, division, is_being_corrected, issued_at, issued_event, status, valid_to
from holdings
where citizen = $1 and status in ('valid', 'suspended') order by issued_at, certificate
"""
WITHIN = """
select certificate, certificate_type, identifier, division, holder_name, valid_to, issued_at, status,
       revocation_waits, is_being_corrected
from holdings
where division between $1 and $2 and certificate_type = any($3) and ($4::text is null or status = $4)
  and (not $5 or revocation_waits) and (issued_at, certificate) < ($6, $7)
order by issued_at desc, certificate desc limit $8
"""

TO_LOOK_AT = """
select certificate, certificate_type, identifier, division, holder_name, to_look_at_since as since
from holdings
where division between $1 and $2 and certificate_type = any($3)
  and to_look_at_since is not null and not is_being_corrected and (to_look_at_since, certificate) > ($4, $5)
order by to_look_at_since, certificate limit $6
"""


@dataclass(frozen=True, slots=True)
class Holding:
    """One that lives: valid or suspended, as far as events have told."""

    certificate: UUID
    certificate_type: str
    division: str
    is_being_corrected: bool
    issued_at: datetime
    issued_event: UUID
    status: Status
    valid_to: date | None

    def holds_on(self, day: date) -> bool:
        return self.status == "valid" and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class HeldWithin:
    """One that reviewers of a division look at."""

    certificate: UUID
    certificate_type: str
    identifier: str
    division: str
    holder_name: str
    valid_to: date | None
    issued_at: datetime
    status: Status
    revocation_waits: bool
    is_being_corrected: bool

    @property
    def place(self) -> Place:
        return Place(self.issued_at, self.certificate)


@dataclass(frozen=True, slots=True)
class ToLookAt:
    """One that a change of the register suspended, until its body looks at it."""

    certificate: UUID
    certificate_type: str
    identifier: str
    division: str
    holder_name: str
    since: datetime

    @property
    def place(self) -> Place:
        return Place(self.since, self.certificate)


async def living_of(pool: Pool, citizen: UUID) -> list[Holding]:
    """The oldest first."""
    return [Holding(**row) for row in await pool.fetch(LIVING, citizen)]


async def held_within(
    pool: Pool,
    division: str,
    types: Sequence[str],
    *,
    status: Status | None = None,
    waiting_only: bool = False,
    after: Place,
    limit: int,
) -> list[HeldWithin]:
    """Of these types, of a division and all within it, the newest first. `waiting_only`: a revocation waits."""
    first, last = span(division)
    rows = await pool.fetch(WITHIN, first, last, types, status, waiting_only, *after, limit)
    return [HeldWithin(**row) for row in rows]


async def to_look_at(pool: Pool, division: str, types: Sequence[str], *, after: Place, limit: int) -> list[ToLookAt]:
    """Of these types, of a division and all within it, the longest waiting first."""
    rows = await pool.fetch(TO_LOOK_AT, *span(division), types, *after, limit)
    return [ToLookAt(**row) for row in rows]
