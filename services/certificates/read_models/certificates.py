"""The certificates that were issued: for their holders, and for whoever checks one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.certificates.checking.verdict import Life, Standing
from shared.contracts.certificates import (
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
from shared.standards.masking import masked

LATEST = Place.last()


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case CertificateIssued() as issued:
            yield (
                "issued",
                (
                    issued.certificate,
                    issued.application,
                    issued.citizen,
                    issued.certificate_type,
                    issued.identifier,
                    issued.number,
                    issued.issuing_body,
                    issued.issuing_body_code,
                    masked(issued.holder_name),
                    issued.valid_from,
                    issued.valid_to,
                    issued.issued_at,
                    issued.document,
                ),
            )
        case CertificateSuspended(certificate=certificate, suspended_at=at):
            yield "stands", (certificate, "suspended", at, None)
        case CertificateReinstated(certificate=certificate, reinstated_at=at):
            yield "stands", (certificate, "valid", at, None)
        case CertificateRevoked(certificate=certificate, revoked_at=at):
            yield "stands", (certificate, "revoked", at, None)
        case CertificateSuperseded(certificate=certificate, superseded_at=at, by_identifier=successor):
            yield "stands", (certificate, "superseded", at, successor)
        case CertificatesErased(person=person):
            yield "forgotten", (person, masked(""))


CERTIFICATES = ReadModel.beside(
    __file__,
    version=3,
    events=(
        CertificateIssued,
        CertificateSuspended,
        CertificateReinstated,
        CertificateRevoked,
        CertificateSuperseded,
        CertificatesErased,
    ),
    project=project,
)

COLUMNS = """
certificate, application, certificate_type, identifier, number, issuing_body, issuing_body_code, holder_masked,
valid_from, valid_to, issued_at, document, standing, since, superseded_by
"""
FIND = f"select {COLUMNS} from certificates where identifier = $1"  # noqa: S608 - constants only
LIST = f"""
select {COLUMNS} from certificates where citizen = $1 and (issued_at, certificate) < ($2, $3)
order by issued_at desc, certificate desc limit $4
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class CertificateRow:
    certificate: UUID
    application: UUID
    certificate_type: str
    identifier: str
    number: str
    issuing_body: str
    issuing_body_code: str
    holder_masked: str
    valid_from: date
    valid_to: date | None
    issued_at: datetime
    document: str | None
    standing: Life
    since: datetime | None
    superseded_by: str | None

    @property
    def place(self) -> Place:
        return Place(self.issued_at, self.certificate)

    @property
    def stands(self) -> Standing:
        return Standing(self.valid_from, self.valid_to, self.standing, self.since, self.superseded_by)


async def find_certificate(pool: Pool, identifier: str) -> CertificateRow | None:
    row = await pool.fetchrow(FIND, identifier)
    return CertificateRow(**row) if row else None


async def certificate_for(pool: Pool, application: UUID) -> UUID | None:
    """The latest version. None: not issued yet."""
    certificate: UUID | None = await pool.fetchval(
        "select certificate from certificates where application = $1 order by issued_at desc, certificate limit 1",
        application,
    )
    return certificate


async def certificates_of(pool: Pool, citizen: UUID, *, after: Place = LATEST, limit: int) -> list[CertificateRow]:
    """The newest first."""
    return [CertificateRow(**row) for row in await pool.fetch(LIST, citizen, *after, limit)]


async def types_held(pool: Pool, citizen: UUID, today: date) -> frozenset[str]:
    """Types of which he has a certificate that holds."""
    rows = await pool.fetch(
        "select distinct certificate_type from certificates where citizen = $1 and standing = 'valid'"
        " and coalesce(valid_to, $2) >= $2",
        citizen,
        today,
    )
    return frozenset(row["certificate_type"] for row in rows)
