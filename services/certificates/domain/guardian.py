"""Who applied on line for his ward: he is told of everything beside the ward, until the ward is of age or the register
names him guardian no more."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.certificates.domain.dates import day_in_china
from shared.contracts.certificates import CertificateIssued
from shared.contracts.event import Event


class GuardianshipEnded(Event):
    """The register names him guardian no more: of this application, or certificate, he is told nothing further.

    Private to certificates. Stream `application-<id>` or `certificate-<id>`. Stored for ever: add optional fields,
    never rename, retype or remove.
    """

    guardian: UUID
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Guardian:
    person: UUID
    until: date  # the day on which the ward is of age


@dataclass(frozen=True, slots=True)
class EndGuardianship:
    guardian: UUID
    now: datetime


def still_guardian(guardian: Guardian | None, now: datetime) -> UUID | None:
    return guardian.person if guardian and day_in_china(now) < guardian.until else None


def guardian_of(issued: CertificateIssued, now: datetime) -> UUID | None:
    if issued.guardian is None or issued.guardian_until is None:
        return None
    return still_guardian(Guardian(issued.guardian, issued.guardian_until), now)


def end(guardian: UUID | None, command: EndGuardianship) -> list[Event]:
    """`guardian`: who is told at present."""
    if guardian != command.guardian:
        return []
    return [GuardianshipEnded(guardian=command.guardian, ended_at=command.now)]
