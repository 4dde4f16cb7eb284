"""What was brought as evidence, and whether any application names it: for quotas, and for sweeping away the rest."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.certificates.domain.evidence import EvidenceStored, EvidenceSwept
from shared.contracts.certificates import ApplicationResubmitted, ApplicationSubmitted, CertificatesErased
from shared.contracts.event import Recorded
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case EvidenceStored(uploaded_by=person, sha256=name, size=size, stored_at=at):
            yield "stored", (person, name, size, at)
        case EvidenceSwept(uploaded_by=person, sha256=name, swept_at=at):
            yield "swept", (person, name, at)
        case ApplicationSubmitted(citizen=citizen, evidence=evidence, assistance=assistance):
            mandate = [assistance.mandate] if assistance and assistance.mandate else []
            yield from (("used", (name, citizen)) for name in [*evidence.values(), *mandate])
        case ApplicationResubmitted(citizen=citizen, evidence=evidence):
            yield from (("used", (name, citizen)) for name in evidence.values())
        case CertificatesErased(person=person):
            yield "forgotten", (person,)


UPLOADS = ReadModel.beside(
    __file__,
    version=2,
    events=(EvidenceStored, EvidenceSwept, ApplicationSubmitted, ApplicationResubmitted, CertificatesErased),
    project=project,
)

HELD = """
select coalesce(sum(size), 0)::bigint from uploads u
where uploaded_by = $1 and stored_at < $2 and swept_at is null
  and not exists (select from upload_uses s where s.sha256 = u.sha256)
"""
UNUSED = """
select uploaded_by, sha256 from uploads u
where stored_at < $1 and swept_at is null and not exists (select from upload_uses s where s.sha256 = u.sha256)
order by stored_at limit $2
"""
# a file may be somebody else's paper, or one that we issued: it is kept as long as anything names it
GONE = """
select distinct sha256 from uploads u
where swept_at < $1 and not exists (select from upload_uses s where s.sha256 = u.sha256)
  and not exists (select from uploads o where o.sha256 = u.sha256 and o.swept_at is null)
  and not exists (select from certificates c where c.document = u.sha256)
  and not exists (select from to_notify n where n.document = u.sha256)
  and exists (select from files f where f.sha256 = decode(u.sha256, 'hex'))
limit $2
"""


@dataclass(frozen=True, slots=True)
class Upload:
    uploaded_by: UUID
    sha256: str


async def unused_bytes(pool: Pool, person: UUID, before: datetime) -> int:
    """Of what he brought before a moment and no application names."""
    held: int = await pool.fetchval(HELD, person, before)
    return held


async def used_of(pool: Pool, names: Collection[str]) -> frozenset[str]:
    """Those that some application names."""
    rows = await pool.fetch("select sha256 from upload_uses where sha256 = any($1::text[])", list(names))
    return frozenset(row["sha256"] for row in rows)


async def unused_since(pool: Pool, before: datetime, limit: int) -> list[Upload]:
    """Brought before a moment, and named by no application; the oldest first."""
    return [Upload(**row) for row in await pool.fetch(UNUSED, before, limit)]


async def swept_files(pool: Pool, before: datetime, limit: int) -> list[str]:
    """SHA-256 of files that were swept before a moment and that nothing names."""
    return [row["sha256"] for row in await pool.fetch(GONE, before, limit)]
