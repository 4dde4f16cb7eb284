"""What certificates says of registered seals and signatures (印章、签名备案). Stream `seal-<seal id>`.

Stored for ever: add optional fields, never rename, retype or remove.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.contracts.event import Event
from shared.contracts.feed import Feed
from shared.standards.text import Text


class SealApplied(Event):
    """A body asks for its seal, or a member of staff for his handwritten signature."""

    seal: UUID
    kind: Literal["seal", "signature"]
    owner_name: str  # full legal name of the body; the officer's name, which is public
    owner_code: str  # GB 32100 of the body; the staff id of an officer
    division: str
    staff: UUID | None = None  # of a signature
    applied_by: UUID
    applied_at: datetime


class SealMade(Event):
    """Image, keys and certificate are there; the private keys stay with the key store."""

    seal: UUID
    certificate: str  # X.509, PEM, of the key that signs PDFs
    issuer: str  # X.509, PEM, of whoever certified it
    sm2_public_key: str  # uncompressed point, 130 hexadecimal digits
    image: str  # SHA-256 of the picture (SVG)
    valid_from: datetime
    valid_to: datetime
    made_at: datetime


class SealRegistered(Event):
    """Put on record with the authority; it may be used from now on."""

    seal: UUID
    registered_by: UUID
    registered_at: datetime


class SealStopped(Event):
    """It signs no more until it is resumed."""

    seal: UUID
    reason: str
    stopped_by: UUID
    stopped_at: datetime


class SealResumed(Event):
    """It may be used again."""

    seal: UUID
    resumed_by: UUID
    resumed_at: datetime


class SealCancelled(Event):
    """Its life is over; what it signed before stays signed."""

    seal: UUID
    reason: str
    cancelled_by: UUID
    cancelled_at: datetime


SEALS = Feed(
    "certificates",
    "seals",
    Text(zh="电子印章与签名备案", en="registered seals and signatures"),
    (SealApplied, SealMade, SealRegistered, SealStopped, SealResumed, SealCancelled),
)
