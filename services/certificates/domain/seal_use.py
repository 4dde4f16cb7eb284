"""Whether a seal and a signature may sign, and that they did.

Both must be in use and in force at the moment of signing; what happens to them later is told separately.
"""

from datetime import datetime
from uuid import UUID

from services.certificates.domain import seal_refusals as refusals
from services.certificates.domain.seal_state import Applied, InUse, Kind, Made, NotApplied, State
from shared.contracts.event import Event
from shared.standards.divisions import is_within


class SealUsed(Event):
    """It signed something. Private; stands in the stream of the certificate it signed, beside CertificateIssued."""

    seal: UUID
    certificate: UUID
    digest: str  # SHA-256 of what was signed, 64 hexadecimal digits
    used_at: datetime


def require_usable(kind: Kind, state: State, now: datetime) -> InUse:
    """Raises Refused "no_seal", "no_signature", "seal_stopped", "seal_cancelled", "not_yet_valid", "seal_expired"."""
    match state:
        case NotApplied() | Applied() | Made():
            raise refusals.missing(kind)
        case InUse(of, making):
            if now < making.valid_from:
                raise refusals.not_yet_valid(of.seal, kind, making.valid_from)
            if now > making.valid_to:
                raise refusals.expired(of.seal, kind, making.valid_to)
            return state
        case _:
            raise refusals.unusable(state.of.seal, kind, state.status)


def require_pair(signature: InUse, seal: InUse) -> None:
    """A reviewer signs for his own body or one below it. Raises Refused "seal_of_another_body"."""
    if not is_within(seal.of.division, signature.of.division):
        raise refusals.of_another_body()
