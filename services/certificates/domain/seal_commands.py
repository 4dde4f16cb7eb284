"""What may be asked of a seal or a signature, and by whom."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.certificates.domain.seal_state import Kind


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who keeps the registry within an area."""

    id: UUID
    area: str  # the division he serves


@dataclass(frozen=True, slots=True)
class Owner:
    """A body with its full legal name and credit code, or an officer with his name and staff id."""

    kind: Kind
    name: str
    code: str
    division: str

    @property
    def staff(self) -> UUID | None:
        return UUID(self.code) if self.kind == "signature" else None


@dataclass(frozen=True, slots=True)
class ApplyForSeal:
    seal: UUID
    owner: Owner
    keeper: Keeper
    now: datetime


@dataclass(frozen=True, slots=True)
class MakeSeal:
    """What was made of it: see SealMade."""

    certificate: str
    issuer: str
    sm2_public_key: str
    image: str
    valid_from: datetime
    valid_to: datetime
    keeper: Keeper
    now: datetime


@dataclass(frozen=True, slots=True)
class RegisterSeal:
    keeper: Keeper
    now: datetime


@dataclass(frozen=True, slots=True)
class StopSeal:
    reason: str
    keeper: Keeper
    now: datetime


@dataclass(frozen=True, slots=True)
class ResumeSeal:
    keeper: Keeper
    now: datetime


@dataclass(frozen=True, slots=True)
class CancelSeal:
    reason: str
    keeper: Keeper
    now: datetime


Later = MakeSeal | RegisterSeal | StopSeal | ResumeSeal | CancelSeal
Command = ApplyForSeal | Later
