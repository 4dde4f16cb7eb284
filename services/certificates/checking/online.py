"""Checking with the department's own memory at hand."""

from dataclasses import dataclass
from datetime import date

from services.certificates.checking.evidence import Evidence
from services.certificates.checking.verdict import Verdict, judge
from services.certificates.read_models.certificates import CertificateRow, find_certificate
from shared.eventstore.database import Pool


@dataclass(frozen=True, slots=True)
class Checked:
    """`certificate`: what is known of it; None when what was shown cannot be believed, or is of none."""

    evidence: Evidence
    verdict: Verdict
    certificate: CertificateRow | None = None


async def check(pool: Pool, evidence: Evidence, today: date) -> Checked:
    if evidence.flaw is not None or evidence.identifier is None:
        return Checked(evidence, Verdict(evidence.flaw or "malformed", evidence.flawed_since))
    row = await find_certificate(pool, evidence.identifier)
    if row is not None and evidence.sha256 is not None and row.document not in (None, evidence.sha256):
        return Checked(evidence, Verdict("altered"))
    return Checked(evidence, judge(row.stands if row else None, today), row)
