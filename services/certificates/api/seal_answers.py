"""How seals and signatures are shown: to everyone, as the registry is public, and their uses to their keepers."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from services.certificates.domain.seal_refusals import KIND, STATUS
from services.certificates.domain.seal_state import (
    Cancelled,
    Existing,
    Stopped,
    making_of,
    registration_of,
)
from services.certificates.read_models.seal_uses import UseRow
from services.certificates.read_models.seals import SealRow, Status
from shared.contracts.case_items import Words
from shared.department.answer import Answer, division_name, words


class SealListed(Answer):
    seal: UUID
    kind: Literal["seal", "signature"]
    kind_name: Words
    owner_name: str
    owner_code: str
    division: str
    division_name: str
    status: Status
    status_name: Words
    applied_at: datetime
    valid_to: datetime | None


class Seals(Answer):
    """The newest first. `next` goes back as `after`; null at the end."""

    seals: list[SealListed]
    next: str | None


def list_seal(row: SealRow) -> SealListed:
    return SealListed(
        seal=row.seal,
        kind=row.kind,
        kind_name=words(KIND[row.kind]),
        owner_name=row.owner_name,
        owner_code=row.owner_code,
        division=row.division,
        division_name=division_name(row.division),
        status=row.status,
        status_name=words(STATUS[row.status]),
        applied_at=row.applied_at,
        valid_to=row.valid_to,
    )


class SealShown(Answer):
    """The registry's entry. `certificates`: X.509 in PEM, its own first, then whoever certified it."""

    seal: UUID
    kind: Literal["seal", "signature"]
    kind_name: Words
    owner_name: str
    owner_code: str  # GB 32100 of a body, the staff id of an officer
    division: str
    division_name: str
    status: Status
    status_name: Words
    certificates: list[str]
    sm2_public_key: str | None
    image: str | None  # SHA-256
    valid_from: datetime | None
    valid_to: datetime | None
    applied_at: datetime
    made_at: datetime | None
    registered_at: datetime | None
    stopped_at: datetime | None
    cancelled_at: datetime | None
    reason: str | None  # why it is stopped or cancelled


def show_seal(state: Existing) -> SealShown:
    of, making, registration = state.of, making_of(state), registration_of(state)
    stop = state.stop if isinstance(state, Stopped) else None
    cancellation = state.cancellation if isinstance(state, Cancelled) else None
    ended = stop or cancellation
    return SealShown(
        seal=of.seal,
        kind=of.kind,
        kind_name=words(KIND[of.kind]),
        owner_name=of.owner_name,
        owner_code=of.owner_code,
        division=of.division,
        division_name=division_name(of.division),
        status=state.status,
        status_name=words(STATUS[state.status]),
        certificates=[making.certificate, making.issuer] if making else [],
        sm2_public_key=making.sm2_public_key if making else None,
        image=making.image if making else None,
        valid_from=making.valid_from if making else None,
        valid_to=making.valid_to if making else None,
        applied_at=of.applied_at,
        made_at=making.made_at if making else None,
        registered_at=registration.registered_at if registration else None,
        stopped_at=stop.stopped_at if stop else None,
        cancelled_at=cancellation.cancelled_at if cancellation else None,
        reason=ended.reason if ended else None,
    )


class UseListed(Answer):
    certificate: UUID
    digest: str  # SHA-256 of what was signed
    used_at: datetime


class Uses(Answer):
    """The newest first. `next` goes back as `after`; null at the end."""

    uses: list[UseListed]
    next: str | None


def list_use(row: UseRow) -> UseListed:
    return UseListed(certificate=row.certificate, digest=row.digest, used_at=row.used_at)
