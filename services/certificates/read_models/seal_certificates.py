"""Which certificates of seals and signatures count no longer, for their issuer's revocation list."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal

from services.certificates.x509 import parsed
from shared.contracts.event import Recorded
from shared.contracts.seals import SealCancelled, SealMade, SealResumed, SealStopped
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    """What is cancelled while it is stopped counts no longer since it was stopped."""
    match event.data:
        case SealMade(seal=seal, certificate=certificate, issuer=issuer):
            yield "made", (seal, f"{parsed(certificate).serial_number:x}", _name(issuer))
        case SealStopped(seal=seal, stopped_at=at):
            yield "stopped", (seal, at)
        case SealResumed(seal=seal, resumed_at=at):
            yield "resumed", (seal, at)
        case SealCancelled(seal=seal, cancelled_at=at):
            yield "cancelled", (seal, at)


SEAL_CERTIFICATES = ReadModel.beside(
    __file__, version=1, events=(SealMade, SealStopped, SealResumed, SealCancelled), project=project
)

CHANGED = """
select serial, revoked, since, changes, changed_at from seal_certificates where issuer = $1 and changes > 0
order by since, serial
"""


@dataclass(frozen=True, slots=True)
class RevokedCertificate:
    serial: int
    revoked: Literal["hold", "for_good"]
    since: datetime


@dataclass(frozen=True, slots=True)
class Revocations:
    """Of one issuer. `changes` never goes back, whatever is lifted."""

    certificates: tuple[RevokedCertificate, ...]
    changes: int
    changed_at: datetime | None  # None: none ever was revoked


async def revocations_by(pool: Pool, issuer: str) -> Revocations:
    """`issuer`: X.509, PEM."""
    rows = await pool.fetch(CHANGED, _name(issuer))
    revoked = (
        RevokedCertificate(int(row["serial"], 16), row["revoked"], row["since"]) for row in rows if row["revoked"]
    )
    changes = sum(row["changes"] for row in rows)
    return Revocations(tuple(revoked), changes, max((row["changed_at"] for row in rows), default=None))


def _name(issuer: str) -> bytes:
    return sha256(issuer.encode("ascii")).digest()
