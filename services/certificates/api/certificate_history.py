"""What a certificate went through, event by event."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.certificates.domain.life_events import CorrectionDecided, RevocationDeclined, RevocationProposed
from shared.contracts.certificates import (
    CertificateExpired,
    CertificateIssued,
    CertificateReinstated,
    CertificateRevoked,
    CertificateSuperseded,
    CertificateSuspended,
)
from shared.contracts.event import Recorded
from shared.department.answer import Answer

What = Literal[
    "issued",
    "suspended",
    "reinstated",
    "revocation_proposed",
    "revocation_declined",
    "revoked",
    "correction_decided",
    "superseded",
    "expired",
]


class Passage(Answer):
    """`by`: who decided; null when it followed by itself. `cause`: another department's event it followed from.
    `identifier`: of the certificate that took its place, or whose place it took."""

    what: What
    at: datetime
    reason: str | None = None
    explanation: str | None = None
    by: UUID | None = None
    by_name: str | None = None  # of a member of staff
    cause: UUID | None = None
    identifier: str | None = None


class History(Answer):
    """The oldest first."""

    certificate: UUID
    identifier: str
    passages: list[Passage]


def passages(events: Sequence[Recorded], holder: UUID | None = None) -> list[Passage]:
    """To the `holder` only what was decided, and what he proposed himself; to reviewers all."""
    shown = []
    his = False
    for event in events:
        match event.data:
            case RevocationProposed(proposed_by=by):
                his = by == holder
                is_internal = not his
            case RevocationDeclined():
                is_internal = not his
            case CorrectionDecided():
                is_internal = True
            case _:
                is_internal = False
        passage = _passage(event)
        if passage and not (holder and is_internal):
            shown.append(passage)
    return shown


def named(passage: Passage, names: Mapping[UUID, str]) -> Passage:
    return passage.model_copy(update={"by_name": names.get(passage.by) if passage.by else None})


def _passage(event: Recorded) -> Passage | None:
    match event.data:
        case CertificateIssued(issued_at=at, reviewer=by, replaces_identifier=replaced):
            return Passage(what="issued", at=at, by=by, identifier=replaced)
        case CertificateSuspended() as e:
            return Passage(
                what="suspended",
                at=e.suspended_at,
                reason=e.reason,
                explanation=e.explanation,
                by=e.decided_by,
                cause=e.cause,
            )
        case CertificateReinstated() as e:
            return Passage(
                what="reinstated", at=e.reinstated_at, explanation=e.explanation, by=e.decided_by, cause=e.cause
            )
        case RevocationProposed() as e:
            return Passage(
                what="revocation_proposed",
                at=e.proposed_at,
                reason=e.reason,
                explanation=e.explanation,
                by=e.proposed_by,
            )
        case RevocationDeclined() as e:
            return Passage(what="revocation_declined", at=e.declined_at, explanation=e.explanation, by=e.declined_by)
        case CertificateRevoked() as e:
            return Passage(
                what="revoked",
                at=e.revoked_at,
                reason=e.reason,
                explanation=e.explanation,
                by=e.decided_by,
                cause=e.cause,
            )
        case CorrectionDecided() as e:
            return Passage(what="correction_decided", at=e.decided_at, explanation=e.reason, by=e.decided_by)
        case CertificateSuperseded() as e:
            return Passage(what="superseded", at=e.superseded_at, identifier=e.by_identifier)
        case CertificateExpired() as e:
            return Passage(what="expired", at=e.expired_at)
        case _:
            return None
