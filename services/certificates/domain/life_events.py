"""What the department keeps to itself of a certificate's life. Stored for ever: add optional fields, never rename,
retype or remove."""

from datetime import datetime
from uuid import UUID

from shared.contracts.certificates import RevocationReason
from shared.contracts.event import Event, Personal

# Stream `certificate-<certificate id>`


class RevocationProposed(Event):
    """Someone wants it revoked; another decides."""

    certificate: UUID
    reason: RevocationReason
    explanation: Personal[str]  # to the holder, should it be revoked
    proposed_by: UUID  # staff, or the holder
    proposed_at: datetime
    citizen: UUID | None = None


class RevocationDeclined(Event):
    """It is not revoked: another said no, or whoever proposed it took it back."""

    certificate: UUID
    explanation: Personal[str]
    declined_by: UUID
    declined_at: datetime
    citizen: UUID | None = None


class CorrectionDecided(Event):
    """It says something wrong; the next version, which says this, takes its place."""

    certificate: UUID
    form: Personal[dict[str, str]]  # all of it, as corrected
    reason: Personal[str]
    decided_by: UUID  # staff; of what followed from `cause`, who had decided the one before
    decided_at: datetime
    cause: UUID | None = None  # identity's event after which the register says otherwise
    citizen: UUID | None = None


class SuccessionSettled(Event):
    """Whatever this certificate took the place of no longer holds."""

    certificate: UUID


# Stream `change-<id of identity's event>`


class ChangeSettled(Event):
    """All certificates of this person were looked at in the light of the change."""

    person: UUID
    certificates: tuple[UUID, ...]  # that were suspended or revoked for it


PRIVATE_LIFE_EVENTS: tuple[type[Event], ...] = (
    RevocationProposed,
    RevocationDeclined,
    CorrectionDecided,
    SuccessionSettled,
    ChangeSettled,
)
