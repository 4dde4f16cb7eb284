"""Of which applications and certificates a guardian is told, and whom of them the register names no more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.certificates.domain.guardian import GuardianshipEnded
from shared.contracts.certificates import ApplicationSubmitted, CertificateIssued
from shared.contracts.event import Recorded
from shared.department.paging import Place
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement

Kind = Literal["application", "certificate"]


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case ApplicationSubmitted(application=id, citizen=ward, guardian=UUID() as guardian, submitted_at=at):
            yield "acts", (id, "application", ward, guardian, at)
        case CertificateIssued(certificate=id, citizen=ward, guardian=UUID() as guardian, issued_at=at):
            yield "acts", (id, "certificate", ward, guardian, at)
        case GuardianshipEnded():
            yield "ended", (UUID(event.subject_id),)


ACTING_GUARDIANS = ReadModel.beside(
    __file__, version=1, events=(ApplicationSubmitted, CertificateIssued, GuardianshipEnded), project=project
)

REPLACED = """
select g.id, g.kind, g.guardian, g.since from acting_guardians g join people p on p.person = g.ward
where not (p.guardians @> array[g.guardian]) and (g.since, g.id) > ($1, $2)
order by g.since, g.id limit $3
"""


@dataclass(frozen=True, slots=True)
class Former:
    id: UUID  # of the application or certificate
    kind: Kind
    guardian: UUID
    since: datetime

    @property
    def place(self) -> Place:
        return Place(self.since, self.id)


async def replaced(pool: Pool, *, after: Place, limit: int) -> Sequence[Former]:
    """Guardians that the register names no more and who are told all the same."""
    return [Former(**row) for row in await pool.fetch(REPLACED, *after, limit)]
